"""Tables as SHOW and DESCRIBE lay them out: Hive's own text, names padded to 20 characters."""

import re
from collections.abc import Iterable, Mapping, Sequence

from lakelet.engines import views
from lakelet.engines.answers import Lines
from lakelet.errors import TrinoError
from lakelet.model import Column, Partition, Table

_WIDTH = 20
_DESCRIBED = ("col_name", "data_type", "comment")


def matching(names: Iterable[str], pattern: str | None) -> list[str]:
    """Names that Hive's pattern keeps: `*` for anything, `|` between alternatives."""
    if pattern is None:
        return list(names)
    parts = [".*".join(map(re.escape, part.split("*"))) for part in pattern.split("|")]
    wanted = re.compile("|".join(parts), re.I)
    return [name for name in names if wanted.fullmatch(name)]


def columns(table: Table) -> Lines:
    if table.is_view:
        return _view_columns(table)
    return Lines(("field",), tuple(f"{each.name:<{_WIDTH}}" for each in table.columns))


def partitions(table: Table, found: Sequence[Partition]) -> Lines:
    names = [each.name for each in table.partition_keys]
    lines = (
        "/".join(f"{k}={v}" for k, v in zip(names, each.values, strict=True)) for each in found
    )
    return Lines(("partition",), tuple(lines))


def properties(table: Table, asked: str | None) -> Lines:
    if asked is None:
        lines = tuple(f"{name}\t{value}" for name, value in table.parameters.items())
        return Lines(("prpt_name", "prpt_value"), lines)
    if asked not in table.parameters:
        text = f"Table {table.database}.{table.name} does not have property: {asked}"
        return Lines(("prpt_name", "prpt_value"), (text,))
    return Lines(("prpt_name", "prpt_value"), (table.parameters[asked],))


def describe(table: Table) -> Lines:
    """Every column, then the partition keys once more under their heading."""
    if table.is_view:
        return _view_columns(table)
    lines = [_described(each) for each in table.columns]
    if table.partition_keys:
        heading = "\t".join(f"{name:<{_WIDTH}}" for name in ("# col_name", *_DESCRIBED[1:]))
        lines += ["\t \t ", "# Partition Information\t \t ", heading, "\t \t "]
        lines += [_described(each) for each in table.partition_keys]
    return Lines(_DESCRIBED, tuple(lines), task=True)


def _view_columns(table: Table) -> Lines:
    """Both of DESCRIBE and SHOW COLUMNS answer so of a view."""
    lines = (f"{each.name}\t{each.type}" for each in views.definition(table).columns)
    return Lines(("column", "type"), tuple(lines), "varchar", kind="DESC_VIEW")


def _described(column: Column) -> str:
    cells = (column.name, column.type, column.comment or "")
    return "\t".join(f"{cell:<{_WIDTH}}" for cell in cells)


def create(table: Table, *, view: bool) -> Lines:
    """The statement that would make the table or view."""
    if view != table.is_view:
        kind = "view" if view else "table"
        raise TrinoError("NOT_SUPPORTED", f"{table.database}.{table.name} is not a {kind}")
    if view:
        text = f"CREATE VIEW {table.database}.{table.name} AS\n{views.definition(table).text}"
        return Lines(("create view",), tuple(text.split("\n")), "varchar")
    return Lines(("createtab_stmt",), tuple(_create_lines(table)), task=True)


def _create_lines(table: Table) -> Iterable[str]:
    yield f"CREATE EXTERNAL TABLE `{table.database}.{table.name}`("
    yield from _column_lines(table.storage.columns)
    if table.partition_keys:
        yield "PARTITIONED BY ( "
        yield from _column_lines(table.partition_keys)
    storage = table.storage
    yield "ROW FORMAT SERDE "
    yield f"  '{storage.serde}' "
    if storage.serde_parameters:
        yield "WITH SERDEPROPERTIES ( "
        yield from _property_lines(storage.serde_parameters)
    yield "STORED AS INPUTFORMAT "
    yield f"  '{storage.input_format}' "
    yield "OUTPUTFORMAT "
    yield f"  '{storage.output_format}'"
    yield "LOCATION"
    yield f"  '{storage.location}'"
    shown = {name: value for name, value in table.parameters.items() if name != "EXTERNAL"}
    if shown:
        yield "TBLPROPERTIES ("
        yield from _property_lines(shown)


def _column_lines(given: Sequence[Column]) -> Iterable[str]:
    for index, each in enumerate(given):
        end = ")" if index == len(given) - 1 else ", "
        comment = f" COMMENT '{_escaped(each.comment)}'" if each.comment is not None else ""
        yield f"  `{each.name}` {each.type}{comment}{end}"


def _property_lines(given: Mapping[str, str]) -> Iterable[str]:
    pairs = list(given.items())
    for index, (name, value) in enumerate(pairs):
        end = ") " if index == len(pairs) - 1 else ", "
        yield f"  '{_escaped(name)}'='{_escaped(value)}'{end}"


def _escaped(text: str) -> str:
    return "".join(
        f"\\u{ord(c):04X}" if ord(c) < 32 and c not in "\t\n\r" else _ESCAPES.get(c, c)
        for c in text
    )


_ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "'": "\\'", "\\": "\\\\"}
