"""The SerDe property `timestamp.formats`: patterns between commas."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lakelet.errors import TrinoError
from lakelet.formats.text import java

if TYPE_CHECKING:
    from pyarrow import Array

KEY: Final = "timestamp.formats"


def parsed(texts: "Array", properties: "Array") -> "Array":
    """Microseconds since 1970 by the patterns of a property, else by Hive's own form."""
    import pyarrow

    given = zip(texts.to_pylist(), properties.to_pylist(), strict=True)
    found = [None if text is None else _parser(property_)(text) for text, property_ in given]
    return pyarrow.array(found, pyarrow.int64())


@lru_cache(maxsize=64)
def _parser(property_: str) -> java.Timestamps:
    return java.timestamps(escaped_list(property_))


def escaped_list(property_: str) -> Sequence[str]:
    """Patterns in which a backslash keeps a comma; raises TrinoError HIVE_INVALID_METADATA."""
    found = [""]
    position = 0
    while position < len(property_):
        char = property_[position]
        if char == "\\":
            position += 1
            char = property_[position : position + 1]
            if char not in (",", "\\"):
                raise _invalid(property_, position)
            found[-1] += char
        elif char == ",":
            found.append("")
        else:
            found[-1] += char
        position += 1
    return [each for each in found if each]


def _invalid(property_: str, position: int) -> TrinoError:
    why = (
        "unterminated escape at end of value"
        if position >= len(property_)
        else f"Illegal escaped character at {position - 1}"
    )
    message = f"Invalid '{KEY}' property value '{property_}': {why}"
    return TrinoError("HIVE_INVALID_METADATA", message)
