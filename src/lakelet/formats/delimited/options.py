"""The SerDe properties of LazySimpleSerDe."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats.text import timestamp_formats

DELIMITER: Final = "\x01"
NULL: Final = "\\N"
_SEPARATORS: Final = "".join(map(chr, (*range(1, 9), 11, *range(14, 27), *range(28, 32))))
_PLAIN: Final = frozenset(map(chr, range(1, 128)))
_STANDING: Final = "\ufdd0\ufdd1\ufdd2"
"""Noncharacters of Unicode, which are in no text that is meant for others."""
_NUMBER: Final = re.compile("[+-]?[0-9]{1,3}")
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
    odd: Mapping[bytes, bytes]
    null: str
    escape: str | None
    takes_rest: bool
    timestamp_formats: str

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> "Options":
        """`odd` are the bytes that no text of Arrow's holds as separators, and what stands for
        them. Raises TrinoError for such a delimiter together with an escape character."""
        given = (
            properties.get("field.delim", properties.get("serialization.format")),
            # Hive before 3 has it misspelt.
            properties.get("collection.delim", properties.get("colelction.delim")),
            properties.get("mapkey.delim"),
        )
        first = "".join(_byte(each, _SEPARATORS[i]) for i, each in enumerate(given))
        extended = any(properties.get(name, "").lower() == "true" for name in _EXTENDED)
        levels = len(_SEPARATORS) if extended else _LEGACY_LEVELS
        odd = {each: _STANDING[i] for i, each in enumerate(first) if each not in _PLAIN}
        escape = properties.get("escape.delim")
        if escape is not None and (odd or not _byte(escape, "\\").isascii()):
            raise TrinoError(
                "NOT_SUPPORTED", "Escapes with delimiters beyond ASCII are not available"
            )
        return cls(
            separators="".join(odd.get(each, each) for each in first) + _SEPARATORS[3:levels],
            odd={each.encode("latin-1"): standing.encode() for each, standing in odd.items()},
            null=properties.get("serialization.null.format", NULL),
            escape=None if escape is None else _byte(escape, "\\"),
            takes_rest=properties.get(_TAKES_REST, "").lower() == "true",
            timestamp_formats=properties.get(timestamp_formats.KEY, ""),
        )


def _byte(given: str | None, default: str) -> str:
    """A delimiter is a byte: its number as Java has it (`9`, `-2`), else what is left of the first
    character of a text."""
    if not given:
        return default
    if _NUMBER.fullmatch(given) and -128 <= int(given) < 128:
        return chr(int(given) % 256)
    return chr(ord(given[0]) % 256)
