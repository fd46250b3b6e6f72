"""What the decoders of the two JSON SerDes share: what they are told, and words of values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from struct import pack, unpack
from typing import TYPE_CHECKING, Any, Final

import orjson

from lakelet.errors import TrinoError
from lakelet.types import Type
from lakelet.types.duckdb import row_fields
from lakelet.types.parsing import parse_type

if TYPE_CHECKING:
    pass

Decode = Callable[[Any], Any]
"""A value of parsed JSON → a canonical value; raises BadValueError."""


class BadValueError(Exception):
    """What a SerDe can't take; the query fails."""


class Bare(str):
    """A literal of JSON that is no string: a number, true or false, as it stands in the text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Spec:
    """The columns that are read, their positions in the table, and SerDe properties."""

    columns: tuple[tuple[str, str, int], ...]
    properties: Mapping[str, str]

    @property
    def types(self) -> Sequence[tuple[str, Type]]:
        return [(name, parse_type(of)) for name, of, _ in self.columns]

    def text(self) -> str:
        return orjson.dumps([self.columns, dict(self.properties)]).decode()

    @classmethod
    def of(cls, text: str) -> "Spec":
        columns, properties = orjson.loads(text)
        return cls(tuple(map(tuple, columns)), properties)


def text(given: str) -> str:
    """A string as UTF-8 can hold it: half a surrogate pair is `?`, as Java writes it."""
    if given.isascii():
        return given
    return given.encode("utf-8", "replace").decode()


def by_value(read: Decode, of: Type) -> Decode:
    """A reader of a map's keys that gives equal real numbers as one text."""
    if of.name not in ("real", "double"):
        return read

    def decode(key: Any) -> Any:
        found = read(key)
        if found is None or not isfinite(float(found)):
            return found
        try:
            number = float(found)
            return repr(unpack("f", pack("f", number))[0] if of.name == "real" else number)
        except OverflowError:
            return "-Infinity" if found.startswith("-") else "Infinity"

    return decode


def cut(given: str, of: Type) -> str:
    """A string of a char or varchar."""
    whole = text(given)
    if of.length is not None:
        whole = whole[: of.length]
    return whole.rstrip(" ") if of.name == "char" else whole


def names(of: Type) -> Sequence[tuple[str, str, Type]]:
    """A row's fields: their names in small letters, DuckDB's names, and types."""
    given = [(name or "").lower() for name in of.fields]
    return list(zip(given, row_fields(of), of.arguments, strict=True))


NOT_SUPPORTED: Final = "NOT_SUPPORTED"


def unsupported(of: Type) -> TrinoError:
    return TrinoError(NOT_SUPPORTED, f"Unsupported column type: {of}")
