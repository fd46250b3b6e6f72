"""ALTER TABLE: ADD, DROP, RENAME and move PARTITION; and MSCK REPAIR TABLE."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import unquote

from lakelet.catalog import shapes
from lakelet.catalog.partition_values import part_name
from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.locations import split
from lakelet.engines.names import (
    NOTHING,
    base_table_of,
    partitioned_table_of,
    refuse_iceberg,
    semantic_error,
    task_error,
)
from lakelet.errors import AlreadyExists, NotFound, TrinoError
from lakelet.model import Document, Partition, Table
from lakelet.sql.statements import model as s


def _values(table: Table, spec: s.PartitionSpec) -> list[str]:
    """The values of a whole partition in the order of the keys; raises TrinoError."""
    _need_keys(table, spec)
    keys = [each.name.lower() for each in table.partition_keys]
    if len(spec) != len(keys):
        missing = next(key for key in keys if key not in spec)
        text = f"partition spec is invalid: field {missing} does not appear in the input"
        raise semantic_error("INVALID_PARTITION_VALUE", 10065, text)
    return [spec[key] for key in keys]


def _need_keys(table: Table, spec: s.PartitionSpec) -> None:
    keys = {each.name.lower() for each in table.partition_keys}
    others = [name for name in spec if name not in keys]
    if others:
        raise semantic_error(
            "INVALID_PARTITION_VALUE",
            10098,
            f"Non-Partition column appears in the partition specification: {', '.join(others)}",
        )


def missing_partition(spec: s.PartitionSpec) -> TrinoError:
    """Hive's words for a partition that is not there."""
    shown = ", ".join(f"{name}={value}" for name, value in spec.items())
    return semantic_error("PARTITION_NOT_FOUND", 10006, f"Partition not found {{{shown}}}")


def _partition(table: Table, values: Sequence[str], location: str | None) -> Document:
    where = (
        location
        or f"{table.storage.location.rstrip('/')}/{part_name(table.partition_keys, values)}"
    )
    return shapes.partition_document(table, values, where)


def matching(context: Context, table: Table, spec: s.PartitionSpec) -> list[Partition]:
    """The partitions that have a spec's values; raises TrinoError for keys that are none."""
    _need_keys(table, spec)
    places = {each.name.lower(): i for i, each in enumerate(table.partition_keys)}
    return [
        each
        for each in context.catalog.partitions(table)
        if all(each.values[places[key]] == value for key, value in spec.items())
    ]


def add_partitions(context: Context, ask: s.AddPartitions) -> Lines:
    table = partitioned_table_of(context, ask.name)
    given = [_partition(table, _values(table, spec), where) for spec, where in ask.partitions]
    for each in given:
        split(each["StorageDescriptor"]["Location"])
    with context.catalog.transaction():
        present = context.catalog.partitions_of.create(table.database, table.name, given)
        if present and not ask.if_not_exists:
            text = "AlreadyExistsException(message:Partition already exists.)"
            raise task_error("ALREADY_EXISTS", text)
    return NOTHING


def drop_partitions(context: Context, ask: s.DropPartitions) -> Lines:
    """A spec may name a part of the keys: all partitions that it fits are dropped, or none."""
    table = partitioned_table_of(context, ask.name)
    with context.catalog.transaction():
        for spec in ask.partitions:
            found = _dropped(context, table, spec)
            if not found and not ask.if_exists:
                raise missing_partition(spec)
    return NOTHING


def _dropped(context: Context, table: Table, spec: s.PartitionSpec) -> int:
    """Drops what a spec fits; how many they were. One whole partition is found by its key."""
    if len(spec) < len(table.partition_keys):
        values: list[Sequence[str]] = [each.values for each in matching(context, table, spec)]
    else:
        values = [_values(table, spec)]
    found = 0
    for each in values:
        with suppress(NotFound):
            context.catalog.partitions_of.delete(table.database, table.name, each)
            found += 1
    return found


def rename_partition(context: Context, ask: s.RenamePartition) -> Lines:
    table = partitioned_table_of(context, ask.name)
    new = _values(table, ask.new)
    try:
        _change(context, table, ask.old, lambda it: {**it, "Values": new})
    except AlreadyExists as error:
        text = "Unable to rename partition. Partition already exists"
        raise task_error("ALREADY_EXISTS", text) from error
    return NOTHING


def set_location(context: Context, ask: s.SetPartitionLocation) -> Lines:
    table = partitioned_table_of(context, ask.name)
    split(ask.location)

    def moved(document: Document) -> Document:
        storage = {**document["StorageDescriptor"], "Location": ask.location}
        return {**document, "StorageDescriptor": storage}

    _change(context, table, ask.partition, moved)
    return NOTHING


def _change(
    context: Context, table: Table, spec: s.PartitionSpec, work: Callable[[Document], Document]
) -> None:
    values = _values(table, spec)
    try:
        standing = context.catalog.partitions_of.get(table.database, table.name, values)
    except NotFound as error:
        raise missing_partition(spec) from error
    members = ("Values", "StorageDescriptor", "Parameters")
    kept = {member: standing[member] for member in members if member in standing}
    context.catalog.partitions_of.update(table.database, table.name, values, work(kept))


def repair(context: Context, ask: s.RepairTable) -> Lines:
    """Adds the partitions whose folders (`k=v/…`) hold files and that the catalogue lacks.

    Folders whose keys are in camel case are told and not added ("MSCK REPAIR TABLE").
    """
    table = base_table_of(context, ask.name)
    refuse_iceberg(table)
    keys = [each.name.lower() for each in table.partition_keys]
    if not keys:
        return NOTHING
    bucket, prefix = split(table.storage.location)
    prefix = f"{prefix.rstrip('/')}/" if prefix else ""
    listed = context.storage.list(bucket, prefix)
    folders = dict.fromkeys(info.key[len(prefix) :].rpartition("/")[0] for info in listed)
    known = {each.values for each in context.catalog.partitions(table)}
    found = [
        (values, folder)
        for folder in folders
        if (values := _values_of(folder, keys)) is not None and values not in known
    ]
    fit = [(values, folder) for values, folder in found if _keys_of(folder) == keys]
    given = [
        _partition(table, list(values), f"s3://{bucket}/{prefix}{folder}") for values, folder in fit
    ]
    context.catalog.partitions_of.create(table.database, table.name, given)
    if not found:
        return NOTHING
    tab = "\t"
    names = tab.join(f"{table.name}:{folder}" for _, folder in found)
    lines = [f"Partitions not in metastore:{tab}{names}"]
    lines += [f"Repair: Added partition to metastore {table.name}:{folder}" for _, folder in fit]
    return Lines(("",), tuple(lines))


def _keys_of(folder: str) -> list[str]:
    return [part.partition("=")[0] for part in folder.split("/")]


def _values_of(folder: str, keys: list[str]) -> tuple[str, ...] | None:
    """A folder's values when it is `k=v` for each key in their order, else None."""
    pairs = [part.partition("=") for part in folder.split("/")]
    if [pair[0].lower() for pair in pairs] != keys or not all(pair[1] for pair in pairs):
        return None
    return tuple(unquote(pair[2]) for pair in pairs)
