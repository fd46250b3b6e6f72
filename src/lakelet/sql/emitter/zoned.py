"""The instant and the zone of a timestamp with time zone, as DuckDB SQL.

Where the zone is a constant they are seen in the text: as part of a struct DuckDB would take the
zone for a value of each row, and set a calendar for each.
"""

import re
from collections.abc import Callable
from typing import Final

from lakelet.sql.functions.binding import atom, bound
from lakelet.types.duckdb import is_fine
from lakelet.types.model import Type

_ZONED: Final = re.compile(r"trino_zoned\((.*), ('[^']*')\)", re.DOTALL)


def _parts(sql: str) -> tuple[str, str] | None:
    found = _ZONED.fullmatch(sql)
    return (found[1], found[2]) if found and atom(sql) == sql else None


def instant(sql: str) -> str:
    """The instant of a value."""
    parts = _parts(sql)
    return atom(parts[0]) if parts else f"{atom(sql)}.instant"


def with_parts(sql: str, body: Callable[[str, str], str]) -> str:
    """The text of `body` over instant and zone, which it may mention any number of times."""
    parts = _parts(sql)
    if parts is None:
        return bound((sql,), lambda value: body(f"{value}.instant", f"{value}.zone"))
    return bound((parts[0],), lambda moment: body(moment, parts[1]))


def local(moment: str, zone: str, of: Type) -> str:
    """What the clock of a zone shows at an instant."""
    if is_fine(of) or not _CONSTANT.fullmatch(zone) or zone[1] in "+-":
        return f"trino_local{'_ps' if is_fine(of) else ''}({moment}, {zone})"
    if zone == "'UTC'":
        return f"CAST({moment} AS TIMESTAMP)"
    return f"trino_region_local({moment}, {zone})"


def apart(sql: str) -> tuple[str, Callable[[str], str]]:
    """What of a value is to be computed once, and the value of that."""
    parts = _parts(sql)
    if parts is None:
        return sql, str
    zone = parts[1]
    return parts[0], lambda moment: f"trino_zoned({moment}, {zone})"


def of_clock(clock: str, zone: str, of: Type) -> str:
    """The value of a zone whose clock shows a timestamp; `of` tells the digits of both."""
    name = "_ps" if is_fine(of) else ""
    if not _CONSTANT.fullmatch(zone):
        return f"trino_zoned_clock{name}({clock}, {zone})"
    return bound((clock,), lambda c: f"trino_zoned(trino_instant{name}({c}, {zone}), {zone})")


_CONSTANT: Final = re.compile("'[^']*'")
