"""LazySimpleSerDe: text with a delimiter and no quotes, columns by position.

A column that a line lacks is NULL, one too many is passed over, and so is a text that is no value
of its column's type. A block of lines that all have a table's columns is split by Arrow's CSV
reader, others are split as lists; values are Arrow's where it can cast them (`typed`). A file that
was read whole in this way, without exception, is read by DuckDB from then on. With ESCAPED BY an
escape character keeps the next byte from being a delimiter, and only strings lose it again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lakelet.formats import writers
from lakelet.formats.delimited import escaped
from lakelet.formats.delimited.options import Options
from lakelet.formats.scanning import (
    PATH,
    TEXT_INPUT,
    TEXT_OUTPUT,
    Format,
    Relation,
    Request,
)
from lakelet.formats.text import lines, proving, separated, typed, values
from lakelet.types import Type
from lakelet.types.duckdb import physical
from lakelet.types.quoting import identifier

if TYPE_CHECKING:
    from pyarrow import Array, DataType

_NO_DELIMITERS: Final = "\0\r\n"
_WHOLE: Final = escaped.COMPOSED | {"varbinary"}
"""Types whose values are made of all that stands in a field, escapes too."""
_MISSING: Final = ("\x00\x00lakelet\x00", "\x00\x00MISSING\x00")
"""Stand for a column that a line lacks while it is split; the second where the delimiter is in the
first."""


def _scan(request: Request) -> Relation:
    options = Options.of(request.properties)
    if not _may_be_plain(request, options):
        return _exact(request, options)
    return proving.remembered(
        request,
        _key(request, options),
        exact=lambda asked: _exact(asked, options),
        plain=lambda asked: _plain(asked, options),
    )


def _may_be_plain(request: Request, options: Options) -> bool:
    """Whether there are files of these columns and options that DuckDB reads as Trino does."""
    delimiter, types = options.separators[0], dict(request.schema)
    unusual = options.takes_rest or options.odd or delimiter in _NO_DELIMITERS
    asked = {of.name for of in map(types.get, request.columns) if of is not None}
    composed = options.escape is not None and not asked.isdisjoint(escaped.COMPOSED)
    few = len(types) < 2 or not asked
    return not (unusual or composed or few or "varbinary" in asked or delimiter in options.null)


def _key(request: Request, options: Options) -> str:
    """Under which files are noted."""
    return f"delimited {options} {len(request.schema)} {request.wanted}"


def _plain(request: Request, options: Options) -> Relation:
    given = _given(request, options)
    read = (
        f"TRY_CAST(nullif({identifier(name)}, '') AS {physical(of)})"  # a cast that fails is slow
        if name in given
        else _value(name, of, options, is_cast=False)
        for name, of in request.wanted
    )
    return separated.plain(request, read, _fields(options))


def _fields(options: Options) -> separated.Fields:
    return separated.Fields(options.separators[0], quote="", null=options.null)


def _given(request: Request, options: Options) -> Mapping[str, Type]:
    """The columns whose values Arrow may give."""
    return typed.types(each for each in request.wanted if _is_cast(each[1], options))


def _exact(request: Request, options: Options) -> Relation:
    binary = [name for name, of in request.wanted if of.name == "varbinary"]
    given = _given(request, options)
    selected = "".join(
        f"{_value(name, of, options, is_cast=name in given)} AS {identifier(name)}, "
        for name, of in request.wanted
    )
    columns = typed.schema([name for name, _ in request.wanted], given, binary)
    watch = proving.Watch(request, _key(request, options))
    watch.odd = not _may_be_plain(request, options)
    standing = _standing(options)
    data = lines.dataset(
        request,
        columns,
        _decoder(request, options, given, watch),
        lambda pieces: watch.pieces(iter(standing(pieces))),
        java=False,
        end=watch.end,
    )
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


def _is_cast(of: Type, options: Options) -> bool:
    return not (of.name == "timestamp" and options.timestamp_formats)


def _value(name: str, of: Type, options: Options, *, is_cast: bool) -> str:
    how = values.Nesting(options.separators, options.null, options.timestamp_formats)
    if options.escape is not None and of.name in escaped.COMPOSED:
        how = replace(escaped.NESTING, timestamp_formats=options.timestamp_formats)
    if of.name == "varbinary":
        return f"trino_hive_bytes({identifier(name)})"
    if not is_cast:
        return values.nested(identifier(name), of, how)
    text = identifier(typed.text_of(name))
    read = values.nested(text, of, how)
    return f"CASE WHEN {text} IS NULL THEN {identifier(name)} ELSE {read} END"


def _decoder(
    request: Request, options: Options, given: Mapping[str, Type], watch: proving.Watch
) -> lines.Decode:
    decode = _texts_of(request, options, watch)
    at_once = _AtOnce(tuple(dict(request.schema)), options, given)

    def divided(block: bytes, names: Sequence[str]) -> Mapping[str, "Array"]:
        wanted = [name for name in dict(request.wanted) if typed.is_asked(name, names)]
        found = typed.divided(at_once.read(block, wanted) or decode(block, wanted), given)
        if not watch.odd and (proving.is_odd(block) or not _are_values(found, given)):
            watch.odd = True
        return found

    return divided


class _AtOnce:
    """Blocks whose values Arrow casts while it splits them."""

    def __init__(self, columns: Sequence[str], options: Options, given: Mapping[str, Type]) -> None:
        self._columns = columns
        self._options = options
        self._given = given
        self._types = {} if options.takes_rest else typed.read_at_once(given)
        self._fails = False

    def read(self, block: bytes, names: Sequence[str]) -> Mapping[str, "Array"] | None:
        """Texts and values; None for a block that is not of values, and for all behind one that
        only looked like that, so that few are split twice."""
        types = {name: self._types[name] for name in names if name in self._types}
        integers = any(self._given[name].name in typed.INTEGERS for name in types)
        escape = self._options.escape
        if self._fails or not types or (escape is not None and escape.encode() in block):
            return None
        separator = self._options.separators[0].encode()
        if not typed.is_tight(block, separator, integers=integers):
            return None
        found = _even(block, names, self._columns, self._options, types)
        made = None if found is None else typed.at_once(found, self._given)
        self._fails = made is None
        return made


def _are_values(found: Mapping[str, "Array"], given: Mapping[str, Type]) -> bool:
    """Whether no column that may be given as values is left as texts."""
    return all(
        name in found and found[typed.text_of(name)].null_count == len(found[name])
        for name in given
    )


def _texts_of(request: Request, options: Options, watch: proving.Watch) -> lines.Decode:
    """What it can't take for plain lines is odd."""
    positions = {name: i for i, (name, _) in enumerate(request.schema)}
    types = dict(request.schema)
    width = len(request.schema)

    def decode(block: bytes, names: Sequence[str]) -> Mapping[str, "Array"]:
        if not names:
            watch.odd = True
            return {}
        composed = any(types[name].name in escaped.COMPOSED for name in names)
        if options.escape is not None and (composed or options.escape.encode() in block):
            watch.odd = True
            scalars = not any(types[name].name in _WHOLE for name in names)
            told = escaped.standing(block, options) if scalars else None
            if told is not None:
                found = split(told.block, names, told.options)
                return {name: told.text(found[name], types[name]) for name in names}
            wanted = [(name, positions[name], types[name]) for name in names]
            return escaped.columns(block, wanted, options, width)
        return split(block, names, options)

    def split(block: bytes, names: Sequence[str], options: Options) -> Mapping[str, "Array"]:
        if not options.takes_rest:
            found = _even(block, names, tuple(positions), options, {})
            if found is not None:
                return found
        watch.odd = True
        return _uneven(block, {name: positions[name] for name in names}, options, width)

    return decode


def _even(
    block: bytes,
    names: Sequence[str],
    columns: Sequence[str],
    options: Options,
    types: Mapping[str, "DataType"],
) -> Mapping[str, "Array"] | None:
    """A block whose lines all have as many fields as the table has columns, and whose texts are
    values of some types; else None."""
    blank = len(columns) > 1 and lines.has_empty(block)
    if blank or not options.separators[0].isascii():
        return None
    return separated.split(block, names, columns, _fields(options), types)


def _uneven(
    block: bytes, wanted: Mapping[str, int], options: Options, width: int
) -> Mapping[str, "Array"]:
    """Lines are filled up with fields that say that they are missing, then all have enough."""
    from pyarrow import compute

    delimiter = options.separators[0]
    missing = next(each for each in _MISSING if delimiter not in each)
    filled = compute.binary_join_element_wise(
        lines.split(block), *[missing] * (width - 1), delimiter
    )
    most = width - 1 if options.takes_rest else None
    parts = compute.split_pattern(filled, pattern=delimiter, max_splits=most)
    found = {}
    for name, position in wanted.items():
        field = compute.list_element(parts, position)
        absent = compute.starts_with(field, pattern=missing)
        if options.takes_rest and position == width - 1 > 0:
            filling = f"({_hex(delimiter)}?{_hex(missing)})+$"
            field = compute.replace_substring_regex(field, pattern=filling, replacement="")
        absent = compute.or_(absent, compute.equal(field, options.null))
        found[name] = compute.if_else(absent, None, field)
    return found


def _hex(literal: str) -> str:
    return "".join(f"\\x{{{ord(each):x}}}" for each in literal)


FORMAT: Final = Format(
    name="TEXTFILE",
    classification="csv",
    serdes=("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",),
    input_format=TEXT_INPUT,
    output_format=TEXT_OUTPUT,
    scan=_scan,
    writing=writers.delimited.simple,
)
