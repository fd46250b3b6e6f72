"""Runs a recorded query and says how its answer differs from Trino's."""

from collections.abc import Sequence
from typing import Any

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError
from lakelet.types import Type
from lakelet.types.parsing import parse_type
from lakelet.types.python import rows
from tests.sql.cases import Answer, Case, compact
from tests.sql.comparing import canonical, rows_differ
from tests.sql.tables import compile_query


def difference(case: Case, engine: DuckDb) -> str | None:
    """What differs, in a few words; None when nothing does."""
    return differences(case, engine)[0]


def differences(case: Case, engine: DuckDb) -> tuple[str | None, str | None]:
    """What differs, and what is said instead where only an error's words do."""
    expected = case.answer
    try:
        names, types, answered = _run(case, engine)
    except TrinoError as failure:
        said = " ".join(str(failure).split())
        if failure.name == expected.error:
            return None, None if said == expected.message else said
        return f"raises {failure.name}: {failure.message.splitlines()[0]}", None
    return _difference(expected, case, names, types, answered), None


def _difference(
    expected: Answer, case: Case, names: list[str], types: list[Type], answered: list[Any]
) -> str | None:
    if expected.error is not None:
        return f"no error, where Trino raises {expected.error}"
    shown = [str(each) for each in types]
    if shown != list(expected.types):
        return f"types {', '.join(shown)}"
    if [name.lower() for name in names] != [name.lower() for name in expected.names]:
        return f"names {compact(names)}"
    return _row_difference(expected, case, types, answered)


def _row_difference(
    expected: Answer, case: Case, types: list[Type], answered: list[Any]
) -> str | None:
    recorded = _canonical(expected.rows, [parse_type(each) for each in expected.types])
    actual = _canonical(answered, types)
    if not rows_differ(recorded, actual, in_order=not case.rowsort):
        return None
    for wanted, got in zip(recorded, actual, strict=False):
        if wanted != got:
            return f"values {got}, not {wanted}"
    return f"{len(actual)} rows, not {len(recorded)}"


def _run(case: Case, engine: DuckDb) -> tuple[list[str], list[Type], list[Any]]:
    analysis, emission = compile_query(case.query, case.schema, case.day, case.dialect)
    types = [column.type for column in analysis.columns]
    with engine.session() as session:
        answered = list(rows(session.execute(emission.text), types))
    return [column.name for column in analysis.columns], types, answered


def _canonical(values: Sequence[Sequence[Any]], types: Sequence[Type]) -> list[list[Any]]:
    return [[canonical(value, of) for value, of in zip(row, types, strict=True)] for row in values]
