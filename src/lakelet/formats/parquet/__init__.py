"""Parquet: columns by name, whatever their case, or by position; what a file lacks is NULL."""

import functools
from collections.abc import Container, Mapping, Sequence
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats import writers
from lakelet.formats.layout import Chunks, Field, Footer, magnitude
from lakelet.formats.parquet import footers, moments, statistics
from lakelet.formats.parquet.reading import Reader
from lakelet.formats.scanning import (
    NUMBER,
    PATH,
    Format,
    Relation,
    Request,
    file_list,
)
from lakelet.model import Domain
from lakelet.types import Type
from lakelet.types.duckdb import physical
from lakelet.types.quoting import identifier, quoted

_FLOATING: Final = ("FLOAT", "DOUBLE")
_OF_FILES: Final = ("filename", "file_index")
_UNREADABLE: Final = frozenset({"BROTLI", "LZ4_RAW", "LZO"})


def _scan(request: Request) -> Relation:
    """Files of the same columns are read together, each column by what the file holds."""
    by_index = request.property("parquet.column.index.access", "false").lower() == "true"
    positions = {name: index for index, (name, _) in enumerate(request.schema)}
    alike: dict[tuple[bool, tuple[Field | None, ...]], list[Chunks]] = {}
    for file, footer in zip(request.files, request.footers, strict=True):
        at = positions if by_index else _names(footer.fields)
        places = [at.get(name, len(footer.fields)) for name, _ in request.wanted]
        for (name, of), place in zip(request.wanted, places, strict=True):
            if name in request.domains and place < len(footer.fields):
                statistics.check(file, footer, place, of)
        found = tuple(footer.fields[i] if i < len(footer.fields) else None for i in places)
        names = (name for name, _ in request.wanted)
        kept = request.surviving(footer, dict(zip(names, places, strict=True)))
        read = tuple(i for i in places if i < len(footer.fields))
        holds = any(group.rows for group in footer.groups)
        alike.setdefault((holds, found), []).append(Chunks(file, footer, read, kept))
    keyed = _is_keyed(request)
    shadowed = _shadowed(request)
    known = [_known_whole(request, fields, files) for (_, fields), files in alike.items()]
    whole = [frozenset(field for field in each if each[field]) for each in known]
    parts = [
        _part(request, fields, files, plain, keyed, shadowed)
        for ((_, fields), files), plain in zip(alike.items(), whole, strict=True)
    ]
    chunks = [each for files in alike.values() for each in files]
    for each in chunks:
        _need_codecs(request, each)
    return Relation(
        " UNION ALL BY NAME ".join(parts),
        chunks=tuple(chunks),
        magnitudes=_magnitudes(request, chunks),
        numbered=len(alike) == 1 and "file_index" not in shadowed,
        keyed=keyed,
        whole=_call(chunks) if not by_index and _is_plain(request, whole) else "",
        provisional=any(None in each.values() for each in known),
    )


def _shadowed(request: Request) -> frozenset[str]:
    """Which of the names that DuckDB has for a row's file are those of columns in some file."""
    schemas = {footer.fields for footer in request.footers}
    return frozenset(
        name for name in _OF_FILES if any(name in _names(fields) for fields in schemas)
    )


def _call(files: Sequence[Chunks], options: str = "") -> str:
    """DuckDB's function over some files. Unless it is told of NaN, it takes the bounds of a column
    for those of all its values."""
    if not all(map(_bounds_nans, (each.footer for each in files))):
        options += ", can_have_nan = true"
    return f"read_parquet({file_list([each.file.url for each in files])}{options})"


def _is_keyed(request: Request) -> bool:
    """Whether what the paths say hides no column of a file."""
    names = {each.name for each in request.keys}
    schemas = {footer.fields for footer in request.footers}
    return bool(names) and all(names.isdisjoint(_names(fields)) for fields in schemas)


def _known_whole(
    request: Request, fields: Sequence[Field | None], files: Sequence[Chunks]
) -> dict[Field, bool | None]:
    """Of each timestamp of files with these columns that is finer than what is asked for, whether
    it is known to need no rounding."""
    return {
        field: moments.are_whole(request, field, files)
        for (_, of), field in zip(request.wanted, fields, strict=True)
        if field is not None and moments.is_finer(field, of)
    }


def _is_plain(request: Request, whole: Sequence[Container[Field]]) -> bool:
    """Whether all files are read together, and have every column of the schema just as it is asked
    for."""
    if len(whole) != 1:
        return False
    reader = Reader(request.files[0], whole[0])
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
    if not whole or len(chunks) > moments.MANY:
        return {}
    footers = [each.footer for each in chunks]
    found = {
        name: magnitude(footers, [each.columns[position] for each in chunks], physical(of))
        for position, (name, of) in enumerate(request.wanted)
        if physical(of) not in _FLOATING or all(map(_bounds_nans, footers))
    }
    return {name: largest for name, largest in found.items() if largest is not None}


def _bounds_nans(footer: Footer) -> bool:
    """Whether a file's bounds tell where no NaN is."""
    return footers.HIDES_NANS not in footer.marks


@functools.lru_cache(maxsize=1024)
def _names(fields: tuple[Field, ...]) -> Mapping[str, int]:
    """The first column of each name, whatever its case."""
    return {each.name.lower(): position for position, each in reversed(list(enumerate(fields)))}


def _part(
    request: Request,
    fields: Sequence[Field | None],
    files: Sequence[Chunks],
    whole: Container[Field],
    keyed: bool,
    shadowed: Container[str],
) -> str:
    reader = Reader(files[0].file, whole, moments.late(files))
    items = []
    conditions: list[str] = []
    for (name, of), field in zip(request.wanted, fields, strict=True):
        value = f"CAST(NULL AS {physical(of)})"
        if field is not None:
            column = identifier(field.name)
            value = _value(reader, field, of, files, request.asked(name, of, field))
            if of.name == "timestamp" and value != column:
                conditions += moments.conditions(field, column, request.domains.get(name))
        items.append(f"{value} AS {identifier(name)}")
    hive = "false"
    if keyed:
        types = {each: physical(each.type) for each in request.keys if each.type is not None}
        items += [f"{identifier(each.spelled)} AS {identifier(each.name)}" for each in types]
        given = ", ".join(f"{quoted(each.spelled)}: {quoted(of)}" for each, of in types.items())
        hive = f"true, hive_types = {{{given}}}"
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    options, path = f", hive_partitioning = {hive}", "filename"
    if path in shadowed:
        options, path = f"{options}, filename = {quoted(PATH)}", identifier(PATH)
    if request.located or not items:
        number = "NULL" if "file_index" in shadowed else "file_index"
        items += [
            f"{path} AS {identifier(PATH)}",
            f"CAST({number} AS BIGINT) AS {identifier(NUMBER)}",
        ]
    return f"SELECT {', '.join(items)} FROM {_call(files, options)}{where}"


def _value(reader: Reader, field: Field, of: Type, files: Sequence[Chunks], asked: Field) -> str:
    """SQL of a column; of one that is not just the file's only what is asked for. What cannot be
    read fails with the first value: not in files of no rows. Raises TrinoError."""
    column = identifier(field.name)
    try:
        value = reader.column(field, column, of)
        return value if value == column or asked == field else reader.column(asked, column, of)
    except TrinoError as failure:
        if asked != field:
            return _value(reader, asked, of, files, asked)
        rows = any(group.rows for each in files for group in each.footer.groups)
        if rows or failure.name != "NOT_SUPPORTED":
            raise
        return f"CAST(NULL AS {physical(of)})"


def _need_codecs(request: Request, read: Chunks) -> None:
    """Trino decompresses neither Brotli nor LZ4 without frames; it meets them first where it
    looks for the values of a filter in a dictionary, and not at all in groups without such rows."""
    file, footer = read.file, read.footer
    groups = range(len(footer.groups)) if read.groups is None else read.groups
    rows = any(footer.groups[each].rows for each in groups)
    if not footer.marks & _UNREADABLE or not request.columns or not rows:
        return
    kept = {place for place in read.columns if f"{footers.DICTIONARY}{place}" in footer.marks}
    names = {each.name.lower() for i, each in enumerate(footer.fields) if i in kept}
    looked_up = (name for name, _ in request.wanted if _is_looked_up(request, name))
    filtered = next((name for name in looked_up if name in names), None)
    if filtered is None:
        raise TrinoError("GENERIC_INTERNAL_ERROR", "Error reading dictionary page")
    raise TrinoError(
        "HIVE_CANNOT_OPEN_SPLIT",
        f"Error opening Hive split {file.info.uri} (offset=0, length={file.info.size}):"
        f" Could not decode the dictionary for [{filtered}]",
    )


def _is_looked_up(request: Request, name: str) -> bool:
    """Whether a filter asks for more of a column than that it is not NULL."""
    return name in request.filtered and request.domains.get(name) != Domain()


FORMAT: Final = Format(
    name="PARQUET",
    classification="parquet",
    serdes=("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",),
    input_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    scan=_scan,
    writing=writers.parquet.writing,
    footers=footers.read,
    by_name=True,
)
