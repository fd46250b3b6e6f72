"""SHOW CREATE: the statement that would make the table or view again, in Hive's layout."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from lakelet.engines import views
from lakelet.engines.answers import Lines
from lakelet.engines.names import qualified
from lakelet.errors import TrinoError
from lakelet.formats import delimited
from lakelet.model import Column, StorageDescriptor, Table
from lakelet.sql.statements.hive.cursor import quoted


def create(table: Table, *, view: bool) -> Lines:
    """Raises TrinoError for a table that should be a view, or the other way round."""
    if view:
        if not table.is_view:
            message = f"Relation '{qualified(table.database, table.name)}' is a table, not a view"
            raise TrinoError("NOT_SUPPORTED", message, line=1, column=1)
        text = f"CREATE VIEW {table.database}.{table.name} AS\n{views.definition(table).text}"
        return Lines(("create view",), tuple(text.split("\n")), "varchar")
    if table.is_view:
        raise TrinoError("NOT_SUPPORTED", f"{table.database}.{table.name} is not a table")
    return Lines(("createtab_stmt",), tuple(_lines(table)), task=True)


def _lines(table: Table) -> Iterable[str]:
    storage = table.storage
    yield f"CREATE EXTERNAL TABLE `{table.database}.{table.name}`("
    yield from _columns(storage.columns, "")
    comment = table.parameters.get("comment")
    if comment is not None:
        yield f"COMMENT '{_escaped(comment)}'"
    if table.partition_keys:
        yield "PARTITIONED BY ( "
        yield from _columns(table.partition_keys, " ")
    if storage.number_of_buckets > 0:
        yield "CLUSTERED BY ( "
        yield from _listed(f"  {quoted(name)}" for name in storage.bucket_columns)
        yield f"INTO {storage.number_of_buckets} BUCKETS"
    yield from _row_format(storage)
    yield "STORED AS INPUTFORMAT "
    yield f"  '{storage.input_format}' "
    yield "OUTPUTFORMAT "
    yield f"  '{storage.output_format}'"
    yield "LOCATION"
    yield f"  '{_escaped(storage.location)}'"
    shown = {k: v for k, v in sorted(table.parameters.items()) if k not in ("EXTERNAL", "comment")}
    if shown:
        yield "TBLPROPERTIES ("
        yield from _properties(shown, "")


_DELIMITED: Final = {
    "field.delim": "FIELDS TERMINATED BY",
    "escape.delim": "ESCAPED BY",
    "colelction.delim": "COLLECTION ITEMS TERMINATED BY",
    "mapkey.delim": "MAP KEYS TERMINATED BY",
    "line.delim": "LINES TERMINATED BY",
    "serialization.null.format": "NULL DEFINED AS",
}
"""Properties of LazySimpleSerDe with a clause of their own, in the grammar's order."""


def _row_format(storage: StorageDescriptor) -> Iterable[str]:
    given = {
        k: v for k, v in storage.serde_parameters.items() if (k, v) != ("serialization.format", "1")
    }
    if storage.serde in delimited.FORMAT.serdes and _has_clauses(given):
        yield "ROW FORMAT DELIMITED "
        for name, words in _DELIMITED.items():
            if name in given:
                yield f"  {words} '{_escaped(given[name])}' "
        return
    yield "ROW FORMAT SERDE "
    yield f"  '{_escaped(storage.serde)}' "
    if given:
        yield "WITH SERDEPROPERTIES ( "
        yield from _properties(dict(sorted(given.items())), " ")


def _has_clauses(given: Mapping[str, str]) -> bool:
    """Whether clauses say all of it; ESCAPED BY stands behind FIELDS alone."""
    if not given or not set(given) <= {*_DELIMITED, "serialization.format"}:
        return False
    if "escape.delim" in given and "field.delim" not in given:
        return False
    return given.get("serialization.format") == given.get("field.delim")


def _columns(given: Sequence[Column], end: str) -> Iterable[str]:
    comments = (
        "" if each.comment is None else f" COMMENT '{_escaped(each.comment)}'" for each in given
    )
    names = (each.name.replace("`", "``") for each in given)
    parts = (f"  `{n}` {each.type}{c}" for n, each, c in zip(names, given, comments, strict=True))
    lines = [*_listed(parts)]
    yield from (*lines[:-1], lines[-1] + end) if lines else (")" + end,)


def _properties(given: Mapping[str, str], end: str) -> Iterable[str]:
    lines = [*_listed(f"  '{_escaped(name)}'='{_escaped(value)}'" for name, value in given.items())]
    yield from (*lines[:-1], lines[-1] + end)


def _listed(items: Iterable[str]) -> Iterable[str]:
    """Lines with `, ` between them and `)` at the end."""
    given = [*items]
    for index, item in enumerate(given):
        yield f"{item}, " if index < len(given) - 1 else f"{item})"


def _escaped(text: str) -> str:
    return "".join(
        f"\\u{ord(c):04X}" if ord(c) < 32 and c not in "\t\n\r" else _ESCAPES.get(c, c)
        for c in text
    )


_ESCAPES: Final = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "'": "\\'", "\\": "\\\\"}
