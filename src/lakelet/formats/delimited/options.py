"""The SerDe properties of LazySimpleSerDe."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats.text import timestamp_formats

DELIMITER: Final = "\x01"
NULL: Final = "\\N"
_SEPARATORS: Final = "".join(map(chr, (*range(1, 9), 11, *range(14, 27), *range(28, 32))))
_LEGACY_LEVELS: Final = 8
_EXTENDED: Final = (
    "hive.serialization.extend.nesting.levels",
    "hive.serialization.extend.additional.nesting.levels",
)
_TAKES_REST: Final = "serialization.last.column.takes.rest"


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
        """Raises TrinoError for a delimiter that is no ASCII character."""
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
        number = ord(given[0])
    found = chr(number) if 0 <= number < 128 else given[0]
    if not found.isascii():
        raise TrinoError("NOT_SUPPORTED", f"Delimiters beyond ASCII are not available: {given}")
    return found
