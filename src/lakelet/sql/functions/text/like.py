"""Patterns of LIKE: what may follow an escape character."""

from typing import Any, Final

from lakelet.sql.functions.registry import macro
from lakelet.sql.functions.vectorised import refused

_LONG: Final = refused("Escape string must be a single character", "VARCHAR")
_LOOSE: Final = refused(
    "Escape character must be followed by '%', '_' or the escape character itself", "VARCHAR"
)

macro(
    # Without what is escaped, from the left on, no escape may be left.
    "trino_like_pattern",
    f"(p, e) AS CASE WHEN length(e) <> 1 THEN {_LONG} WHEN contains("
    "replace(replace(replace(p, e || e, ''), e || '%', ''), e || '_', ''), e)"
    f" THEN {_LOOSE} ELSE p END",
)


def escapes_well(pattern: Any, escape: Any) -> bool:
    """Whether two constants are a pattern and its escape character."""
    if not (isinstance(pattern, str) and isinstance(escape, str) and len(escape) == 1):
        return pattern is None or escape is None
    letters = iter(pattern)
    return all(next(letters, "") in ("%", "_", escape) for each in letters if each == escape)
