"""LazySimpleSerDe: text with a delimiter and no quotes, columns by position.

A column that a line lacks is NULL, one too many is passed over, and so is a text that is no value
of its column's type. A block of lines that all have a table's columns is split by Arrow's CSV
reader; others are split as lists. With ESCAPED BY an escape character keeps the next byte from
being a delimiter, and only strings lose it again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lakelet.formats import hive_text, lines, proving, timestamp_formats, writers
from lakelet.formats.scanning import (
    PATH,
    Format,
    Relation,
    Request,
    file_list,
    identifier,
    quoted,
)
from lakelet.types import Type
from lakelet.types.duckdb import physical

if TYPE_CHECKING:
    from pyarrow import Array

DELIMITER: Final = "\x01"
NULL: Final = "\\N"
_SEPARATORS: Final = "".join(map(chr, (*range(1, 9), 11, *range(14, 27), *range(28, 32))))
_LEGACY_LEVELS: Final = 8
_EXTENDED: Final = (
    "hive.serialization.extend.nesting.levels",
    "hive.serialization.extend.additional.nesting.levels",
)
_TAKES_REST: Final = "serialization.last.column.takes.rest"
_STRINGS: Final = frozenset({"varchar", "char"})
_CAST: Final = frozenset(
    "tinyint smallint integer bigint real double decimal date timestamp".split()  # noqa: SIM905
)
"""Types whose values DuckDB's own cast may give."""
_MISSING: Final = "\x00\x00lakelet\x00"
"""Stands for a column that a line lacks while it is split."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a table's SerDe properties say (Trino's TextEncodingOptions)."""

    separators: str
    null: str
    escape: str | None
    takes_rest: bool
    timestamp_formats: str

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> "Options":
        given = (
            properties.get("field.delim", properties.get("serialization.format")),
            # Hive before 3 has it misspelt.
            properties.get("collection.delim", properties.get("colelction.delim")),
            properties.get("mapkey.delim"),
        )
        first = (_byte(each, _SEPARATORS[i]) for i, each in enumerate(given))
        extended = any(properties.get(name, "").lower() == "true" for name in _EXTENDED)
        levels = len(_SEPARATORS) if extended else _LEGACY_LEVELS
        escape = properties.get("escape.delim")
        return cls(
            separators="".join(first) + _SEPARATORS[3:levels],
            null=properties.get("serialization.null.format", NULL),
            escape=None if escape is None else _byte(escape, "\\"),
            takes_rest=properties.get(_TAKES_REST, "").lower() == "true",
            timestamp_formats=properties.get(timestamp_formats.KEY, ""),
        )


def _byte(given: str | None, default: str) -> str:
    """A delimiter is its number (`9`) or the first character of a text."""
    if not given:
        return default
    try:
        number = int(given)
    except ValueError:
        return given[0]
    return chr(number) if 0 <= number < 128 else given[0]


def _scan(request: Request) -> Relation:
    options = Options.of(request.properties)
    if options.takes_rest or len(request.schema) < 2 or not request.wanted:
        return _exact(request, options)
    return proving.divided(
        request,
        exact=lambda asked: _exact(asked, options),
        proof=lambda asked: _proof(asked, options),
        plain=lambda asked: _plain(asked, options),
    )


def _exact(request: Request, options: Options) -> Relation:
    values = "".join(
        f"{_value(name, of, options)} AS {identifier(name)}, " for name, of in request.wanted
    )
    data = lines.dataset(request, [name for name, _ in request.wanted], _decoder(request, options))
    sql = f"SELECT {values}{identifier(PATH)} FROM {request.name}"
    return Relation(sql, {request.name: data})


def _value(name: str, of: Type, options: Options) -> str:
    how = hive_text.Nesting(options.separators, options.null, options.timestamp_formats)
    return hive_text.nested(identifier(name), of, how)


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
    values = "".join(
        f"{_plain_value(name, of, options)} AS {identifier(name)}, " for name, of in request.wanted
    )
    return Relation(
        f"SELECT {values}filename AS {identifier(PATH)} FROM read_csv({file_list(request.urls)},"
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
        if options.escape is not None and options.escape.encode() in block:
            return _escaped(block, [(n, positions[n], types[n]) for n in names], options, width)
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

    if len(columns) > 1 and (b"\n\n" in block or block.startswith(b"\n")):
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
        if options.takes_rest and position == width - 1:
            field = (
                compute.replace_substring_regex(
                    field, pattern=f"({_hex(delimiter)}?{_hex(_MISSING)})+$", replacement=""
                )
                if width > 1
                else field
            )
        absent = compute.is_in(field, value_set=_texts(_MISSING, options.null))
        found[name] = compute.if_else(absent, None, field)
    return found


def _hex(literal: str) -> str:
    return "".join(f"\\x{{{ord(each):x}}}" for each in literal)


def _texts(*given: str) -> "Array":
    import pyarrow

    return pyarrow.array(given, pyarrow.string())


def _escaped(
    block: bytes, wanted: Sequence[tuple[str, int, Type]], options: Options, width: int
) -> Mapping[str, "Array"]:
    """Line by line: what an escape character means depends on what stands before it."""
    import pyarrow

    readers = [(name, position, _unescaping(of, options)) for name, position, of in wanted]
    columns: dict[str, list[str | None]] = {name: [] for name, _, _ in readers}
    for line in block.decode()[:-1].split("\n"):
        fields = _fields(line, options, width)
        for name, position, read in readers:
            field = fields[position] if position < len(fields) else None
            missing = field is None or field == options.null
            columns[name].append(None if missing or field is None else read(field))
    return {name: pyarrow.array(found, pyarrow.string()) for name, found in columns.items()}


def _fields(line: str, options: Options, width: int) -> list[str]:
    delimiter, escape = options.separators[0], options.escape
    found: list[str] = []
    start = at = 0
    while at < len(line):
        if line[at] == delimiter:
            found.append(line[start:at])
            start = at + 1
            if options.takes_rest and len(found) == width - 1:
                break
        elif line[at] == escape:
            at += 1
        at += 1
    return [*found, line[start:]]


def _unescaping(of: Type, options: Options) -> Callable[[str], str]:
    if of.name in _STRINGS:
        return lambda field: unescaped(field, options.escape or "")
    return lambda field: field


def unescaped(field: str, escape: str) -> str:
    """A string without its escape characters; one at the very end stays."""
    if escape not in field:
        return field
    out = []
    at = 0
    while at < len(field):
        if field[at] == escape and at + 1 < len(field):
            at += 1
        out.append(field[at])
        at += 1
    return "".join(out)


FORMAT: Final = Format(
    name="TEXTFILE",
    classification="csv",
    serdes=frozenset({"org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"}),
    input_format="org.apache.hadoop.mapred.TextInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    scan=_scan,
    writing=writers.delimited.simple,
)
