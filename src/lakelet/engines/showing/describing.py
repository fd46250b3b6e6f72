"""DESCRIBE: columns in cells of 20 characters, keys once more under a heading, then details.

The layout is Hive's (MetaDataFormatUtils); what AWS answers is measured in docs of DDL by
aoyagikouhei/athena-local.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from lakelet.engines import views
from lakelet.engines.answers import Lines
from lakelet.engines.showing.reaching import reached
from lakelet.model import Column, Document, Partition, Table

WIDTH: Final = 20
_DESCRIBED: Final = ("col_name", "data_type", "comment")
_BLANK: Final = "\t \t "
_HEADING: Final = "# " + "\t".join(f"{name:<{WIDTH}}" for name in _DESCRIBED)


def describe(
    table: Table,
    document: Document,
    partition: Partition | None = None,
    mode: str = "",
    column: Sequence[str] = (),
) -> Lines:
    """A table, a partition of it, or the column that a path of names leads to.

    `document` is Glue's Table; raises TrinoError for a path that leads nowhere.
    """
    if table.is_view:
        return view_columns(table)
    if column:
        lines = [_described(each) for each in reached(table, column)]
        return Lines(_DESCRIBED, tuple(lines), task=True)
    columns = table.storage.columns if partition is None else partition.storage.columns
    lines = [
        _described(each) for each in (*(columns or table.storage.columns), *table.partition_keys)
    ]
    if mode == "FORMATTED":
        lines = [_HEADING, _BLANK, *(_described(each) for each in columns)]
    if table.partition_keys:
        lines += [_BLANK, f"# Partition Information{_BLANK}", _HEADING, _BLANK]
        lines += [_described(each) for each in table.partition_keys]
    if mode == "FORMATTED":
        lines += [_BLANK, *_details(table, document, partition)]
    if mode == "EXTENDED":
        lines += [_BLANK, _extended(table, document, partition)]
    return Lines(_DESCRIBED, tuple(lines), task=True)


def view_columns(table: Table) -> Lines:
    """Both of DESCRIBE and SHOW COLUMNS answer so of a view."""
    lines = (f"{each.name}\t{each.type}" for each in views.definition(table).columns)
    return Lines(("column", "type"), tuple(lines), "varchar", kind="DESC_VIEW")


def _described(column: Column) -> str:
    cells = (column.name, column.type, column.comment or "")
    return "\t".join(f"{cell:<{WIDTH}}" for cell in cells)


# Details ------------------------------------------------------------------------------------


def _details(table: Table, document: Document, partition: Partition | None) -> Iterable[str]:
    if partition is None:
        yield f"# Detailed Table Information{_BLANK}"
    else:
        yield f"# Detailed Partition Information{_BLANK}"
        yield _pair("Partition Value:", f"[{', '.join(partition.values)}]")
    yield _pair("Database:", table.database)
    if partition is None:
        yield _pair("Owner:", document.get("Owner") or "hadoop")
    else:
        yield _pair("Table:", table.name)
    yield _pair("CreateTime:", _moment(document.get("CreateTime")))
    yield _pair("LastAccessTime:", "UNKNOWN")
    yield _pair("Protect Mode:", "None")
    storage = table.storage if partition is None else partition.storage
    if partition is None:
        yield _pair("Retention:", str(document.get("Retention") or 0))
    yield _pair("Location:", storage.location)
    if partition is None:
        yield _pair("Table Type:", table.table_type)
    yield from _parameters(partition or table)
    yield _BLANK
    yield from _storage(table if partition is None else partition)


def _parameters(of: Table | Partition) -> Iterable[str]:
    kind = "Table" if isinstance(of, Table) else "Partition"
    yield f"{kind} Parameters:{_BLANK}"
    yield from (
        f"\t{name:<{WIDTH}}\t{value:<{WIDTH}}" for name, value in sorted(of.parameters.items())
    )


def _storage(of: Table | Partition) -> Iterable[str]:
    storage = of.storage
    yield f"# Storage Information{_BLANK}"
    yield _pair("SerDe Library:", storage.serde)
    yield _pair("InputFormat:", storage.input_format)
    yield _pair("OutputFormat:", storage.output_format)
    yield _pair("Compressed:", "Yes" if storage.compressed else "No")
    yield _pair("Num Buckets:", str(storage.number_of_buckets or -1))
    yield _pair("Bucket Columns:", f"[{', '.join(storage.bucket_columns)}]")
    yield _pair("Sort Columns:", "[]")
    if storage.serde_parameters:
        yield f"Storage Desc Params:{_BLANK}"
        yield from _indented(storage.serde_parameters)


def _indented(given: Mapping[str, str]) -> Iterable[str]:
    for name, value in sorted(given.items()):
        yield f"\t{name:<{WIDTH}}\t{_shown(value):<{WIDTH}}"


def _pair(name: str, value: str) -> str:
    return f"{name:<{WIDTH}}\t{value:<{WIDTH}}\t "


def _shown(value: str) -> str:
    """Control characters as Java escapes them, so that a line stays one."""
    return "".join(f"\\u{ord(c):04X}" if c < " " else c for c in value)


def _moment(value: Any) -> str:
    """As Java's Date shows it: `Fri Jan 01 00:00:00 UTC 2021`."""
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value, UTC)
    if not isinstance(value, datetime):
        return "UNKNOWN"
    return f"{value.astimezone(UTC):%a %b %d %H:%M:%S UTC %Y}"


def _extended(table: Table, document: Document, partition: Partition | None) -> str:
    """The record of Hive's metastore as Thrift prints it, in one line."""
    storage = table.storage if partition is None else partition.storage
    columns = ", ".join(map(_field, table.columns))
    descriptor = (
        f"StorageDescriptor(cols:[{columns}], location:{storage.location},"
        f" inputFormat:{storage.input_format}, outputFormat:{storage.output_format},"
        f" compressed:{str(storage.compressed).lower()},"
        f" numBuckets:{storage.number_of_buckets or -1},"
        f" serdeInfo:SerDeInfo(name:null, serializationLib:{storage.serde},"
        f" parameters:{_map(storage.serde_parameters)}),"
        f" bucketCols:[{', '.join(storage.bucket_columns)}],"
        " sortCols:[], parameters:{}, skewedInfo:SkewedInfo(skewedColNames:[], skewedColValues:[],"
        " skewedColValueLocationMaps:{}), storedAsSubDirectories:false)"
    )
    if partition is not None:
        return (
            f"Detailed Partition Information\tPartition(values:[{', '.join(partition.values)}],"
            f" dbName:{table.database}, tableName:{table.name}, createTime:0, lastAccessTime:0,"
            f" sd:{descriptor}, parameters:{_map(partition.parameters)})\t "
        )
    created = document.get("CreateTime")
    seconds = int(created.timestamp()) if isinstance(created, datetime) else int(created or 0)
    keys = ", ".join(map(_field, table.partition_keys))
    return (
        f"Detailed Table Information\tTable(tableName:{table.name}, dbName:{table.database},"
        f" owner:{document.get('Owner') or 'hadoop'}, createTime:{seconds}, lastAccessTime:0,"
        f" retention:{document.get('Retention') or 0}, sd:{descriptor}, partitionKeys:[{keys}],"
        f" parameters:{_map(table.parameters)}, viewOriginalText:null, viewExpandedText:null,"
        f" tableType:{table.table_type})\t "
    )


def _field(column: Column) -> str:
    comment = "null" if column.comment is None else column.comment
    return f"FieldSchema(name:{column.name}, type:{column.type}, comment:{comment})"


def _map(of: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{name}={_shown(value)}' for name, value in of.items())}}}"
