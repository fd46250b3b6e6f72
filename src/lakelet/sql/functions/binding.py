"""Uses an expression more than once without writing it, or computing it, more than once."""

import re
from collections.abc import Callable
from typing import Final

CAUGHT: Final = frozenset(
    (
        *("DIVISION_BY_ZERO", "INVALID_CAST_ARGUMENT", "INVALID_FUNCTION_ARGUMENT"),
        "NUMERIC_VALUE_OUT_OF_RANGE",
    )
)
"""The errors that TRY and TRY_CAST make NULL of."""

SHORT: Final = 100
"""Characters of arguments that are simply repeated; DuckDB then sees plain expressions."""

_PARAMETER: Final = re.compile(r"\b_p(\d+)\b")
_VOLATILE: Final = re.compile(r"\b(random|uuid|gen_random_uuid|trino_random\w*|trino_uuid)\(")


def failing(name: str, message: str) -> str:
    """An INTEGER that raises an error when a row evaluates it; `message` is SQL.

    TRY gets to see it only where it would catch it.
    """
    raised = "trino_fail" if name in CAUGHT else "trino_fail_anyway"
    return f"{raised}('{name}', {message})"


def row_by_row(value: str) -> str:
    """A list of one element that DuckDB makes for rows only.

    What depends on one column alone it computes for each entry of the column's dictionary in a
    Parquet file, those of no row and NULL too, unless part of it may fail; it believes that of a
    slice, but neither of a lambda's body nor of a Python function.
    """
    return f"[{value}][1:1]"


def bound(arguments: tuple[str, ...], body: Callable[..., str], *, once: bool = False) -> str:
    """The text of `body` over arguments that it may mention any number of times.

    Short ones are repeated, but for those that are to be computed `once`. Long or volatile ones
    become the parameter of a lambda over a list of one element, so that nesting neither doubles the
    text nor the work.
    """
    text = "".join(arguments)
    if len(text) <= SHORT and not once and not _VOLATILE.search(text):
        return body(*map(atom, arguments))
    name = parameter(text)
    if len(arguments) == 1:
        return f"list_transform({row_by_row(arguments[0])}, lambda {name}: {body(name)})[1]"
    packed = ", ".join(f"'a{i}': {each}" for i, each in enumerate(arguments))
    # In HAVING DuckDB takes `name.a0` for a column of a table.
    fields = (f"({name}).a{i}" for i in range(len(arguments)))
    one = row_by_row(f"{{{packed}}}")
    return f"list_transform({one}, lambda {name}: {body(*fields)})[1]"


_COALESCING: Final = re.compile(r"\b(coalesce\(|trino_)", re.IGNORECASE)


def attempted(sql: str) -> str:
    """An expression that is NULL where it fails.

    DuckDB 1.5 crashes when a COALESCE fails whose value would be that of TRY itself, as a macro's
    may be: it becomes an element of a list before.
    """
    return f"TRY([{sql}])[1]" if _COALESCING.search(sql) else f"TRY({sql})"


def parameter(text: str) -> str:
    """The name of a lambda's parameter that nothing in a text uses."""
    used = [int(number) for number in _PARAMETER.findall(text)]
    return f"_p{max(used, default=-1) + 1}"


_ATOM: Final = re.compile(r"""[\w.]+|'[^']*'|("[^"]*"|\w+)(\.("[^"]*"|\w+))*""")
_CALL: Final = re.compile(r"[\w.]*\(")
_STRING: Final = re.compile("'[^']*'|\"[^\"]*\"")


def atom(sql: str) -> str:
    """An expression that a point or a bracket may follow: in brackets unless it is one already."""
    if _ATOM.fullmatch(sql) or (_CALL.match(sql) and _closes_last(_STRING.sub("s", sql))):
        return sql
    return f"({sql})"


def _closes_last(sql: str) -> bool:
    """Whether the first bracket that opens closes at the very end."""
    depth = 0
    for i, character in enumerate(sql):
        depth += (character == "(") - (character == ")")
        if character == ")" and not depth:
            return i == len(sql) - 1
    return False


def applied(function: str, *values: str) -> str:
    """A lambda's body with its parameters bound to values, each of which is computed once."""
    head, body = function.removeprefix("lambda ").split(":", 1)
    text = body.strip()
    for name, value in reversed(list(zip(head.split(", "), values, strict=True))):
        text = f"list_transform({row_by_row(value)}, lambda {name}: {text})[1]"
    return text
