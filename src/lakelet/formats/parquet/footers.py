"""The footers of Parquet files, read by DuckDB: columns as trees, bytes of each column's chunks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.formats.layout import Access, Field, Footer, Group
from lakelet.formats.scanning import file_list
from lakelet.model import DataFile

_ANNOTATIONS: Final = (
    ("StringType", "STRING"),
    ("EnumType", "ENUM"),
    ("JsonType", "JSON"),
    ("BsonType", "BSON"),
    ("UUIDType", "UUID"),
    ("Float16Type", "FLOAT16"),
    ("DateType", "DATE"),
    ("NullType", "UNKNOWN"),
    ("ListType", "LIST"),
    ("MapType", "MAP"),
)
_CONVERTED: Final = {"UTF8": "STRING", "MAP_KEY_VALUE": "MAP", "INTERVAL": "INTERVAL"}
_UNITS: Final = ("MILLIS", "MICROS", "NANOS")
ONLY: Final = "GROUP OF ONE"
"""The kind of a list's element that is a group of one part, for which DuckDB gives that part."""
DICTIONARY: Final = "DICTIONARY "
"""A mark of a column with dictionaries: this and its place."""
HIDES_NANS: Final = "hides NaN"
"""The mark of a file whose bounds may pass over NaN (parquet.thrift: a reader has to expect it)."""
_BOUND_NANS: Final = ("DuckDB version ", "parquet-mr-trino version ")
"""Writers to which NaN is the greatest number, or that give a chunk with it no bounds."""
_FLOATING: Final = ("FLOAT", "DOUBLE")
_TYPES: Final = {"BYTE_ARRAY": "binary"}


def read(files: Sequence[DataFile], access: Access) -> list[Footer]:
    """Raises TrinoError HIVE_BAD_DATA for a file that is none of Parquet."""
    urls = [each.url for each in files]
    try:
        schemas = _schemas(urls, access)
        groups = _groups(urls, access)
        hiding = _hiding(schemas, access)
    except TrinoError as failure:
        raise _blamed(files, access) or failure from failure
    tops = {fields: _tops(fields) for fields in set(schemas.values())}
    return [
        _footer(schemas.get(url, ()), groups.get(url, []), tops, hides_nans=url in hiding)
        for url in urls
    ]


def _footer(
    fields: tuple[Field, ...],
    rows: list[Any],
    tops: dict[tuple[Field, ...], list[int]],
    *,
    hides_nans: bool,
) -> Footer:
    of_leaf = tops.get(fields, [])
    if len(of_leaf) == len(fields):
        # Nothing nested: each leaf is a column.
        groups = [
            Group(count, tuple(sizes), tuple(least), tuple(greatest), tuple(nulls))
            for _, count, sizes, least, greatest, nulls, *_ in sorted(rows, key=_number)
        ]
    else:
        groups = [_nested_group(row, fields, of_leaf) for row in sorted(rows, key=_number)]
    marks = {codec for row in rows for codec in row[-2]}
    marks |= {f"{DICTIONARY}{of_leaf[leaf]}" for row in rows for leaf in row[-1]}
    if hides_nans:
        marks.add(HIDES_NANS)
    return Footer(fields, tuple(groups), frozenset(marks))


def _number(row: tuple[Any, ...]) -> int:
    return int(row[0])


def _nested_group(row: tuple[Any, ...], fields: tuple[Field, ...], of_leaf: Sequence[int]) -> Group:
    _, count, sizes, *bounds, _, _ = row
    total = [0] * len(fields)
    known: list[list[Any]] = [[None] * len(fields) for _ in bounds]
    for leaf, top in enumerate(of_leaf):
        total[top] += sizes[leaf]
        if not fields[top].parts:
            for kept, given in zip(known, bounds, strict=True):
                kept[top] = given[leaf]
    return Group(count, tuple(total), *map(tuple, known))


def _tops(fields: tuple[Field, ...]) -> list[int]:
    """The column that each leaf is a part of."""
    return [index for index, each in enumerate(fields) for _ in _leaves(each)]


def _leaves(field: Field) -> Iterator[Field]:
    if not field.parts:
        yield field
    for part in field.parts:
        yield from _leaves(part)


def _groups(urls: Sequence[str], access: Access) -> dict[str, list[Any]]:
    table = access.query(
        "SELECT file_name, row_group_id, any_value(row_group_num_rows),"
        " list(total_compressed_size ORDER BY column_id),"
        " list(coalesce(stats_min_value, stats_min) ORDER BY column_id),"
        " list(coalesce(stats_max_value, stats_max) ORDER BY column_id),"
        " list(stats_null_count ORDER BY column_id), list(DISTINCT compression),"
        " coalesce(list(column_id) FILTER (dictionary_page_offset > 0), [])"
        f" FROM parquet_metadata({file_list(urls)}) GROUP BY ALL"
    )
    found: dict[str, list[Any]] = {}
    for url, *row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        found.setdefault(url, []).append(tuple(row))
    return found


def _hiding(schemas: Mapping[str, tuple[Field, ...]], access: Access) -> frozenset[str]:
    """The files with reals or doubles whose bounds tell nothing of NaN, as far as is known of who
    wrote them."""
    floating = {fields for fields in set(schemas.values()) if _has_floating(fields)}
    urls = [url for url, fields in schemas.items() if fields in floating]
    if not urls:
        return frozenset()
    table = access.query(
        f"SELECT file_name, created_by FROM parquet_file_metadata({file_list(urls)})"
    )
    writers = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return frozenset(url for url, writer in writers if not (writer or "").startswith(_BOUND_NANS))


def _has_floating(fields: Sequence[Field]) -> bool:
    return any(leaf.read in _FLOATING for each in fields for leaf in _leaves(each))


# Schemas --------------------------------------------------------------------------------------

_COLUMNS: Final = (
    "name, type, type_length, repetition_type, num_children, converted_type, scale, precision,"
    " logical_type, duckdb_type"
)


def _schemas(urls: Sequence[str], access: Access) -> dict[str, tuple[Field, ...]]:
    """The columns of each file. Files mostly agree: one of each kind is looked at whole."""
    marked = access.query(
        f"SELECT file_name, CAST(sum(hash({_COLUMNS}, column_id)) AS VARCHAR)"
        f" FROM parquet_schema({file_list(urls)}) GROUP BY ALL"
    )
    marks = dict(zip(*(column.to_pylist() for column in marked.columns), strict=True))
    samples = {mark: url for url, mark in marks.items()}
    rows = access.query(
        f"SELECT file_name, {_COLUMNS} FROM parquet_schema({file_list(list(samples.values()))})"
        " ORDER BY file_name, column_id"
    ).to_pylist()
    by_file: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_file.setdefault(row["file_name"], []).append(row)
    trees = {url: tuple(_read_field(iter(given)).parts) for url, given in by_file.items()}
    return {url: trees[samples[mark]] for url, mark in marks.items()}


def _read_field(rows: Iterator[dict[str, Any]]) -> Field:
    row = next(rows)
    parts = tuple(_read_field(rows) for _ in range(row["num_children"] or 0))
    annotation = _annotation(row)
    if row["type"] is None:
        field = _group(row, annotation, parts)
    else:
        field = Field(
            row["name"], _kind(row["type"], annotation), row["duckdb_type"], _text(row, annotation)
        )
    if row["repetition_type"] == "REPEATED":
        return Field(row["name"], "REPEATED", "", field.text, (field,))
    return field


def _group(row: dict[str, Any], annotation: str, parts: tuple[Field, ...]) -> Field:
    # A file that Trino wrote says nothing of its root.
    text = f"{(row['repetition_type'] or 'REQUIRED').lower()} group {row['name']}"
    text += f" ({annotation})" if annotation else ""
    if annotation == "LIST" and len(parts) == 1 and parts[0].kind == "REPEATED":
        return Field(row["name"], "LIST", "", text, (_element(row["name"], parts[0].parts[0]),))
    if annotation == "MAP" and len(parts) == 1 and parts[0].kind == "REPEATED":
        pair = parts[0].parts[0].parts
        if len(pair) == 2:
            return Field(row["name"], "MAP", "", text, pair)
    return Field(row["name"], "GROUP", "", text, parts)


def _element(name: str, repeated: Field) -> Field:
    """A group of one part around an element is the format's, unless its name is one that older
    writers gave to elements; else it is the element itself ("Backward-compatibility rules",
    LogicalTypes.md of apache/parquet-format)."""
    if repeated.kind != "GROUP" or len(repeated.parts) != 1:
        return repeated
    if repeated.name in ("array", f"{name}_tuple"):
        return replace(repeated, kind=ONLY)
    return repeated.parts[0]


def _annotation(row: dict[str, Any]) -> str:
    """A logical type as parquet-java shows it, from DuckDB's text of either of its two forms."""
    logical, converted = row["logical_type"] or "", row["converted_type"] or ""
    for start, word in _ANNOTATIONS:
        if logical.startswith(start):
            return word
    if logical.startswith("DecimalType") or converted == "DECIMAL":
        return f"DECIMAL({row['precision']},{row['scale']})"
    if logical.startswith(("TimestampType", "TimeType")):
        unit = next(word for word in _UNITS if f"{word}=<null>" not in logical)
        adjusted = "true" if "isAdjustedToUTC=1" in logical else "false"
        return (
            f"{'TIMESTAMP' if logical.startswith('TimestampType') else 'TIME'}({unit},{adjusted})"
        )
    if converted.startswith(("TIMESTAMP_", "TIME_")):
        name, _, unit = converted.partition("_")
        return f"{name}({unit},true)"
    bits = re.fullmatch(r"(U?)INT_(\d+)", converted)
    if bits:
        return f"INTEGER({bits[2]},{'false' if bits[1] else 'true'})"
    return _CONVERTED.get(converted, converted)


def _kind(physical: str, annotation: str) -> str:
    """What the reading rules go by: the physical type and the annotation's first word."""
    word = annotation.partition("(")[0]
    if word in ("INTEGER", "STRING", "ENUM", "JSON", "BSON"):
        return physical
    return f"{physical} {word}" if word else physical


def _text(row: dict[str, Any], annotation: str) -> str:
    physical = _TYPES.get(row["type"], row["type"].lower())
    if row["type"] == "FIXED_LEN_BYTE_ARRAY":
        physical += f"({row['type_length']})"
    shown = f" ({annotation})" if annotation else ""
    return f"{row['repetition_type'].lower()} {physical} {row['name']}{shown}"


# Bad files ------------------------------------------------------------------------------------


def _blamed(files: Sequence[DataFile], access: Access) -> TrinoError | None:
    """The error of the first file that is none of Parquet, in Trino's words."""
    for file in files:
        try:
            with access.open(file) as opened:
                opened.seek(max(file.info.size - _TAIL, 0))
                end = opened.read(_TAIL)
        except OSError:
            continue
        malformed = _malformed(file, end)
        if malformed is not None:
            text = f"Malformed Parquet file. {malformed} [{file.info.uri}]"
            return TrinoError("HIVE_BAD_DATA", text)
        try:
            _schemas([file.url], access)
        except TrinoError as failure:
            return TrinoError(
                "HIVE_CANNOT_OPEN_SPLIT",
                f"Error opening Hive split {file.info.uri} (offset=0, length={file.info.size}):"
                " can not read class org.apache.parquet.format.FileMetaData:"
                f" {failure.message.rpartition(': ')[2] or failure.message}",
            )
    return None


def _malformed(file: DataFile, end: bytes) -> str | None:
    """What is wrong with the last eight bytes: the footer's length and the magic number."""
    if file.info.size < _LEAST:
        return f"{file.info.uri} is not a valid Parquet File"
    if end[-4:] != _MAGIC:
        return f"Expected magic number: PAR1 got: {end[-4:].decode('utf-8', 'replace')}"
    start = file.info.size - _TAIL - int.from_bytes(end[:4], "little", signed=True)
    return None if len(_MAGIC) <= start else f"Metadata index: {start} out of range"


_MAGIC: Final = b"PAR1"
_TAIL: Final = 8
_LEAST: Final = 12
