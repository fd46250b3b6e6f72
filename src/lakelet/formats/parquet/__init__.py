"""Parquet: columns by name, whatever their case, or by position; what a file lacks is NULL."""

import functools
from collections.abc import Mapping, Sequence
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats import writers
from lakelet.formats.layout import Chunks, Field, Footer, magnitude
from lakelet.formats.parquet import footers
from lakelet.formats.parquet.reading import Reader
from lakelet.formats.scanning import (
    PATH,
    Format,
    Relation,
    Request,
    file_list,
    identifier,
)
from lakelet.model import DataFile
from lakelet.types import Type
from lakelet.types.duckdb import physical

_MANY: Final = 1000
"""Files whose bounds are looked through for a query."""
_UNREADABLE: Final = frozenset({"BROTLI", "LZ4_RAW", "LZO"})


def _scan(request: Request) -> Relation:
    """Files of the same columns are read together, each column by what the file holds."""
    by_index = request.property("parquet.column.index.access", "false").lower() == "true"
    positions = {name: index for index, (name, _) in enumerate(request.schema)}
    alike: dict[tuple[Field | None, ...], list[DataFile]] = {}
    chunks = []
    for file, footer in zip(request.files, request.footers, strict=True):
        _need_codecs(request, file, footer)
        at = positions if by_index else _names(footer.fields)
        places = [at.get(name, len(footer.fields)) for name, _ in request.wanted]
        found = tuple(footer.fields[i] if i < len(footer.fields) else None for i in places)
        alike.setdefault(found, []).append(file)
        names = (name for name, _ in request.wanted)
        kept = request.surviving(footer, dict(zip(names, places, strict=True)))
        read = tuple(i for i in places if i < len(footer.fields))
        chunks.append(Chunks(file, footer, read, kept))
    parts = [_part(request, fields, files) for fields, files in alike.items()]
    return Relation(
        " UNION ALL BY NAME ".join(parts),
        chunks=tuple(chunks),
        magnitudes=_magnitudes(request, chunks),
        whole="read_parquet" if len(alike) == 1 and not by_index and _is_plain(request) else "",
    )


def _is_plain(request: Request) -> bool:
    """Whether every file has every column of the schema just as it is asked for."""
    reader = Reader(request.files[0])
    return all(
        _is_identity(reader, fields, name, of)
        for fields in {footer.fields for footer in request.footers}
        for name, of in request.schema
    )


def _is_identity(reader: Reader, fields: tuple[Field, ...], name: str, of: Type) -> bool:
    place = _names(fields).get(name)
    if place is None:
        return False
    column = identifier(fields[place].name)
    try:
        return reader.column(fields[place], column, of) == column
    except TrinoError:
        return False


def _magnitudes(request: Request, chunks: Sequence[Chunks]) -> Mapping[str, float]:
    """Worth its time for so many files."""
    whole = all(len(each.columns) == len(request.wanted) for each in chunks)
    if not whole or len(chunks) > _MANY:
        return {}
    footers = [each.footer for each in chunks]
    found = {
        name: magnitude(footers, [each.columns[position] for each in chunks], physical(of))
        for position, (name, of) in enumerate(request.wanted)
    }
    return {name: largest for name, largest in found.items() if largest is not None}


@functools.lru_cache(maxsize=1024)
def _names(fields: tuple[Field, ...]) -> Mapping[str, int]:
    """The first column of each name, whatever its case."""
    return {each.name.lower(): position for position, each in reversed(list(enumerate(fields)))}


def _part(request: Request, fields: Sequence[Field | None], files: Sequence[DataFile]) -> str:
    reader = Reader(files[0])
    items = []
    for (name, of), field in zip(request.wanted, fields, strict=True):
        value = f"CAST(NULL AS {physical(of)})"
        if field is not None:
            value = reader.column(field, identifier(field.name), of)
        items.append(f"{value} AS {identifier(name)}, ")
    urls = file_list([each.url for each in files])
    return (
        f"SELECT {''.join(items)}filename AS {identifier(PATH)} FROM read_parquet({urls},"
        " hive_partitioning = false)"
    )


def _need_codecs(request: Request, file: DataFile, footer: Footer) -> None:
    """Trino decompresses neither Brotli nor LZ4 without frames; it meets them first where it
    looks for the values of a filter in a dictionary."""
    if not footer.marks & _UNREADABLE or not request.columns:
        return
    filtered = next((name for name, _ in request.wanted if name in request.filtered), None)
    if filtered is None:
        raise TrinoError("GENERIC_INTERNAL_ERROR", "Error reading dictionary page")
    raise TrinoError(
        "HIVE_CANNOT_OPEN_SPLIT",
        f"Error opening Hive split {file.info.uri} (offset=0, length={file.info.size}):"
        f" Could not decode the dictionary for [{filtered}]",
        error_type="EXTERNAL",
    )


FORMAT: Final = Format(
    name="PARQUET",
    classification="parquet",
    serdes=frozenset({"org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}),
    input_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    scan=_scan,
    writing=writers.parquet.writing,
    footers=footers.read,
    by_name=True,
)
