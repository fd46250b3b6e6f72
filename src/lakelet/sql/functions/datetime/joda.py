"""Texts read as Joda-Time reads them: what each token takes, which field it sets, what is refused.

`DateTimeFormatter.parseDateTime` of Joda-Time 2 is the source. A token takes as much as it can and
is never tried again; what was taken is set field by field, the largest first, and then once more.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.datetime.calendar import FIELDS, Field, OutOfRangeError, last_day
from lakelet.sql.functions.datetime.patterns import (
    LANGUAGES,
    Token,
    two_digit_years,
)
from lakelet.sql.functions.vectorised import invalid
from lakelet.types.zones import instant_of, joda_zone, zone_id

_SHOWN: Final = 32
"""Characters after an error's place that its message shows."""

_LITTLE: Final = 3


@dataclass(slots=True)
class _Found:
    """What the tokens took: fields with their values in the text's order, and a zone."""

    fields: list[tuple[Field, int]] = field(default_factory=list)
    offset: str | None = None
    zone: str | None = None


_Take = Callable[[_Found, str, int], int]
"""Takes from a text at a place: the place behind it, or -1 - p for an error at p."""


@lru_cache(maxsize=4096)
def read(language: str, text: str, pattern: str) -> tuple[int, str]:
    """The clock that a text gives, in milliseconds since 1970, and its zone (UTC without one).

    Raises TrinoError INVALID_FUNCTION_ARGUMENT.
    """
    if (language, pattern) == _ISO:
        language, pattern = "joda", "yyyy-MM-dd"
        _check_iso_date(text)
    found = _Found()
    place = 0
    for take in _takes(language, pattern):
        place = take(found, text, place)
        if place < 0:
            raise _malformed(text, -1 - place)
    if place < len(text):
        raise _malformed(text, place)
    try:
        clock = _set(found.fields)
    except OutOfRangeError as failure:
        raise invalid(f'Cannot parse "{text}": {failure}') from None
    zone = found.offset or found.zone or "UTC"
    supported = zone_id(zone)
    if supported is None:
        raise TrinoError("NOT_SUPPORTED", f"Time zone not supported: {zone}")
    if found.offset is None and instant_of(supported, clock * 1000) is None:
        raise invalid(
            f'Cannot parse "{text}": Illegal instant due to time zone offset transition ({zone})'
        )
    return clock, supported


_ISO: Final = ("mysql", "%Y-%m-%d")
"""Trino reads this pattern as it casts a text to a date: ten characters by java.time."""


def _check_iso_date(text: str) -> None:
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text, re.ASCII)
    if match is None:
        return
    year, month, day = map(int, match.groups())
    if not 1 <= month <= 12:
        raise invalid(f"Invalid value for MonthOfYear (valid values 1 - 12): {month}")
    if not 1 <= day <= 31:
        raise invalid(f"Invalid value for DayOfMonth (valid values 1 - 28/31): {day}")
    if day > last_day(year, month):
        if day == 29:
            raise invalid(f"Invalid date 'February 29' as '{year}' is not a leap year")
        raise invalid(f"Invalid date '{_MONTHS[month - 1].upper()} {day}'")


def _malformed(text: str, place: int) -> TrinoError:
    end = place + _SHOWN
    shown = text if len(text) <= end + _LITTLE else f"{text[:end]}..."
    if place <= 0:
        return invalid(f'Invalid format: "{shown}"')
    if place >= len(text):
        return invalid(f'Invalid format: "{shown}" is too short')
    return invalid(f'Invalid format: "{shown}" is malformed at "{shown[place:]}"')


def _set(fields: list[tuple[Field, int]]) -> int:
    """The milliseconds since 1970; months and days without a year are of 2000."""
    ordered = sorted(fields, key=lambda each: each[0].order)
    if ordered and ordered[0][0].is_of_a_year:
        ordered.insert(0, (FIELDS["year"], 2000))
    millis = 0
    for each, value in ordered:
        millis = each.floor(each.set(millis, value))
    for each, value in ordered:
        millis = each.set(millis, value)
    return ordered[-1][0].floor(millis) if ordered else millis


# Tokens -------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _takes(language: str, pattern: str) -> tuple[_Take, ...]:
    if language == "iso":
        return (ISO[pattern],)
    return tuple(_compiled(language, LANGUAGES[language](pattern)))


def _compiled(language: str, tokens: tuple[Token, ...]) -> Iterator[_Take]:
    for i, token in enumerate(tokens):
        tight = i + 1 < len(tokens) and tokens[i + 1].is_number
        yield _take(language, token, tight)


_NAMES: Final = {
    "C": "centuryOfEra",
    "Y": "yearOfEra",
    "y": "year",
    "x": "weekyear",
    "w": "weekOfWeekyear",
    "e": "dayOfWeek",
    "D": "dayOfYear",
    "M": "monthOfYear",
    "d": "dayOfMonth",
    "K": "hourOfHalfday",
    "h": "clockhourOfHalfday",
    "H": "hourOfDay",
    "k": "clockhourOfDay",
    "m": "minuteOfHour",
    "s": "secondOfMinute",
}
_DIGITS: Final = {"e": 1, "D": 3}
"""How many digits a field has at most; two if it is not named."""

_ERAS: Final = {"BC": 0, "AD": 1, "BCE": 0, "CE": 1}
_HALVES: Final = {"AM": 0, "PM": 1}
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_WEEKDAYS: Final = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)


def _numbered(names: tuple[str, ...]) -> dict[str, int]:
    return {each: i + 1 for i, name in enumerate(names) for each in (name, name[:3])}


def _take(language: str, token: Token, tight: bool) -> _Take:
    letter, width = token.field, token.width
    if letter == "text":
        return _literal(token.text)
    if letter in "yYx":
        return _year(language, token, tight)
    if letter in "Sf":
        return _fraction(FIELDS["millisOfSecond"], width if letter == "S" else 9)
    if letter == "M" and width > 2:
        return _word(FIELDS["monthOfYear"], _numbered(_MONTHS))
    if letter == "E":
        return _word(FIELDS["dayOfWeek"], _numbered(_WEEKDAYS))
    if letter == "G":
        return _word(FIELDS["era"], _ERAS)
    if letter == "a":
        return _word(FIELDS["halfdayOfDay"], _HALVES)
    if letter in "zZ":
        return _zone(token)
    most = width if letter == "C" else max(_DIGITS.get(letter, 2), width)
    return _number(FIELDS[_NAMES[letter]], most, signed=letter == "C")


def _year(language: str, token: Token, tight: bool) -> _Take:
    letter, width = token.field, token.width
    name = FIELDS[_NAMES[letter]]
    if width == 2:
        year = FIELDS["year"] if letter == "Y" else name
        return _two_digits(
            year, two_digit_years(language), lenient=language == "joda" and not tight
        )
    most = width if tight or language != "joda" else 9
    return _number(name, most, signed=letter != "Y")


def _literal(text: str) -> _Take:
    wanted = text.lower()

    def take(_: _Found, given: str, place: int) -> int:
        end = place + len(text)
        return end if given[place:end].lower() == wanted else -1 - place

    return take


def _digits(text: str, place: int, most: int) -> int:
    """How many digits stand at a place, up to so many."""
    count = 0
    while count < most and "0" <= text[place + count : place + count + 1] <= "9":
        count += 1
    return count


def _number(name: Field, most: int, *, signed: bool) -> _Take:
    def take(found: _Found, text: str, place: int) -> int:
        sign = text[place : place + 1]
        start = place
        if signed and sign in ("-", "+") and most > 1 and _digits(text, place + 1, 1):
            start += 1
        count = _digits(text, start, most)
        if not count:
            return -1 - start
        value = int(text[start : start + count])
        found.fields.append((name, -value if start > place and sign == "-" else value))
        return start + count

    return take


def _two_digits(name: Field, low: int, *, lenient: bool) -> _Take:
    """Two digits are a year of the hundred from `low` on."""
    number = _number(name, 9, signed=True)

    def take(found: _Found, text: str, place: int) -> int:
        count = _digits(text, place, 9 if lenient else 2)
        if count != 2:
            return number(found, text, place) if lenient else -1 - place
        year = int(text[place : place + 2])
        found.fields.append((name, low + (year - low) % 100))
        return place + 2

    return take


def _fraction(name: Field, most: int) -> _Take:
    """Milliseconds of what a fraction is of; each digit's are cut to a whole number."""

    def take(found: _Found, text: str, place: int) -> int:
        count = _digits(text, place, most)
        if not count:
            return -1 - place
        tenths, value = int(name.span) * 10, 0
        for digit in text[place : place + count]:
            tenths //= 10
            value += int(digit) * tenths
        found.fields.append((name, value // 10))
        return place + count

    return take


def _word(name: Field, values: dict[str, int]) -> _Take:
    """The longest name, as it is usually written, in small letters or in capitals."""
    known = {
        spelled: value
        for text, value in values.items()
        for spelled in (text, text.lower(), text.upper())
    }
    longest = max(map(len, known))

    def take(found: _Found, text: str, place: int) -> int:
        for end in range(min(len(text), place + longest), place, -1):
            value = known.get(text[place:end])
            if value is not None:
                found.fields.append((name, value))
                return end
        return -1 - place

    return take


# Zones --------------------------------------------------------------------------------------

_ZONES: Final = {
    **dict.fromkeys(("EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("CST", "CDT"), "America/Chicago"),
    **dict.fromkeys(("MST", "MDT"), "America/Denver"),
    **dict.fromkeys(("PST", "PDT"), "America/Los_Angeles"),
    **dict.fromkeys(("UT", "UTC", "GMT"), "UTC"),
}
_LONGEST_ID: Final = 40
_LONGEST_PART: Final = len("Antarctica/")


def _zone(token: Token) -> _Take:
    if token.field == "z":
        if token.width > _LITTLE:
            raise TrinoError("GENERIC_INTERNAL_ERROR", "Parsing not supported")
        return _zone_name
    return _offset if token.width <= 2 else _zone_id


def _zone_name(found: _Found, text: str, place: int) -> int:
    for end in (place + 3, place + 2):
        if text[place:end] in _ZONES:
            found.zone = _ZONES[text[place:end]]
            return end
    return -1 - place


def _zone_id(found: _Found, text: str, place: int) -> int:
    """The longest id; after a slash near enough only those of that part of the world."""
    slash = text.find("/", place, place + _LONGEST_PART)
    for end in range(min(len(text), place + _LONGEST_ID), max(slash, place), -1):
        zone = joda_zone(text[place:end])
        if zone is not None:
            found.zone = zone
            return end
    return -1 - place


def _offset(found: _Found, text: str, place: int) -> int:
    """Z, or hours that minutes and seconds may follow, all with colons between them or none."""
    sign = text[place : place + 1]
    if sign in ("Z", "z"):
        found.offset = "UTC"
        return place + 1
    if sign not in ("+", "-") or len(text) - place == 1:
        return -1 - place
    parts: list[str] = []
    at = _offset_part(parts, text, place + 1, 23)
    separator = ":" if text[at : at + 1] == ":" and at > 0 else ""
    for _ in ("minutes", "seconds"):
        if at < 0 or not text.startswith(separator, at) or not text[at:]:
            break
        if not separator and not _digits(text, at, 1):
            break
        at = _offset_part(parts, text, at + len(separator), 59)
    if at < 0:
        return at
    found.offset = _offset_name(sign, parts)
    return at


def _offset_part(parts: list[str], text: str, at: int, most: int) -> int:
    if _digits(text, at, 2) < 2 or int(text[at : at + 2]) > most:
        return -1 - at
    parts.append(text[at : at + 2])
    return at + 2


def _offset_name(sign: str, parts: list[str]) -> str:
    """The name of its zone, with seconds where there are any."""
    hours, minutes, seconds = [*parts, "00", "00"][:3]
    if (hours, minutes, seconds) == ("00", "00", "00"):
        return "UTC"
    return f"{sign}{hours}:{minutes}" + (f":{seconds}" if seconds != "00" else "")


# ISO 8601 -----------------------------------------------------------------------------------


def _all(*takes: _Take) -> _Take:
    """One after the other."""

    def take(found: _Found, text: str, place: int) -> int:
        for each in takes:
            place = each(found, text, place)
            if place < 0:
                break
        return place

    return take


def _longest(*takes: _Take) -> _Take:
    """Whichever takes most; an error is where the one failed that came farthest."""

    def take(found: _Found, text: str, place: int) -> int:
        best, farthest, kept = place, place, None
        for each in takes:
            tried = _Found(list(found.fields), found.offset, found.zone)
            end = each(tried, text, place)
            if end > best:
                best, kept = end, tried
            farthest = max(farthest, -1 - end)
        if kept is None:
            return -1 - farthest
        found.fields, found.offset, found.zone = kept.fields, kept.offset, kept.zone
        return best

    return take


def _optional(*takes: _Take) -> _Take:
    """As `_longest`, or nothing at all."""
    longest = _longest(*takes)

    def take(found: _Found, text: str, place: int) -> int:
        end = longest(found, text, place)
        return place if end < 0 else end

    return take


def _named(before: str, name: str, most: int = 2) -> _Take:
    signed = name in ("year", "weekyear")
    return _all(_literal(before), _number(FIELDS[name], most, signed=signed))


def _part(name: str) -> _Take:
    return _all(_longest(_literal("."), _literal(",")), _fraction(FIELDS[name], 9))


_DATE: Final = _longest(
    _all(
        _named("", "year", 9),
        _optional(_all(_named("-", "monthOfYear"), _optional(_named("-", "dayOfMonth")))),
    ),
    _all(
        _named("", "weekyear", 9),
        _named("-W", "weekOfWeekyear"),
        _optional(_named("-", "dayOfWeek", 1)),
    ),
    _all(_named("", "year", 9), _named("-", "dayOfYear", 3)),
)
_TIME: Final = _all(
    _named("", "hourOfDay"),
    _optional(
        _all(
            _named(":", "minuteOfHour"),
            _optional(
                _all(_named(":", "secondOfMinute"), _optional(_part("millisOfSecond"))),
                _part("millisOfMinute"),
            ),
        ),
        _part("millisOfHour"),
    ),
)
ISO: Final[Mapping[str, _Take]] = {
    "date": _DATE,
    "moment": _longest(
        _all(_literal("T"), _TIME, _optional(_offset)),
        _all(_DATE, _optional(_all(_literal("T"), _optional(_TIME), _optional(_offset)))),
    ),
}
"""`ISODateTimeFormat.dateElementParser` and `dateTimeParser`, as patterns of the language `iso`."""
