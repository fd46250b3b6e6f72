"""What the two JSON SerDes share: lines to rows of canonical JSON, by a decoder for each table.

A decoder is made once for a `Spec`, which reaches the Python function as text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from lakelet.errors import TrinoError
from lakelet.formats.text.lines import unreadable
from lakelet.types import Type
from lakelet.types.duckdb import row_fields
from lakelet.types.parsing import parse_type

if TYPE_CHECKING:
    from pyarrow import Array

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


def hive(lines: "Array", uris: "Array", specs: "Array") -> "Array":
    """Rows of Hive's JsonSerDe."""
    return _decoded(lines, uris, specs, _hive)


def openx(lines: "Array", uris: "Array", specs: "Array") -> "Array":
    """Rows of OpenX's JsonSerDe; a line that is no object is NULL."""
    return _decoded(lines, uris, specs, _openx)


@lru_cache(maxsize=64)
def _hive(spec: str) -> Callable[[str], Any]:
    from lakelet.formats.json.hive import decoder

    return decoder(Spec.of(spec))


@lru_cache(maxsize=64)
def _openx(spec: str) -> Callable[[str], Any]:
    from lakelet.formats.json.openx import decoder

    return decoder(Spec.of(spec))


def _decoded(
    lines: "Array", uris: "Array", specs: "Array", make: Callable[[str], Callable[[str], Any]]
) -> "Array":
    import pyarrow

    found: list[bytes | None] = []
    for line, uri, spec in zip(lines.to_pylist(), uris.to_pylist(), specs.to_pylist(), strict=True):
        try:
            row = make(spec)(line)
            found.append(None if row is None else orjson.dumps(row))
        except (BadValueError, RecursionError):
            raise unreadable(uri) from None
    return pyarrow.array(found, pyarrow.binary()).cast(pyarrow.string())


def text(given: str) -> str:
    """A string as UTF-8 can hold it: half a surrogate pair is `?`, as Java writes it."""
    if given.isascii():
        return given
    return given.encode("utf-8", "replace").decode()


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
