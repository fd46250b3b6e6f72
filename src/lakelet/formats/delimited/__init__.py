"""LazySimpleSerDe: text with a delimiter and no quotes, columns by position.

A column that a line lacks is NULL, one too many is passed over, and so is a text that is no value
of its column's type. A block of lines that all have a table's columns is split by Arrow's CSV
reader; others are split as lists. With ESCAPED BY an escape character keeps the next byte from
being a delimiter, and only strings lose it again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lakelet.formats import writers
from lakelet.formats.delimited import escaped
from lakelet.formats.delimited.options import Options
from lakelet.formats.scanning import (
    PATH,
    Format,
    Relation,
    Request,
    file_list,
    identifier,
    quoted,
)
from lakelet.formats.text import lines, proving, values
from lakelet.types import Type
from lakelet.types.duckdb import physical

if TYPE_CHECKING:
    from pyarrow import Array

_CAST: Final = frozenset(
    "tinyint smallint integer bigint real double decimal date timestamp".split()  # noqa: SIM905
)
"""Types whose values DuckDB's own cast may give."""
_MISSING: Final = "\x00\x00lakelet\x00"
"""Stands for a column that a line lacks while it is split."""


def _scan(request: Request) -> Relation:
    options = Options.of(request.properties)
    composed = any(of.name in escaped.COMPOSED for _, of in request.wanted)
    odd = options.takes_rest or options.odd or (options.escape is not None and composed)
    if odd or len(request.schema) < 2 or not request.wanted:
        return _exact(request, options)
    return proving.divided(
        request,
        exact=lambda asked: _exact(asked, options),
        proof=lambda asked: _proof(asked, options),
        plain=lambda asked: _plain(asked, options),
    )


def _exact(request: Request, options: Options) -> Relation:
    binary = {name for name, of in request.wanted if of.name == "varbinary"}
    values = {
        name: f"trino_hive_bytes({identifier(name)})"
        if name in binary
        else _value(name, of, options)
        for name, of in request.wanted
    }
    selected = "".join(f"{value} AS {identifier(name)}, " for name, value in values.items())
    decoder = _decoder(request, options)
    data = lines.dataset(request, [*values], decoder, _standing(options), binary)
    sql = f"SELECT {selected}{identifier(PATH)} FROM {request.name}"
    return Relation(sql, {request.name: data})


def _standing(options: Options) -> lines.Check:
    """Puts what stands for them in the place of odd separators."""

    def replaced(pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            for separator, standing in options.odd.items():
                piece = piece.replace(separator, standing)
            yield piece

    return replaced


def _value(name: str, of: Type, options: Options) -> str:
    how = values.Nesting(options.separators, options.null, options.timestamp_formats)
    if options.escape is not None and of.name in escaped.COMPOSED:
        how = replace(escaped.NESTING, timestamp_formats=options.timestamp_formats)
    return values.nested(identifier(name), of, how)


def _plain_value(name: str, of: Type, options: Options) -> str:
    if of.name in _CAST and not (of.name == "timestamp" and options.timestamp_formats):
        return f"TRY_CAST({identifier(name)} AS {physical(of)})"
    return _value(name, of, options)


def _proof(request: Request, options: Options) -> Relation:
    """Every line has the table's columns, and DuckDB's casts give every value."""
    columns = [name for name, _ in request.schema]

    def decode(block: bytes, names: Sequence[str]) -> Mapping[str, "Array"]:
        if options.escape is not None and options.escape.encode() in block:
            raise proving.uneven()
        found = _even(block, names or columns[:1], columns, options)
        if found is None:
            raise proving.uneven()
        return found

    data = lines.dataset(request, [name for name, _ in request.wanted], decode, proving.checked)
    same = " AND ".join(
        f"{_plain_value(name, of, options)} IS NOT DISTINCT FROM {_value(name, of, options)}"
        for name, of in request.wanted
        if of.name in _CAST
    )
    first = identifier(request.wanted[0][0])
    sql = f"SELECT bool_and({same or f'{first} IS NULL OR TRUE'}) FROM {request.name}"
    return Relation(sql, {request.name: data})


def _plain(request: Request, options: Options) -> Relation:
    names = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name, _ in request.schema)
    selected = "".join(
        f"{_plain_value(name, of, options)} AS {identifier(name)}, " for name, of in request.wanted
    )
    return Relation(
        f"SELECT {selected}filename AS {identifier(PATH)} FROM read_csv({file_list(request.urls)},"
        f" columns = {{{names}}}, delim = {quoted(options.separators[0])}, quote = '', escape = '',"
        f" header = false, skip = {lines.Trimming.of(request.parameters).header},"
        f" auto_detect = false, strict_mode = false, nullstr = {quoted(options.null)},"
        f" max_line_size = {proving.MAX_LINE})"
    )


def _decoder(request: Request, options: Options) -> lines.Decode:
    positions = {name: i for i, (name, _) in enumerate(request.schema)}
    types = dict(request.schema)
    width = len(request.schema)

    def decode(block: bytes, names: Sequence[str]) -> Mapping[str, "Array"]:
        if not names:
            return {}
        composed = any(types[name].name in escaped.COMPOSED for name in names)
        if options.escape is not None and (composed or options.escape.encode() in block):
            wanted = [(name, positions[name], types[name]) for name in names]
            return escaped.columns(block, wanted, options, width)
        if not options.takes_rest:
            found = _even(block, names, tuple(positions), options)
            if found is not None:
                return found
        return _uneven(block, {name: positions[name] for name in names}, options, width)

    return decode


def _even(
    block: bytes, names: Sequence[str], columns: Sequence[str], options: Options
) -> Mapping[str, "Array"] | None:
    """A block whose lines all have as many fields as the table has columns; else None."""
    import pyarrow
    from pyarrow import csv

    blank = b"\n\n" in block or block.startswith(b"\n")
    if (len(columns) > 1 and blank) or not options.separators[0].isascii():
        return None
    places = [f"c{i}" for i in range(len(columns))]
    wanted = [places[columns.index(name)] for name in names]
    try:
        table = csv.read_csv(
            pyarrow.BufferReader(block),
            csv.ReadOptions(column_names=places, use_threads=False, block_size=len(block) + 1),
            csv.ParseOptions(
                delimiter=options.separators[0],
                quote_char=False,
                double_quote=False,
                ignore_empty_lines=False,
            ),
            csv.ConvertOptions(
                check_utf8=False,
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pyarrow.string()),
                null_values=[options.null],
                strings_can_be_null=True,
            ),
        )
    except pyarrow.ArrowInvalid:
        return None
    return {
        name: table.column(place).combine_chunks()
        for name, place in zip(names, wanted, strict=True)
    }


def _uneven(
    block: bytes, wanted: Mapping[str, int], options: Options, width: int
) -> Mapping[str, "Array"]:
    """Lines are filled up with fields that say that they are missing, then all have enough."""
    from pyarrow import compute

    delimiter = options.separators[0]
    filled = compute.binary_join_element_wise(
        lines.split(block), *[_MISSING] * (width - 1), delimiter
    )
    most = width - 1 if options.takes_rest else None
    parts = compute.split_pattern(filled, pattern=delimiter, max_splits=most)
    found = {}
    for name, position in wanted.items():
        field = compute.list_element(parts, position)
        absent = compute.starts_with(field, pattern=_MISSING)
        if options.takes_rest and position == width - 1 > 0:
            filling = f"({_hex(delimiter)}?{_hex(_MISSING)})+$"
            field = compute.replace_substring_regex(field, pattern=filling, replacement="")
        absent = compute.or_(absent, compute.equal(field, options.null))
        found[name] = compute.if_else(absent, None, field)
    return found


def _hex(literal: str) -> str:
    return "".join(f"\\x{{{ord(each):x}}}" for each in literal)


FORMAT: Final = Format(
    name="TEXTFILE",
    classification="csv",
    serdes=frozenset({"org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"}),
    input_format="org.apache.hadoop.mapred.TextInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    scan=_scan,
    writing=writers.delimited.simple,
)
