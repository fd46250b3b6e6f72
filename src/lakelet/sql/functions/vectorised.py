"""What families share: Arrow functions of single values' Python functions, and refusals.

pyarrow is imported when a query first needs such a function.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lakelet.errors import TrinoError
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.registry import NOT_CONSTANT, Call, Emit

if TYPE_CHECKING:
    from pyarrow import DataType


def rowwise(function: Callable[..., Any], result: "str | DataType") -> Callable[..., Any]:
    """The Arrow function that applies `function` to each row; NULL in any argument gives NULL.

    `result` is an Arrow type or its name.
    """
    import pyarrow

    of = pyarrow.type_for_alias(result) if isinstance(result, str) else result

    def run(*columns: Any) -> Any:
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        return pyarrow.array([None if None in row else function(*row) for row in rows], of)

    return run


def of_distinct(function: Callable[[Any], Any], result: str) -> Callable[[Any], Any]:
    """The Arrow function that applies `function` once to each distinct value of a column.

    `result` is the name of an Arrow type; NULL gives NULL.
    """
    import pyarrow

    of = pyarrow.type_for_alias(result)

    def run(chunked: Any) -> Any:
        encoded = chunked.combine_chunks().dictionary_encode()
        found = pyarrow.array(map(function, encoded.dictionary.to_pylist()), of)
        return found.take(encoded.indices)

    return run


def invalid(message: str) -> TrinoError:
    """What a Python function says of its arguments: INVALID_FUNCTION_ARGUMENT."""
    return TrinoError("INVALID_FUNCTION_ARGUMENT", message)


def refused(message: str, kind: str) -> str:
    """A text of a DuckDB type that raises INVALID_FUNCTION_ARGUMENT."""
    return refused_by(quote(message), kind)


def refused_by(message: str, kind: str, name: str = "INVALID_FUNCTION_ARGUMENT") -> str:
    """As `refused`; the message is SQL, and the error may have another name."""
    failed = f"trino_fail('{name}', {message})"
    direct = kind in ("BOOLEAN", "TINYINT", "INTEGER", "BIGINT", "DOUBLE", "VARCHAR")
    return f"CAST({failed} AS {kind})" if direct else f"CAST(CAST({failed} AS VARCHAR) AS {kind})"


def once(name: str) -> Emit:
    """An emission that calls a macro whose text uses its parameters more than once."""

    def emit(call: Call) -> str:
        return bound(call.arguments, lambda *arguments: f"{name}({', '.join(arguments)})")

    return emit


def strict(emit: Emit) -> Emit:
    """An emission whose work, where several arguments are columns, is for rows without a NULL: they
    give NULL, whatever the other arguments are."""

    def emit_strictly(call: Call) -> str:
        columns = [i for i, each in enumerate(call.constants) if each is NOT_CONSTANT]
        if len(columns) < 2:
            return emit(call)

        def body(*arguments: str) -> str:
            known = " AND ".join(f"{arguments[i]} IS NOT NULL" for i in columns)
            return f"CASE WHEN {known} THEN {emit(replace(call, arguments=arguments))} END"

        return bound(call.arguments, body)

    return emit_strictly


def by_kind(**emits: Emit | str) -> Emit:
    """An emission that the first argument's type decides: `by_kind(varbinary="f({0})", …)`;
    `varchar` stands for the types not named."""

    def emit(call: Call) -> str:
        chosen = emits.get(call.types[0].name, emits["varchar"])
        return chosen.format(*call.arguments) if isinstance(chosen, str) else chosen(call)

    return emit


def padded(call: Call, index: int = 0) -> str:
    """An argument's text; a char's with its trailing blanks, which are not stored."""
    of = call.types[index]
    if of.name != "char":
        return call.arguments[index]
    return f"rpad({call.arguments[index]}, {of.length}, ' ')"
