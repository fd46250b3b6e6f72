"""SHOW FUNCTIONS, which Athena leaves to its engine: a query over the registry of functions."""

import re
from collections.abc import Iterator
from typing import Final

from lakelet.loading import loading
from lakelet.sql.statements.model import ShowFunctions
from lakelet.sql.syntax.cursor import Cursor
from lakelet.types.quoting import quoted

_COLUMNS: Final = (
    "Function",
    "Return Type",
    "Argument Types",
    "Function Type",
    "Deterministic",
    "Description",
)
_CONSTRAINT: Final = re.compile(r":(?:orderable|comparable)")


def read_show_functions(text: str) -> ShowFunctions:
    """The functions that there are, a row a signature, perhaps of names that are LIKE a pattern.

    A schema has none of its own.
    """
    cursor = Cursor(text)
    cursor.expect("SHOW", "FUNCTIONS")
    conditions = []
    if cursor.take("FROM") or cursor.take("IN"):
        cursor.qualified_name()
        conditions.append("false")
    if cursor.take("LIKE"):
        pattern = f'"Function" LIKE {quoted(cursor.string())}'
        escape = f" ESCAPE {quoted(cursor.string())}" if cursor.take("ESCAPE") else ""
        conditions.append(f"{pattern}{escape}")
    cursor.end()
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    kept = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = f"(VALUES {', '.join(_rows())}) AS functions ({names})"
    return ShowFunctions(f"SELECT * FROM {rows}{kept} ORDER BY 1, 2, 3")


def _rows() -> Iterator[str]:
    with loading:
        from lakelet.sql.functions.registry import FUNCTIONS

    for function in FUNCTIONS.values():
        if function.kind == "operator":
            continue
        for signature in function.signatures:
            arguments, _, returned = signature.rpartition(") -> ")
            texts = (
                function.name,
                returned,
                _CONSTRAINT.sub("", arguments.removeprefix("(")),
                function.kind,
            )
            shown = ", ".join(map(quoted, texts))
            deterministic = "true" if function.deterministic else "false"
            yield f"({shown}, {deterministic}, {quoted(function.description)})"
