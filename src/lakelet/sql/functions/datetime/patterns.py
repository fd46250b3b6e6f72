"""Patterns of dates in three languages (MySQL's, Joda's, Teradata's), as one list of tokens.

A token is a field with its width, or plain text. Tokens are written as SQL over a clock, or as one
regular expression whose groups make a timestamp.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.vectorised import invalid


@dataclass(frozen=True, slots=True)
class Token:
    """`field` is Joda's letter, `f` (a fraction of up to nine digits) or `text`; `width` how often
    the letter stands."""

    field: str
    width: int = 1
    text: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it is written in digits, of which a number before it takes none."""
        return self.field in _NUMERIC or (self.field == "M" and self.width <= 2)


_NUMERIC: Final = frozenset("CxYydhHmsSeDwkKf")


INVALID: Final = "INVALID_FUNCTION_ARGUMENT"


def _text(text: str) -> Token:
    return Token("text", 0, text)


MYSQL: Final[Mapping[str, tuple[Token, ...]]] = {
    "a": (Token("E", 3),),
    "b": (Token("M", 3),),
    "c": (Token("M", 1),),
    "d": (Token("d", 2),),
    "e": (Token("d", 1),),
    "f": (Token("f", 6),),
    "H": (Token("H", 2),),
    "h": (Token("h", 2),),
    "I": (Token("h", 2),),
    "i": (Token("m", 2),),
    "j": (Token("D", 3),),
    "k": (Token("H", 1),),
    "l": (Token("h", 1),),
    "M": (Token("M", 4),),
    "m": (Token("M", 2),),
    "p": (Token("a", 1),),
    "r": (
        Token("h", 2),
        _text(":"),
        Token("m", 2),
        _text(":"),
        Token("s", 2),
        _text(" "),
        Token("a", 1),
    ),
    "S": (Token("s", 2),),
    "s": (Token("s", 2),),
    "T": (Token("H", 2), _text(":"), Token("m", 2), _text(":"), Token("s", 2)),
    "v": (Token("w", 2),),
    "W": (Token("E", 4),),
    "x": (Token("x", 4),),
    "Y": (Token("y", 4),),
    "y": (Token("y", 2),),
    "%": (_text("%"),),
}
MYSQL_REFUSED: Final = "DUuVwX"

TERADATA: Final[Mapping[str, Token]] = {
    "yyyy": Token("y", 4),
    "yy": Token("y", 2),
    "mm": Token("M", 2),
    "dd": Token("d", 2),
    "hh24": Token("H", 2),
    "hh": Token("K", 2),
    "mi": Token("m", 2),
    "ss": Token("s", 2),
}
JODA: Final = "GCYxwEeyDMdaKhHkmsSzZ"


def mysql(pattern: str) -> tuple[Token, ...]:
    """The tokens of date_format's pattern; raises INVALID_FUNCTION_ARGUMENT."""
    tokens: list[Token] = []
    letters = iter(pattern)
    for letter in letters:
        if letter != "%":
            tokens.append(_text(letter))
            continue
        field = next(letters, "")
        if field and field in MYSQL_REFUSED:
            raise invalid(f"%{field} not supported in date format string")
        tokens.extend(MYSQL.get(field, (_text(field),)))
    if not any(token.field != "text" or token.text for token in tokens):
        raise invalid("Both printing and parsing not supported")
    return tuple(tokens)


def joda(pattern: str) -> tuple[Token, ...]:
    """The tokens of format_datetime's pattern; raises INVALID_FUNCTION_ARGUMENT."""
    tokens = tuple(_joined(_joda(pattern)))
    if not pattern:
        raise invalid("Invalid pattern specification: Pattern is null or empty")
    if pattern == "'":
        raise invalid("Both printing and parsing not supported")
    return tokens


def _joined(tokens: Iterable[Token]) -> Iterator[Token]:
    """Texts that stand side by side become one."""
    text = ""
    for token in tokens:
        if token.field == "text":
            text += token.text
            continue
        if text:
            yield _text(text)
        text = ""
        yield token
    if text:
        yield _text(text)


def _joda(pattern: str) -> Iterator[Token]:
    for match in re.finditer(r"''|'((?:[^']|'')*)('?)|([A-Za-z])\3*|[^A-Za-z']+", pattern):
        letter = match[3]
        if letter:
            if letter not in JODA:
                raise invalid(f"Illegal pattern component: {match[0]}")
            yield Token(letter, len(match[0]))
        elif match[0].startswith("'"):
            yield _text("'" if match[1] is None else match[1].replace("''", "'"))
        else:
            yield _text(match[0])


def teradata(pattern: str) -> tuple[Token, ...]:
    """The tokens of to_char's pattern; raises INVALID_FUNCTION_ARGUMENT."""
    tokens = []
    position = 0
    if not pattern:
        raise invalid("Both printing and parsing not supported")
    while position < len(pattern):
        found = re.compile(r"yyyy|yy|mm|dd|hh24|hh|mi|ss|[-/,.;: ]").match(pattern, position)
        if found is None:
            letter = pattern[position]
            raise invalid(f"Failed to tokenize string [{letter}] at offset [{position}]")
        tokens.append(TERADATA.get(found[0], _text(found[0])))
        position = found.end()
    return tuple(tokens)


# Writing ------------------------------------------------------------------------------------

NUMBERS: Final[Mapping[str, str]] = {
    "C": "(abs(year({t})) // 100)",
    "Y": "CASE WHEN year({t}) > 0 THEN year({t}) ELSE 1 - year({t}) END",
    "y": "year({t})",
    "x": "isoyear({t})",
    "w": "week({t})",
    "e": "isodow({t})",
    "D": "dayofyear({t})",
    "M": "month({t})",
    "d": "day({t})",
    "K": "(hour({t}) % 12)",
    "h": "((hour({t}) + 11) % 12 + 1)",
    "H": "hour({t})",
    "k": "((hour({t}) + 23) % 24 + 1)",
    "m": "minute({t})",
    "s": "second({t})",
}
TEXTS: Final[Mapping[tuple[str, bool], str]] = {
    ("M", False): "%b",
    ("M", True): "%B",
    ("E", False): "%a",
    ("E", True): "%A",
}


def written(tokens: tuple[Token, ...], clock: str, offset: str, zone: str) -> str:
    """SQL for the text of a clock; `offset` is SQL for minutes, `zone` for the zone's name."""
    parts = [_written(token, clock, offset, zone) for token in tokens]
    return f"({' || '.join(parts)})" if parts else f"substr(CAST({clock} AS VARCHAR), 1, 0)"


def _written(token: Token, clock: str, offset: str, zone: str) -> str:
    field, width = token.field, token.width
    if field == "text":
        return f"(CASE WHEN {clock} IS NOT NULL THEN {quote(token.text)} END)"
    if (field, width > 3) in TEXTS and (field == "E" or width > 2):
        return f"strftime({clock}, '{TEXTS[field, width > 3]}')"
    if field in "yYx" and width == 2:
        year = NUMBERS["x" if field == "x" else "y"].format(t=clock)
        return f"lpad(CAST(abs({year}) % 100 AS VARCHAR), 2, '0')"
    if field in "yx":
        return f"trino_padded_year({NUMBERS[field].format(t=clock)}, {width})"
    if field in NUMBERS:
        return _padded(f"CAST({NUMBERS[field].format(t=clock)} AS VARCHAR)", width)
    if field in "fS":
        digits = f"lpad(CAST(millisecond({clock}) % 1000 AS VARCHAR), 3, '0')"
        return f"rpad({digits}, {width}, '0')" if width > 3 else f"left({digits}, {width})"
    if field == "G":
        return f"CASE WHEN year({clock}) > 0 THEN 'AD' ELSE 'BC' END"
    if field == "a":
        return f"strftime({clock}, '%p')"
    return _zone_written(token, clock, offset, zone)


def _padded(text: str, width: int) -> str:
    if width == 1:
        return text
    return f"CASE WHEN length({text}) < {width} THEN lpad({text}, {width}, '0') ELSE {text} END"


def _zone_written(token: Token, clock: str, offset: str, zone: str) -> str:
    if token.field == "Z" and token.width > 2:
        return zone
    if token.field == "Z":
        text = f"trino_offset_text({offset})"
        return text if token.width == 2 else f"replace({text}, ':', '')"
    at = f"CAST({clock} - to_minutes({offset}) AS TIMESTAMP)"
    return f"trino_zone_name({zone}, {at}, {token.width > 3})"


# Reading ------------------------------------------------------------------------------------

LANGUAGES: Final[Mapping[str, Callable[[str], tuple[Token, ...]]]] = {
    "mysql": mysql,
    "joda": joda,
    "teradata": teradata,
}
_HUNDREDS: Final = {"mysql": 1970, "teradata": 2000}
_PAST: Final = 80


def two_digit_years(language: str) -> int:
    """The first of the hundred years that two digits mean; Joda's move on with the years."""
    return _HUNDREDS.get(language) or date.today().year - _PAST


NAMES: Final[Mapping[str, str]] = {
    "y": "year",
    "D": "day_of_year",
    "M": "month",
    "d": "day",
    "E": "weekday",
    "K": "hour12",
    "h": "clock12",
    "H": "hour24",
    "k": "clock24",
    "m": "minute",
    "s": "second",
    "S": "fraction",
    "f": "fraction",
    "a": "half",
    "Z": "zone",
}
"""The fields that a regular expression reads, by the names of its groups."""

_WORDS: Final[Mapping[str, str]] = {
    "a": "AM PM",
    "E": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "M": "January February March April May June July August September October November December",
}
_OFFSET: Final = r"Z|[+-](?:0\d|1[0-3])(?::?[0-5]\d)?"


@dataclass(frozen=True, slots=True)
class Reading:
    """A regular expression and the names of its groups."""

    pattern: str
    groups: tuple[str, ...]


def reading(tokens: tuple[Token, ...]) -> Reading | None:
    """How most texts of a pattern are read: each field has its usual width, and no two depend on
    one another. None where they do; what does not match is for `joda.read`."""
    pattern: list[str] = []
    groups: list[str] = []
    for token, following in zip(tokens, (*tokens[1:], _text("")), strict=True):
        if token.field == "text":
            pattern.append(re.escape(token.text))
            continue
        if token.field not in NAMES or _is_id(token) or following.text[:1].isdigit():
            return None
        groups.append(_group_name(token))
        pattern.append(f"({_group(token, following.is_number)})")
    return Reading(f"^{''.join(pattern)}$", tuple(groups)) if _is_plain(groups) else None


def _is_id(token: Token) -> bool:
    return token.field == "Z" and token.width > 2


def _group_name(token: Token) -> str:
    if token.field == "M" and token.width > 2:
        return "month_text"
    return "year2" if token.field == "y" and token.width == 2 else NAMES[token.field]


_DAYS: Final = frozenset(("month", "month_text", "day"))
_HOURS: Final = frozenset(("hour12", "clock12", "hour24", "clock24"))


def _is_plain(groups: list[str]) -> bool:
    """Whether the fields are those of one day, with its year, and of one time."""
    found = set(groups)
    dated = found & _DAYS
    years = found & {"year", "year2"}
    return (
        len(found) == len(groups)
        and len(years) == bool(dated or "day_of_year" in found or years)
        and not ("month" in found and "month_text" in found)
        and not (dated and "day_of_year" in found)
        and not ("weekday" in found and "day" not in found)
        and len(found & _HOURS) <= 1
        and not ("half" in found and not found & {"hour12", "clock12"})
    )


def _group(token: Token, tight: bool) -> str:
    """A number right before another one has just its width of digits."""
    field, width = token.field, token.width
    if field in "aE" or (field == "M" and width > 2):
        return "|".join(_spelled(_WORDS[field].split(), short=field != "a"))
    if field == "Z":
        return _OFFSET
    if field in "Sf":
        most = width if field == "S" else 9
        return rf"\d{{{most}}}" if tight else rf"\d{{1,{most}}}"
    if field == "y":
        return rf"\d{{{2 if width == 2 else 4}}}"
    most = max(3 if field == "D" else 2, width)
    return rf"\d{{{most}}}" if tight else rf"\d{{1,{most}}}"


def _spelled(words: list[str], *, short: bool) -> Iterator[str]:
    """Names as they are usually written, in small letters and in capitals; the long ones first."""
    for word in words:
        for text in dict.fromkeys((word, word[:3]) if short else (word,)):
            yield from dict.fromkeys((text, text.lower(), text.upper()))
