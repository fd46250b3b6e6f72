"""ALTER TABLE of Iceberg tables: schemas evolve by their fields' numbers ("Schema Evolution")."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, Final
from uuid import uuid4

from lakelet.catalog import iceberg_metadata
from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.iceberg.committing import alone, changed, publish
from lakelet.engines.iceberg.creating import fine, stored_properties
from lakelet.engines.iceberg.types import iceberg
from lakelet.engines.names import NOTHING, task_error
from lakelet.errors import TrinoError
from lakelet.model import Document, Table
from lakelet.sql.statements import model as s
from lakelet.types.hive import to_trino

_WIDER: Final = {("int", "long"), ("float", "double")}
Fields = list[Document]


def add_columns(context: Context, ask: s.AddColumns, table: Table) -> Lines:
    """ADD COLUMNS. Raises TrinoError."""

    def work(fields: Fields, numbers: Iterator[int]) -> Fields:
        kept: Fields = list(fields)
        for column in ask.columns:
            if any(each["name"].lower() == column.name for each in kept):
                text = f"Duplicate column name: {column.name}"
                raise task_error("DUPLICATE_COLUMN_NAME", text)
            wanted = fine(to_trino(column.type))
            doc = {"doc": column.comment} if column.comment else {}
            new = {"id": next(numbers), "name": column.name, "required": False}
            kept.append({**new, "type": iceberg(wanted, numbers), **doc})
        return kept

    _evolve(context, table, work)
    return Lines(task=True)


def change_column(context: Context, ask: s.ChangeColumn, table: Table) -> Lines:
    """CHANGE COLUMN: name, type, comment and place. Raises TrinoError."""

    def work(fields: Fields, numbers: Iterator[int]) -> Fields:
        found = list(fields)
        at = _place(found, ask.old)
        old = found.pop(at)
        of = _evolved(old["name"], old["type"], fine(to_trino(ask.new.type)), numbers)
        if any(each["name"].lower() == ask.new.name for each in found):
            text = f"Duplicate column name: {ask.new.name}"
            raise task_error("DUPLICATE_COLUMN_NAME", text)
        name = old["name"] if old["name"].lower() == ask.new.name else ask.new.name
        new = {**old, "name": name, "type": of}
        if ask.new.comment is not None:
            new["doc"] = ask.new.comment
        if ask.first:
            at = 0
        elif ask.after is not None:
            at = _place(found, ask.after) + 1
        found.insert(at, new)
        return found

    _evolve(context, table, work)
    return Lines(task=True)


def drop_column(context: Context, ask: s.DropColumn, table: Table) -> Lines:
    """Raises TrinoError, for a column that partitions are made of too."""

    def work(fields: Fields, numbers: Iterator[int]) -> Fields:
        found = list(fields)
        gone = found.pop(_place(found, ask.column))
        if not found:
            message = "Cannot drop the only column in a table"
            raise TrinoError("NOT_SUPPORTED", message)
        standing = context.planner.iceberg.metadata.of(table)
        if any(each["source-id"] == gone["id"] for each in standing.spec["fields"]):
            message = f"Cannot drop partition field: {ask.column}"
            raise TrinoError("NOT_SUPPORTED", message)
        return found

    _evolve(context, table, work)
    return Lines(task=True)


def set_properties(context: Context, ask: s.SetProperties, table: Table) -> Lines:
    """Raises TrinoError for a property that Athena does not take."""
    given = stored_properties(ask.properties)
    _commit(context, table, lambda it: it.update(properties={**it.get("properties", {}), **given}))
    return NOTHING


def unset_properties(context: Context, ask: s.UnsetProperties, table: Table) -> Lines:
    def work(document: Document) -> None:
        kept = document.get("properties") or {}
        document["properties"] = {k: v for k, v in kept.items() if k not in ask.properties}

    _commit(context, table, work)
    return NOTHING


def _place(fields: Sequence[Document], name: str) -> int:
    names = [each["name"].lower() for each in fields]
    if name not in names:
        raise task_error("COLUMN_NOT_FOUND", f"Invalid column reference {name}")
    return names.index(name)


def _evolve(
    context: Context, table: Table, work: Callable[[Fields, Iterator[int]], Fields]
) -> None:
    """Makes a new schema the table's, or one that was there before."""

    def change(document: Document) -> None:
        current = iceberg_metadata.current_schema(document)
        numbers = count(document["last-column-id"] + 1)
        fields = work(current["fields"], numbers)
        document["last-column-id"] = next(numbers) - 1
        schemas = document["schemas"]
        same = [each for each in schemas if each["fields"] == fields]
        number = max(each.get("schema-id", 0) for each in schemas) + 1
        if same:
            number = same[-1].get("schema-id", 0)
        else:
            schemas.append({"type": "struct", "schema-id": number, "fields": fields})
        document["current-schema-id"] = number

    _commit(context, table, change)


def _commit(context: Context, table: Table, work: Callable[[Document], None]) -> None:
    folder = context.storage.scratch / f"write-{uuid4()}"
    folder.mkdir(parents=True)
    try:
        with alone(context, table.database, table.name) as current:
            publish(context, current, folder, [], changed(current, work))
    except OSError as error:
        message = f"Failed to write: {error.strerror or error}"
        raise TrinoError("ICEBERG_FILESYSTEM_ERROR", message) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _evolved(name: str, before: Any, wanted: Any, numbers: Iterator[int]) -> Any:
    """A type that keeps the fields that it had. Raises TrinoError where values would not fit."""
    if isinstance(before, dict):
        return _nested(name, before, wanted, numbers)
    after = iceberg(wanted, numbers)
    if after == before or (before, after) in _WIDER or _is_wider(before, after):
        return after
    shown = after if isinstance(after, str) else after["type"]
    raise TrinoError(
        "ICEBERG_COMMIT_ERROR",
        f"Failed to set column type: Cannot change column type: {name}: {before} -> {shown}",
    )


def _is_wider(before: str, after: Any) -> bool:
    if not (
        isinstance(after, str) and before.startswith("decimal") and after.startswith("decimal")
    ):
        return False
    (old, old_scale), (new, new_scale) = (
        tuple(map(int, each[len("decimal(") : -1].split(","))) for each in (before, after)
    )
    return old_scale == new_scale and old <= new


def _nested(name: str, before: Document, wanted: Any, numbers: Iterator[int]) -> Document:
    kinds = {"struct": "row", "list": "array", "map": "map"}
    if kinds[before["type"]] != wanted.name:
        raise TrinoError(
            "ICEBERG_COMMIT_ERROR",
            f"Failed to set column type: Cannot change column type: {name}: {before['type']} ->"
            f" {wanted}",
        )
    if before["type"] == "list":
        return {**before, "element": _evolved(name, before["element"], wanted.element, numbers)}
    if before["type"] == "map":
        value = _evolved(name, before["value"], wanted.value, numbers)
        return {**before, "value": value}
    standing = {each["name"].lower(): each for each in before["fields"]}
    fields = []
    for field, of in zip(wanted.fields, wanted.arguments, strict=True):
        old = standing.get(field.lower())
        if old is not None:
            path = f"{name}.{old['name']}"
            fields.append({**old, "type": _evolved(path, old["type"], of, numbers)})
            continue
        new = {"id": next(numbers), "name": field, "required": False}
        fields.append({**new, "type": iceberg(of, numbers)})
    return {**before, "fields": fields}
