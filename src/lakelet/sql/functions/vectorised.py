"""What families share: Arrow functions of single values' Python functions, and refusals.

pyarrow is imported when a query first needs such a function.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.binding import bound, failing
from lakelet.sql.functions.registry import NOT_CONSTANT, Call, Emit

if TYPE_CHECKING:
    from pyarrow import DataType


def rowwise(function: Callable[..., Any], result: "str | DataType") -> Callable[..., Any]:
    """The Arrow function that applies `function` to each row; NULL in any argument gives NULL.

    `result` is an Arrow type or its name. Where all columns but one are constants the function is
    asked once for values that repeat.
    """
    import pyarrow

    of = pyarrow.type_for_alias(result) if isinstance(result, str) else result

    def run(*columns: Any) -> Any:
        found = _by_values(function, columns, of)
        if found is not None:
            return found
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        return pyarrow.array([None if None in row else function(*row) for row in rows], of)

    return run


_FEW: Final = 16
"""Rows of which it does not pay to look for equal ones."""
_SAMPLE: Final = 64


def _by_values(function: Callable[..., Any], columns: Sequence[Any], of: Any) -> Any:
    """The function's answers of columns of which at most one varies; None of others."""
    import pyarrow

    if len(columns[0]) < _FEW or not all(_is_exact(column.type) for column in columns):
        return None
    encoded = [_encoded(column) for column in columns]
    varying = [i for i, each in enumerate(encoded) if each is None or not _is_constant(each)]
    if len(varying) > 1:
        return None
    at = varying[0] if varying else 0
    values = (columns[at] if encoded[at] is None else encoded[at].dictionary).to_pylist()
    before, after = (
        [each.dictionary[0].as_py() for each in part] for part in (encoded[:at], encoded[at + 1 :])
    )
    found = pyarrow.array(
        [None if each is None else function(*before, each, *after) for each in values], of
    )
    return found if encoded[at] is None else found.take(encoded[at].indices)


def _encoded(column: Any) -> Any:
    """The column's values, each once, and where they stand; None where its first ones hardly
    repeat."""
    first = column.slice(0, _SAMPLE).combine_chunks().dictionary_encode()
    if len(first.dictionary) * 2 > len(first):
        return None
    return column.combine_chunks().dictionary_encode()


def _is_constant(encoded: Any) -> bool:
    return len(encoded.dictionary) == 1 and not encoded.null_count


def _is_exact(of: Any) -> bool:
    """Whether values of an Arrow type that are equal are the same, which zeros with a sign are
    not."""
    from pyarrow import types

    return bool(types.is_string(of) or types.is_binary(of) or types.is_integer(of))


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
    failed = failing(name, message)
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
