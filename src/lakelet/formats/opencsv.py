"""OpenCSVSerde: quoted text, one line a row; every value is a string and then cast.

Lines whose quotes stand around whole fields, doubled within them, are split by Arrow's CSV reader.
Others are first taken apart as Trino's CsvDeserializer does (a quote may stand anywhere, and an
unterminated field is dropped) and written anew. A value that its column's type can't hold fails the
query (HIVE_BAD_DATA), an empty one too where the column is not a string.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lakelet.errors import TrinoError
from lakelet.formats import writers
from lakelet.formats.scanning import (
    PATH,
    TEXT_INPUT,
    TEXT_OUTPUT,
    Format,
    Relation,
    Request,
)
from lakelet.formats.text import lines, marks, proving, quotes, separated
from lakelet.types import Type
from lakelet.types.duckdb import physical
from lakelet.types.quoting import identifier, quoted

if TYPE_CHECKING:
    from pyarrow import Array

_MISSING: Final = (
    *("\x00\x00lakelet\x00", "\x00\x00MISSING\x00", "\x00\x00-----\x00"),
    "\x07\x1elakelet\x1e",
)
"""Stand for a column that a line lacks: the first that holds neither separator nor quote."""
_NO_TEXT: Final = "\x07\x1d"
"""Stands for NULL where none is."""
_NONE: Final = "\x00"
"""As a quote or escape character: there is none."""


@dataclass(frozen=True, slots=True)
class Characters:
    """A table's separator, quote and escape."""

    separator: str
    quote: str
    escape: str

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> "Characters":
        """Raises TrinoError NOT_SUPPORTED for characters that can't be told apart."""
        escape = (properties.get("escapeChar") or "\\")[0]
        found = cls(
            separator=(properties.get("separatorChar") or ",")[0],
            quote=(properties.get("quoteChar") or '"')[0],
            # Hive reads an escape character that is given as " as \.
            escape="\\" if escape == '"' else escape,
        )
        same = found.quote == found.escape and found.quote != _NONE
        if same or found.separator in (_NONE, found.quote, found.escape):
            raise TrinoError("NOT_SUPPORTED", "CSV not supported")
        return found

    @property
    def encoded(self) -> tuple[bytes, bytes, bytes]:
        return self.separator.encode(), self.quote.encode(), self.escape.encode()

    @property
    def are_arrows(self) -> bool:
        """Whether Arrow's reader and DuckDB's can be told them."""
        given = (self.separator, self.quote)
        return all(char.isascii() and char not in "\x00\r\n" for char in given)


_WRITTEN: Final = Characters(separator=",", quote='"', escape="\\")
"""Of lines that are written anew."""


_BARE: Final = "\x01\x02\x03\x04\x05"
"""Characters that few texts hold, to stand for another."""


def _scan(request: Request) -> Relation:
    if not request.wanted:  # then Trino does not look at the characters either
        return _exact(request, _WRITTEN)
    characters = Characters.of(request.properties)
    if len(request.schema) < 2 or not characters.are_arrows:
        return _exact(request, characters)
    return proving.remembered(
        request,
        _key(request, characters),
        exact=lambda asked: _exact(asked, characters),
        plain=lambda asked: _plain(asked, characters),
    )


def _key(request: Request, characters: Characters) -> str:
    """Under which files are noted."""
    return f"quotes {characters} {len(request.schema)}"


def _exact(request: Request, characters: Characters) -> Relation:
    columns = [name for name, _ in request.schema]
    watch = proving.Watch(request, _key(request, characters))
    watch.odd = len(columns) < 2 or not characters.are_arrows

    def decode(block: bytes, names: Sequence[str]) -> Mapping[str, "Array"]:
        watch.odd = watch.odd or not names or proving.is_odd(block)
        if not names:
            return {}
        found = _even(block, names, columns, characters)
        if found is not None:
            return found
        found = _escaped(block, names, columns, characters)
        if found is not None:
            watch.odd = True
            return found
        written, used = _clean_lines(block, len(columns), characters)
        watch.odd = watch.odd or written is not block
        return _taken_apart(written, names, columns, used)

    names = [name for name, _ in request.wanted]
    data = lines.dataset(
        request, names, decode, lambda pieces: watch.pieces(iter(pieces)), end=watch.end
    )
    written = zip(request.wanted, _values(request), strict=True)
    values = "".join(f"{value} AS {identifier(name)}, " for (name, _), value in written)
    sql = f"SELECT {values}{identifier(PATH)} FROM {request.name}"
    return Relation(sql, {request.name: data})


def _even(
    block: bytes, names: Sequence[str], columns: Sequence[str], characters: Characters
) -> Mapping[str, "Array"] | None:
    """A block whose lines are seen at once to have the table's columns, in quotes or not."""
    width, special = len(columns), characters.encoded
    if not characters.are_arrows:
        return None
    if quotes.are_all_quoted(block, width, *special) or not any(
        each in block for each in special[1:]
    ):
        return _split(block, names, columns, characters)
    return None if special[2] in block else _quoted(block, names, columns, characters)


def _quoted(
    block: bytes, names: Sequence[str], columns: Sequence[str], characters: Characters
) -> Mapping[str, "Array"] | None:
    """A block whose lines are seen to have quotes around whole fields."""
    separator, quote, _ = characters.encoded
    if len(columns) > 1 and quotes.are_around(block, separator, quote):
        found = _split(block, names, columns, characters)
        rows = marks.count(block, ord("\n"))
        if found is not None and len(next(iter(found.values()))) == rows:
            return found  # else a line ends in quotes
    return None


def _escaped(
    block: bytes, names: Sequence[str], columns: Sequence[str], characters: Characters
) -> Mapping[str, "Array"] | None:
    """A block that has escapes within its fields, in quotes or not."""
    from pyarrow import compute

    escape = characters.escape
    if not characters.are_arrows or not escape.isascii() or escape == _NONE:
        return None
    if escape.encode() not in block:
        return None
    bare = next((each for each in _BARE if each.encode() not in block), None)
    if bare is None or bare in (characters.separator, characters.quote):
        return None
    written = quotes.without_escapes(block, *characters.encoded, bare.encode())
    found = None if written is None else _quoted(written, names, columns, characters)
    if written is None or found is None or bare.encode() not in written:
        return found
    quote = characters.quote
    return {
        name: compute.replace_substring(column, pattern=bare, replacement=quote)
        for name, column in found.items()
    }


def _clean_lines(block: bytes, width: int, characters: Characters) -> tuple[bytes, Characters]:
    """A block as it is if quotes stand around whole fields or nowhere, else with its other lines
    written anew, and the characters of its lines."""
    if characters.are_arrows:
        return _mended(block, width, characters), characters
    written = [_rewritten(line, width, characters, _WRITTEN) for line in _lines(block)]
    return "".join(f"{line}\n" for line in written).encode(), _WRITTEN


def _plain(request: Request, characters: Characters) -> Relation:
    fields = separated.Fields(characters.separator, characters.quote, _NO_TEXT)
    return separated.plain(request, _values(request), fields)


def _lines(block: bytes) -> list[str]:
    return block[:-1].decode().split("\n")


def _mended(block: bytes, width: int, characters: Characters) -> bytes:
    """A block whose odd lines are written anew."""
    import pyarrow
    from pyarrow import compute

    given = lines.split(block)
    clean = compute.match_substring_regex(given, pattern=_clean(characters, width))
    if compute.all(clean).as_py() is True:
        return block
    odd = compute.invert(clean)
    fixed = [
        _rewritten(line, width, characters, characters) for line in given.filter(odd).to_pylist()
    ]
    given = compute.replace_with_mask(given, odd, pyarrow.array(fixed, pyarrow.string()))
    joined = compute.binary_join(pyarrow.ListArray.from_arrays([0, len(given)], given), "\n")[0]
    return bytes(joined.as_buffer().to_pybytes() + b"\n")


def _taken_apart(
    block: bytes, names: Sequence[str], columns: Sequence[str], characters: Characters
) -> Mapping[str, "Array"]:
    found = _split(block, names, columns, characters)
    assert found is not None
    return found


def _clean(characters: Characters, width: int) -> str:
    """Lines of just the table's columns, with quotes around whole fields or not at all, and doubled
    within them."""
    separator, quote, escape = map(
        _hex, (characters.separator, characters.quote, characters.escape)
    )
    plain = f"[^{separator}{quote}{escape}]*"
    in_quotes = f"{quote}(?:[^{quote}{escape}]|{quote}{quote})*{quote}"
    field = f"(?:{plain}|{in_quotes})"
    if width == 1:  # Arrow's reader has no row for an empty line
        return f"(?s)^(?:[^{separator}{quote}{escape}]+|{in_quotes})$"
    return f"(?s)^{field}{f'{separator}{field}' * (width - 1)}$"


def _hex(char: str) -> str:
    return f"\\x{{{ord(char):x}}}"


def _split(
    block: bytes, names: Sequence[str], columns: Sequence[str], characters: Characters
) -> Mapping[str, "Array"] | None:
    """None when not every line has as many fields as the table has columns."""
    if lines.has_empty(block):
        return None
    fields = separated.Fields(characters.separator, characters.quote, _missing(characters))
    return separated.split(block, names, columns, fields)


def _missing(characters: Characters) -> str:
    quotes = {characters.quote} - {_NONE}
    special = quotes | {characters.separator}
    return next(each for each in _MISSING if special.isdisjoint(each))


def _rewritten(line: str, width: int, characters: Characters, anew: Characters) -> str:
    fields = _fields(line, width, characters)
    quote = anew.quote
    written = [f"{quote}{field.replace(quote, quote * 2)}{quote}" for field in fields]
    return anew.separator.join([*written, *[_missing(anew)] * (width - len(fields))])


def _fields(line: str, width: int, characters: Characters) -> list[str]:
    """Trino's CsvDeserializer; an empty line has no fields."""
    if not line:
        return []
    state = _State(line, characters)
    found: list[str] = []
    while state.at < len(line) and len(found) < width:
        field = state.step()
        if field is not None:
            found.append(field)
    if len(found) < width and not state.in_quotes:
        found.append("".join(state.buffer))
    return found


class _State:
    """Where the reading of a line is."""

    def __init__(self, line: str, characters: Characters) -> None:
        self.line = line
        self.characters = characters
        self.at = 0
        self.in_quotes = False
        self.in_field = False
        self.buffer: list[str] = []

    def step(self) -> str | None:
        """Takes a character; a field when one ends."""
        char = self.line[self.at]
        field = None
        if char == self.characters.escape:
            self._escape()
        elif char == self.characters.quote:
            self._quote()
        elif char == self.characters.separator and not self.in_quotes:
            field = "".join(self.buffer)
            self.buffer = []
            self.in_field = False
        else:
            self.buffer.append(char)
            self.in_field = True
        self.at += 1
        return field

    def _next(self) -> str:
        return self.line[self.at + 1 : self.at + 2]

    def _escape(self) -> None:
        special = (self.characters.quote, self.characters.escape)
        if (self.in_quotes or self.in_field) and self._next() in special:
            self.buffer.append(self._next())
            self.at += 1

    def _quote(self) -> None:
        if (self.in_quotes or self.in_field) and self._next() == self.characters.quote:
            self.buffer.append(self._next())
            self.at += 1
        else:
            if self._is_embedded():
                if self.buffer and not "".join(self.buffer).strip():
                    self.buffer = []
                else:
                    self.buffer.append(self.characters.quote)
            self.in_quotes = not self.in_quotes
        self.in_field = not self.in_field

    def _is_embedded(self) -> bool:
        """Not among a line's first three characters, and beside no separator."""
        separator = self.characters.separator
        return (
            self.at > 2
            and self.line[self.at - 1] != separator
            and self._next() not in ("", separator)
        )


def _values(request: Request) -> list[str]:
    """SQL of the columns' values. What is no value of its type is NULL under the table's property
    `use.null.for.invalid.data`, by which Athena goes, and else fails the query."""
    lenient = request.parameters.get("use.null.for.invalid.data", "").lower() == "true"
    places = {name: place for place, (name, _) in enumerate(request.schema)}
    return [_value(name, of, None if lenient else places[name]) for name, of in request.wanted]


def _value(name: str, of: Type, place: int | None) -> str:
    """`place` is the field's, from 0; None where a bad value is NULL."""
    column = identifier(name)
    if of.name in ("varchar", "char"):
        return column
    bad = "NULL"
    if place is not None:
        told = ("Error parsing field value '", f"' for field {place}: For input string: \"", '"')
        message = f" || {column} || ".join(map(quoted, told))
        bad = f"CAST(trino_fail('HIVE_BAD_DATA', {message}) AS {physical(of)})"
    if of.name == "date":
        read = f"DATE '1970-01-01' + TRY_CAST({column} AS INTEGER)"
    elif of.name == "timestamp":
        read = f"make_timestamp(TRY_CAST({column} AS BIGINT) * 1000)"
    else:
        read = f"TRY_CAST({column} AS {physical(of)})"
    return f"CASE WHEN {column} IS NOT NULL THEN coalesce({read}, {bad}) END"


FORMAT: Final = Format(
    name="CSV",
    classification="csv",
    serdes=("org.apache.hadoop.hive.serde2.OpenCSVSerde",),
    input_format=TEXT_INPUT,
    output_format=TEXT_OUTPUT,
    scan=_scan,
    writing=writers.delimited.quoted_csv,
)
