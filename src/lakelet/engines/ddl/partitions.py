"""ALTER TABLE ADD and DROP PARTITION, and MSCK REPAIR TABLE."""

from urllib.parse import unquote

from lakelet.catalog import shapes
from lakelet.engines.answers import Lines
from lakelet.engines.context import Context
from lakelet.engines.ddl.names import DDL_TASK, NOTHING, table_of
from lakelet.engines.scans import split
from lakelet.errors import NotFound, TrinoError
from lakelet.model import Document, Table
from lakelet.sql.statements import model as s


def _values(table: Table, spec: s.PartitionSpec) -> list[str]:
    keys = [each.name.lower() for each in table.partition_keys]
    if not keys:
        raise TrinoError(
            "NOT_SUPPORTED",
            f"{DDL_TASK}Table {table.database}.{table.name} is not a partitioned table",
        )
    if set(spec) != set(keys):
        raise TrinoError(
            "INVALID_PARTITION_VALUE",
            f"FAILED: SemanticException Partition spec {dict(spec)} contains non-partition columns",
        )
    return [spec[key] for key in keys]


def _partition(table: Table, values: list[str], location: str | None) -> Document:
    folder = "/".join(
        f"{key.name.lower()}={value}"
        for key, value in zip(table.partition_keys, values, strict=True)
    )
    where = location or f"{table.storage.location.rstrip('/')}/{folder}"
    storage = {**shapes.storage_document(table.storage), "Location": where}
    return {"Values": values, "StorageDescriptor": storage}


def add_partitions(context: Context, ask: s.AddPartitions) -> Lines:
    table = table_of(context, ask.name)
    given = [_partition(table, _values(table, spec), where) for spec, where in ask.partitions]
    present = context.catalog.partitions_of.create(table.database, table.name, given)
    if present and not ask.if_not_exists:
        raise TrinoError(
            "ALREADY_EXISTS",
            f"{DDL_TASK}AlreadyExistsException(message:Partition already exists.)",
        )
    return NOTHING


def drop_partitions(context: Context, ask: s.DropPartitions) -> Lines:
    table = table_of(context, ask.name)
    for spec in ask.partitions:
        try:
            context.catalog.partitions_of.delete(table.database, table.name, _values(table, spec))
        except NotFound as error:
            if not ask.if_exists:
                message = f"FAILED: SemanticException [Error 10006]: Partition not found {spec}"
                raise TrinoError("PARTITION_NOT_FOUND", message) from error
    return NOTHING


def repair(context: Context, ask: s.RepairTable) -> Lines:
    """Adds the partitions whose folders (`k=v/…`) hold files and that the catalogue lacks."""
    table = table_of(context, ask.name)
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
    given = [
        _partition(table, list(values), f"s3://{bucket}/{prefix}{folder}")
        for values, folder in found
    ]
    context.catalog.partitions_of.create(table.database, table.name, given)
    names = [":".join((table.name, folder)) for _, folder in found]
    if not names:
        return NOTHING
    tab = "\t"
    lines = [f"Partitions not in metastore:{tab}{tab.join(names)}"]
    lines += [f"Repair: Added partition to metastore {name}" for name in names]
    return Lines(("",), tuple(lines))


def _values_of(folder: str, keys: list[str]) -> tuple[str, ...] | None:
    """A folder's values when it is `k=v` for each key in their order, else None."""
    pairs = [part.partition("=") for part in folder.split("/")]
    if [pair[0].lower() for pair in pairs] != keys or not all(pair[1] for pair in pairs):
        return None
    return tuple(unquote(pair[2]) for pair in pairs)
