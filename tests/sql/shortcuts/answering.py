"""What a function's emission answers of many texts, to be held against its function in Python."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError
from lakelet.sql import functions as functions
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.registry import FUNCTIONS, NOT_CONSTANT, Call
from lakelet.types.parsing import parse_type

FAILED = object()
"""Stands for what fails."""


def emission(name: str, *constants: Any, of: str = "varchar", result: str = "varchar") -> str:
    """The SQL of a call over a column `x` of a type and constants behind it."""
    kinds = [parse_type("varchar" if isinstance(each, str) else "bigint") for each in constants]
    call = Call(
        name,
        ("x", *(quote(each) if isinstance(each, str) else str(each) for each in constants)),
        (parse_type(of), *kinds),
        parse_type(result),
        (NOT_CONSTANT, *constants),
    )
    return FUNCTIONS[name].emit(call)


def answered(engine: DuckDb, sql: str, texts: Sequence[Any]) -> list[Any]:
    """The value of an expression for each value of `x`."""
    rows = pyarrow.table({"x": pyarrow.array(texts)})
    return (
        engine.execute(f"SELECT {sql} AS y FROM rows", {"rows": rows}).read_all()["y"].to_pylist()
    )


def differences(
    engine: DuckDb, sql: str, function: Callable[[Any], Any], texts: Sequence[Any]
) -> list[tuple[Any, Any, Any]]:
    """The texts of which an expression says otherwise than a function: text, expected, given.

    Those of which the function fails are asked one by one: they must fail too.
    """
    expected = [_expected(function, each) for each in texts]
    sound = [i for i, each in enumerate(expected) if each is not FAILED]
    found = answered(engine, sql, [texts[i] for i in sound])
    wrong = [
        (texts[i], expected[i], given)
        for i, given in zip(sound, found, strict=True)
        if given != expected[i]
    ]
    unsound = [each for each, value in zip(texts, expected, strict=True) if value is FAILED]
    return wrong + [(each, "fails", "answers") for each in unsound if not _fails(engine, sql, each)]


def _expected(function: Callable[[Any], Any], text: Any) -> Any:
    if text is None:
        return None
    try:
        return function(text)
    except TrinoError:
        return FAILED


def _fails(engine: DuckDb, sql: str, text: Any) -> bool:
    try:
        answered(engine, sql, [text])
    except TrinoError:
        return True
    return False
