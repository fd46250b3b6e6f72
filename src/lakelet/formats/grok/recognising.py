"""Grok: named patterns over lines, and the ones that Glue has built in.

`%{PATTERN:column:type}` captures, `%{PATTERN}` only matches ("Writing grok custom classifiers",
Glue developer guide).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from lakelet.errors import InvalidInput
from lakelet.formats.grok import FORMAT, expanded
from lakelet.formats.recognition.classified import Classified
from lakelet.formats.recognition.kinds import Kind
from lakelet.formats.recognition.samples import Sample
from lakelet.formats.stored_as import StoredAs

_STORED_AS = StoredAs.of(FORMAT)
MAX_LINES = 1000
_LONGEST = 4096
"""Characters of a line that are matched."""

_ONIGURUMA = re.compile(r"\(\?<(?![=!])")
_TYPES = {
    "byte": "tinyint",
    "boolean": "boolean",
    "double": "double",
    "short": "smallint",
    "int": "int",
    "long": "bigint",
    "float": "float",
    "string": "string",
}


@dataclass(frozen=True, slots=True)
class Grok:
    """A compiled pattern: the regular expression and its columns in their order."""

    regex: re.Pattern[str]
    columns: tuple[tuple[str, Kind], ...]


@lru_cache(maxsize=256)
def compiled(pattern: str, custom: str = "") -> Grok:
    """A pattern with a classifier's own ones, `NAME regex` a line. Raises InvalidInput."""
    try:
        found = expanded(pattern, custom)
        regex = re.compile(_ONIGURUMA.sub("(?P<", found.regex))
    except ValueError as error:
        raise InvalidInput(str(error)) from error
    except re.error as error:
        raise InvalidInput(f"The grok pattern {pattern!r} is not valid: {error}") from error
    types = {name: Kind(_type(of)) for name, of in found.columns.items()}
    names = {name: types.get(name, Kind("string")) for name in regex.groupindex}
    if not names:
        raise InvalidInput(f"The grok pattern {pattern!r} names no column")
    return Grok(regex, tuple(names.items()))


def by_pattern(
    sample: Sample, classification: str, pattern: str, custom: str = "", least: float = 0.0
) -> Classified | None:
    """The lines that a pattern matches are the certainty; `least` is the share they must have."""
    lines = [line[:_LONGEST] for line in sample.lines[:MAX_LINES] if line.strip()]
    grok = compiled(pattern, custom)
    if not lines or (least > 0 and not grok.regex.match(lines[0])):
        return None
    matched = sum(1 for line in lines if grok.regex.match(line))
    if not matched or matched / len(lines) < least:
        return None
    serde = {"input.format": pattern}
    if custom:
        serde["input.grokCustomPatterns"] = custom
    parameters = {"grokPattern": pattern, **({"grokCustomPatterns": custom} if custom else {})}
    return Classified(
        classification,
        _STORED_AS,
        dict(grok.columns),
        sample.compression,
        *sample.measured(len(lines)),
        serde,
        parameters,
        certainty=matched / len(lines),
    )


def _type(word: str | None) -> str:
    if word is None:
        return "string"
    if word.lower() not in _TYPES:
        raise InvalidInput(f"Grok has no type {word}")
    return _TYPES[word.lower()]
