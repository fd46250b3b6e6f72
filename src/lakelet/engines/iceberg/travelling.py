"""FOR TIMESTAMP | VERSION AS OF: the snapshot that a query looks at."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lakelet.engines.iceberg.metadata import IcebergTable
from lakelet.errors import TrinoError
from lakelet.model import Document
from lakelet.sql import tree
from lakelet.sql.metadata import Version
from lakelet.types.model import timestamp

Evaluate = Callable[[str], Any]
"""The value of DuckDB's SQL of a constant."""


def travelled(table: IcebergTable, version: Version, evaluate: Evaluate) -> IcebergTable:
    """The table as it was; raises TrinoError where it was not there yet."""
    find = _at_moment if version.kind == "TIMESTAMP" else _of_version
    return replace(table, at=find(table, version.value, evaluate), travelled=True)


def _at_moment(table: IcebergTable, pointer: tree.Expression, evaluate: Evaluate) -> Document:
    from lakelet.sql.emitter.casts import cast
    from lakelet.sql.emitter.text import display

    sql, of = _emitted(pointer), pointer.type
    instant = f"({cast(sql, of, timestamp(6, zone=True))}).instant"
    micros = evaluate(f"epoch_us({instant})")
    if micros > datetime.now(UTC).timestamp() * 1_000_000:
        message = f"Pointer value '{evaluate(display(sql, of))}' is not in the past"
        raise TrinoError("INVALID_ARGUMENTS", message)
    log = table.document.get("snapshot-log") or ()
    found = [each for each in log if each["timestamp-ms"] * 1000 <= micros]
    snapshot = table.snapshot(found[-1]["snapshot-id"]) if found else None
    if snapshot is None:
        moment = datetime.fromtimestamp(micros / 1_000_000, UTC)
        shown = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
        raise TrinoError(
            "INVALID_ARGUMENTS",
            f'No version history table {table.database}."{table.name}" at or before'
            f" {shown.replace('+00:00', 'Z')}",
        )
    return snapshot


def _of_version(table: IcebergTable, version: tree.Expression, evaluate: Evaluate) -> Document:
    of = version.type.name
    if of not in ("bigint", "varchar"):
        message = f"Unsupported type for table version: {version.type}"
        raise TrinoError("NOT_SUPPORTED", message)
    value = evaluate(_emitted(version))
    if of == "varchar":
        references = table.document.get("refs") or {}
        if value not in references:
            message = f"Cannot find snapshot with reference name: {value}"
            raise TrinoError("INVALID_ARGUMENTS", message)
        value = references[value]["snapshot-id"]
    found = table.snapshot(value)
    if found is None:
        message = f"Iceberg snapshot ID does not exists: {value}"
        raise TrinoError("INVALID_ARGUMENTS", message)
    return found


def _emitted(expression: tree.Expression) -> str:
    from lakelet.sql.emitter.expressions import ExpressionEmitter

    return ExpressionEmitter(lambda query: "").emit(expression)
