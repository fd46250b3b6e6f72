"""Patterns of dates in three languages (MySQL's, Joda's, Teradata's), as one list of tokens.

A token is a field with its width, or plain text. Tokens are written as SQL over a clock, or as one
regular expression whose groups make a timestamp.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql.emitter.literals import quote


@dataclass(frozen=True, slots=True)
class Token:
    """`field` is Joda's letter, `f` (a fraction of up to nine digits) or `text`; `width` how often
    the letter stands."""

    field: str
    width: int = 1
    text: str = ""


def invalid(message: str) -> TrinoError:
    return TrinoError("INVALID_FUNCTION_ARGUMENT", message)


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
    tokens = tuple(_joda(pattern))
    if not pattern:
        raise invalid("Invalid pattern specification: Pattern is null or empty")
    if pattern == "'":
        raise invalid("Both printing and parsing not supported")
    return tokens


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
    if token.width > 3:
        raise TrinoError("NOT_SUPPORTED", "The full name of a time zone is not supported")
    return f"trino_zone_abbreviation({zone}, CAST({clock} - to_minutes({offset}) AS TIMESTAMP))"


# Reading ------------------------------------------------------------------------------------

GROUPS: Final[Mapping[str, str]] = {
    "C": r"[+-]?\d{1,2}",
    "Y": r"[+-]?\d{1,9}",
    "y": r"[+-]?\d{1,9}",
    "x": r"[+-]?\d{1,9}",
    "w": r"\d{1,2}",
    "e": r"\d",
    "D": r"\d{1,3}",
    "M": r"\d{1,2}",
    "d": r"\d{1,2}",
    "K": r"\d{1,2}",
    "h": r"\d{1,2}",
    "H": r"\d{1,2}",
    "k": r"\d{1,2}",
    "m": r"\d{1,2}",
    "s": r"\d{1,2}",
    "f": r"\d{1,9}",
    "a": r"[AaPp][Mm]",
    "G": r"[AaBb][DdCc]",
    "Z": r"Z|[+-]\d{2}(?::?\d{2})?",
    "z": r"UTC|UT|GMT|[ECMP][SD]T",
}
NAMES: Final[Mapping[str, str]] = {
    "C": "century",
    "Y": "year",
    "y": "year",
    "x": "weekyear",
    "w": "week",
    "e": "day_of_week",
    "E": "day_text",
    "D": "day_of_year",
    "M": "month",
    "d": "day",
    "K": "hour12",
    "h": "clock12",
    "H": "hour24",
    "k": "clock24",
    "m": "minute",
    "s": "second",
    "S": "fraction",
    "f": "fraction",
    "a": "half",
    "G": "era",
    "Z": "zone",
    "z": "zone_name",
}
MONTHS: Final = (
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
DAYS: Final = (
    r"(?i:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?"
    r"|sun(?:day)?)"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A regular expression and the names of its groups."""

    pattern: str
    groups: tuple[str, ...]


def reading(tokens: tuple[Token, ...]) -> Reading:
    """How a text of the pattern is read; a field that stands twice counts where it stands last."""
    pattern: list[str] = []
    groups: list[str] = []
    for index, token in enumerate(tokens):
        if token.field == "text":
            pattern.append(re.escape(token.text))
            continue
        name = _group_name(token)
        groups = [f"{each}_before" if each == name else each for each in groups]
        groups.append(name)
        tight = index + 1 < len(tokens) and tokens[index + 1].field != "text"
        pattern.append(f"({_group(token, tight)})")
    return Reading(f"^{''.join(pattern)}$", tuple(groups))


def _group_name(token: Token) -> str:
    if token.field in "ME" and token.width > 2:
        return {"M": "month_text", "E": "day_text"}[token.field]
    if token.field in "yYx" and token.width == 2:
        return {"x": "weekyear2"}.get(token.field, "year2")
    return NAMES[token.field]


def _group(token: Token, tight: bool) -> str:
    """A number right before another one has just its width of digits."""
    if token.field == "E":
        return DAYS
    if token.field == "M" and token.width > 2:
        return MONTHS
    if token.field == "Z" and token.width > 2:
        return r"[A-Za-z0-9/_+:-]+"
    if token.field == "S":
        return rf"\d{{1,{token.width}}}"
    if tight and token.field in NUMBERS:
        return rf"\d{{{token.width}}}"
    return GROUPS[token.field]
