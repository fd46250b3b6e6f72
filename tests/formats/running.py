"""Makes a recorded table in a lake, asks its queries and says how the answers differ."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import lakelet
from lakelet.catalog import shapes
from lakelet.engines.answers import Lines, Written
from lakelet.errors import LakeletError, TrinoError
from lakelet.types.parsing import parse_type
from lakelet.types.python import rows as python_rows
from tests.formats.cases import Case
from tests.formats.files import written_difference
from tests.sql.comparing import canonical, rows_differ

BUCKET = "formats"
DATABASE = "formats"


def lake(data: Path | None = None) -> lakelet.Lake:
    """An empty lake that answers in Trino's dialect; `data` is its folder."""
    opened = lakelet.Lake(lakelet.Settings(data=data, port=0, dialect="trino"))
    opened.storage.create_bucket(BUCKET)
    opened.catalog.databases.create({"Name": DATABASE})
    return opened


def difference(case: Case, lake: lakelet.Lake) -> str | None:
    """What differs, in a few words; None when nothing does."""
    put(case, lake)
    return made(case, lake) or compared(case, lake)


def put(case: Case, lake: lakelet.Lake) -> None:
    """Writes a case's files."""
    for key, data in case.files():
        lake.storage.write(
            BUCKET, f"{case.id}/{key}", data.replace(b"${LOCATION}", folder(case).encode())
        )


def folder(case: Case) -> str:
    """The address of a case's folder."""
    return f"s3://{BUCKET}/{case.id}"


def compared(case: Case, lake: lakelet.Lake) -> str | None:
    """What differs of a table that is there."""
    return _written(case, lake) or _read(case, lake)


def made(case: Case, lake: lakelet.Lake) -> str | None:
    """Runs a case's DDL; what fails of it."""
    for statement in case.document.get("ddl", ()):
        try:
            _answer(case, lake, statement)
        except TrinoError as failure:
            return f"{statement.split()[0]} raises {_shown(failure)}"
    for given in case.document.get("partition_columns", ()):
        _own_columns(case, lake, given)
    return None


def _own_columns(case: Case, lake: lakelet.Lake, given: dict[str, Any]) -> None:
    """Gives a partition columns, or a format, that are not the table's, as Glue's UpdatePartition
    does."""
    found_table = lake.catalog.table(DATABASE, table(case))
    assert found_table is not None
    values = list(given["values"].values())
    found = lake.catalog.partitions_of.get(DATABASE, table(case), values)
    columns = [{"Name": name, "Type": of} for name, of in given["columns"]]
    storage = {**shapes.storage_document(found_table.storage), **found["StorageDescriptor"]}
    own = {"Columns": columns, **given.get("storage", {})}
    changed = {"Values": values, "StorageDescriptor": {**storage, **own}}
    lake.catalog.partitions_of.update(DATABASE, table(case), values, changed)


def _written(case: Case, lake: lakelet.Lake) -> str | None:
    for step in case.document.get("steps", ()):
        try:
            answer = _answer(case, lake, step["sql"])
        except TrinoError as failure:
            if failure.name != step.get("error"):
                return f"{step['sql'].split()[0]} raises {_shown(failure)}"
            continue
        if "error" in step:
            return f"{step['sql'].split()[0]} succeeds, where Trino raises {step['error']}"
        if isinstance(answer, Written) and answer.rows != step.get("rows_written", answer.rows):
            return f"{answer.rows} rows written, not {step['rows_written']}"
    expected = case.document.get("written")
    return (
        None
        if expected is None
        else written_difference(expected, lake, BUCKET, f"{case.id}/", (DATABASE, table(case)))
    )


def _read(case: Case, lake: lakelet.Lake) -> str | None:
    for query in case.document["queries"]:
        found = _query_difference(case, lake, query)
        if found is not None:
            return f"{found} [{query['sql']}]"
    return None


def _query_difference(case: Case, lake: lakelet.Lake, query: dict[str, Any]) -> str | None:
    try:
        columns, answered = rows(case, lake, query["sql"])
    except LakeletError as failure:
        if isinstance(failure, TrinoError) and failure.name == query.get("error"):
            return None
        instead = f" ({query['error']} in Trino)" if "error" in query else ""
        return f"raises {_shown(failure)}{instead}"
    if "error" in query:
        return f"no error, where Trino raises {query['error']}"
    expected = [(name.lower(), str(parse_type(of))) for name, of in query["columns"]]
    actual = [(column.name.lower(), str(column.type)) for column in columns]
    if actual != expected:
        return f"columns {actual}, not {expected}"
    types = [parse_type(of) for _, of in query["columns"]]
    wanted = _canonical([[placed(each, case) for each in row] for row in query["rows"]], types)
    got = _canonical(answered, types)
    if not rows_differ(wanted, got, in_order="ORDER BY" in query["sql"].upper()):
        return None
    for one, other in zip(wanted, got, strict=False):
        if one != other:
            return f"values {other}, not {one}"
    return f"{len(got)} rows, not {len(wanted)}"


def rows(case: Case, lake: lakelet.Lake, statement: str) -> tuple[Any, list[Any]]:
    """The columns and rows of a query's answer."""
    answer = _answer(case, lake, statement)
    assert not isinstance(answer, Lines | Written)
    return answer.columns, list(
        python_rows(answer.batches(), [column.type for column in answer.columns])
    )


def _answer(case: Case, lake: lakelet.Lake, statement: str) -> Any:
    given = case.document.get("session", {})
    session = replace(
        lake.session(DATABASE), compression=given.get("hive.compression_codec", "GZIP")
    )
    projected = "projection.enabled" in "".join(case.document.get("ddl", ()))
    if given.get("hive.ignore_absent_partitions") == "true" and not projected:
        session = replace(session, dialect="athena")
    run = lake.engine.prepare(placed(statement, case), session)
    return run.execute()


def placed(value: Any, case: Case) -> Any:
    """A recorded text with the table and its folder in their places."""
    if not isinstance(value, str):
        return value
    name = table(case)
    named = value.replace("${TABLE}", name).replace("${TABLE_NAME}", name)
    return named.replace("${SCHEMA}", DATABASE).replace("${LOCATION}", folder(case))


def table(case: Case) -> str:
    """Some cases are named as functions are, which a table may not be."""
    return f"t_{case.id}"


def _canonical(values: Sequence[Sequence[Any]], types: Sequence[Any]) -> list[list[Any]]:
    return [[canonical(value, of) for value, of in zip(row, types, strict=True)] for row in values]


def _shown(failure: Exception) -> str:
    name = failure.name if isinstance(failure, TrinoError) else type(failure).__name__
    return f"{name}: {str(getattr(failure, 'message', failure)).splitlines()[0]}"
