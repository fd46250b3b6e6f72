"""Keeps the recorded cases in step.

python -m tests.sql.record answers http://127.0.0.1:8080 tests/sql/functions/abs.test …
    asks a live Trino, whose memory catalogue holds the fixtures, and writes its answers
python -m tests.sql.record differences tests/sql/*/*.test
    marks the cases that differ from their answers, and unmarks those that no longer do
"""

import base64
import json
import re
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from lakelet.engines.duckdb import DuckDb
from lakelet.types import Type
from lakelet.types.parsing import parse_type
from tests.sql.cases import Answer, Case, read, write
from tests.sql.running import differences as differences_of
from tests.sql.tables import CATALOG, FIXTURES

REASON = 160
"""Characters of a reason."""

_POINTS: Final = re.compile(r"""'[^']*'|"[^"]*"|(?<![\w.])(?:\d+\.\d*|\.\d+)(?![\w.])""")
_UNNESTED: Final = re.compile(
    r"UNNEST\(([\w.]+)\)((?: WITH ORDINALITY)? (?:AS )?\w+ ?\()", re.IGNORECASE
)
"""Texts, names in quotes, and digits with a point."""


@click.group()
def record() -> None:
    """Recorded queries and Trino's answers."""


@record.command()
@click.argument("url")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
def answers(url: str, files: tuple[Path, ...]) -> None:
    """Fills in what a live Trino answers."""
    for path in files:
        cases = [_answered(url, case) for case in read(path)]
        write(path, cases)
        click.echo(f"{path}: {len(cases)} answers")


@record.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
def differences(files: tuple[Path, ...]) -> None:
    """Marks what differs; a mark that begins with `never` stays while it is true."""
    engine = DuckDb(folders=[FIXTURES], threads=1)
    for path in files:
        cases = list(read(path))
        marked = [_marked(case, engine) for case in cases]
        if marked != cases:
            write(path, marked)
            count = sum(case.differs is not None for case in marked)
            click.echo(f"{path}: {count} of {len(marked)} differ")


def _marked(case: Case, engine: DuckDb) -> Case:
    found, said = differences_of(case, engine)
    if found is None:
        return replace(case, differs=None, says=f"notyet, {said[:REASON]}" if said else None)
    case = replace(case, says=None)
    if case.differs and case.differs.startswith("never"):
        return case
    return replace(case, differs=f"notyet, {' '.join(found.split())[:REASON]}")


def _answered(url: str, case: Case) -> Case:
    day = datetime.now(UTC).date() if case.day else None
    query = _as_for_trino(case.query) if case.dialect == "athena" else case.query
    return replace(case, answer=ask(url, query, case.schema), day=day)


def _as_for_trino(query: str) -> str:
    """What Athena means by a query: digits with a point are doubles, and of an array that is
    unnested under names of its columns each row is a value."""
    query = _UNNESTED.sub(r"UNNEST(transform(\1, e -> ROW(e)))\2", query)
    return _POINTS.sub(lambda it: it[0] if it[0][0] in "'\"" else f"{it[0]}e0", query)


def ask(
    url: str,
    query: str,
    schema: str,
    catalog: str = CATALOG,
    session: Mapping[str, str] | None = None,
) -> Answer:
    """A live Trino's answer, with properties of the session."""
    properties = ",".join(f"{name}={value}" for name, value in (session or {}).items())
    headers = {
        "X-Trino-User": "record",
        "X-Trino-Catalog": catalog,
        "X-Trino-Schema": schema,
        "X-Trino-Session": properties,
        "X-Trino-Time-Zone": "UTC",
        # Without it every precision is shown as 3.
        "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
    }
    page = _page(urllib.request.Request(f"{url}/v1/statement", query.encode(), headers))
    columns: list[dict[str, Any]] = []
    data: list[list[Any]] = []
    while True:
        columns = page.get("columns") or columns
        data += page.get("data") or []
        if "error" in page:
            error = page["error"]
            return Answer(error=error["errorName"], message=" ".join(error["message"].split()))
        if "nextUri" not in page:
            break
        page = _page(urllib.request.Request(page["nextUri"], headers=headers))
    types = [parse_type(column["type"]) for column in columns]
    rows = tuple(
        tuple(_recorded(value, of) for value, of in zip(row, types, strict=True)) for row in data
    )
    names = tuple(column["name"] for column in columns)
    return Answer(names, tuple(map(str, types)), rows)


def _page(request: urllib.request.Request) -> dict[str, Any]:
    with urllib.request.urlopen(request) as response:
        page: dict[str, Any] = json.loads(response.read().decode("utf-8", "replace"))
    return page


def _recorded(value: Any, of: Type) -> Any:
    """A value of Trino's protocol in the form of the cases."""
    if value is None:
        return None
    if of.name == "varbinary":
        return base64.b64decode(value).hex()
    if of.name in ("real", "double"):
        return value if isinstance(value, str) else repr(value)
    if of.name == "array":
        return [_recorded(each, of.element) for each in value]
    if of.name == "row":
        return [_recorded(each, part) for each, part in zip(value, of.arguments, strict=True)]
    if of.name == "map":
        return [[_map_key(k, of.key), _recorded(v, of.value)] for k, v in value.items()]
    return value


def _map_key(text: str, of: Type) -> Any:
    """Keys come as texts, whatever their type."""
    if of.name in ("tinyint", "smallint", "integer", "bigint"):
        return int(text)
    return text == "true" if of.name == "boolean" else text


if __name__ == "__main__":
    record()
