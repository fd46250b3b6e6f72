"""Time zones in Trino's own spelling: UTC, an offset (`+05:30`) or a region of the tz database.

The rules are those of Trino's TimeZoneKey, case and all.
"""

import re
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MAX_OFFSET: Final = 14 * 60
"""Minutes that a zone may be away from UTC."""

_OFFSET: Final = re.compile(
    r"(?:(Etc/)?(?:UTC|GMT|UT))?([+-])(\d{1,2})(?::(\d\d))?|()([+-])(\d\d)(\d\d)"
)
_UNIVERSAL: Final = frozenset(
    (
        *("Etc/GMT", "Etc/GMT0", "Etc/UCT", "Etc/UTC", "Etc/Universal", "GMT", "GMT0", "Greenwich"),
        *("UCT", "UT", "UTC", "Universal", "Z", "Zulu"),
    )
)
_UNKNOWN: Final = frozenset(
    (
        *("localtime", "posixrules", "Factory", "EST", "MST", "HST", "ROC"),
        *("Etc/Greenwich", "Etc/Zulu", "Canada/East-Saskatchewan", "US/Pacific-New"),
    )
)
"""Zones of the tz database that Trino does not know."""


@cache
def zone_id(text: str) -> str | None:
    """A time zone in Trino's own spelling; None for what is none."""
    if text in _UNIVERSAL:
        return "UTC"
    match = _OFFSET.fullmatch(text)
    if match is None:
        return text if text in _regions() else None
    etc, sign, hours, minutes = match.groups()[4:] if match[2] is None else match.groups()[:4]
    away = int(hours) * 60 + int(minutes or 0)
    if away > MAX_OFFSET or int(minutes or 0) >= 60:
        return None
    if etc:  # these count from the clock to UTC
        sign = "-" if sign == "+" else "+"
    return f"{sign}{away // 60:02}:{away % 60:02}" if away else "UTC"


@cache
def _regions() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones() - _UNKNOWN)


CYCLE: Final = 146_097 * 86_400_000_000
"""Microseconds of 400 years, after which the Gregorian calendar repeats."""

_EPOCH: Final = datetime(1970, 1, 1)
_FIRST: Final = (datetime(2, 1, 1) - _EPOCH) // timedelta(microseconds=1)
_LAST: Final = (datetime(9999, 1, 1) - _EPOCH) // timedelta(microseconds=1)


def offset_at(zone: str, instant: int) -> int:
    """Seconds that a zone's clock is ahead of UTC at an instant, in microseconds since 1970.

    Before the year 2 a region keeps its first offset; after 9998 its rules go on.
    """
    if zone == "UTC" or zone[0] in "+-":
        return _fixed(zone)
    region = _region(zone)
    moment = (_EPOCH + timedelta(microseconds=_near(instant))).replace(tzinfo=region)
    offset = region.fromutc(moment).utcoffset()
    return (offset or timedelta()) // timedelta(seconds=1)


def name_at(zone: str, instant: int) -> str:
    """What a zone's clock is called at an instant: CEST; an offset and UTC are their own names.

    As in Java a zone has two names, of now, for all its history; one without any is `GMT+05:45`.
    """
    if zone == "UTC" or zone[0] in "+-":
        return zone
    region = _region(zone)
    moment = (_EPOCH + timedelta(microseconds=_near(instant))).replace(tzinfo=region)
    local = region.fromutc(moment)
    name = _names(zone).get(bool(local.dst())) or local.tzname() or zone
    if name[0] not in "+-":
        return name
    minutes = (local.utcoffset() or timedelta()) // timedelta(minutes=1)
    sign = "-" if minutes < 0 else "+"
    return f"GMT{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


@lru_cache(maxsize=1024)
def _names(zone: str) -> dict[bool, str | None]:
    """What a zone's clock is called outside summer time and in it."""
    days = (datetime(2024, month, 1, tzinfo=_region(zone)) for month in (1, 7))
    return {bool(day.dst()): day.tzname() for day in days}


def instant_of(zone: str, clock: int) -> int | None:
    """The instant at which a zone's clock shows a time, both in microseconds since 1970: the
    earlier one of two, None for a time that the clock skips."""
    if zone == "UTC" or zone[0] in "+-":
        return clock - _fixed(zone) * 1_000_000
    near = _near(clock)
    moment = (_EPOCH + timedelta(microseconds=near)).replace(tzinfo=_region(zone))
    offset = moment.utcoffset() or timedelta()
    later = moment.replace(fold=1).utcoffset() or timedelta()
    return None if later > offset else clock - offset // timedelta(microseconds=1)


def _fixed(zone: str) -> int:
    if zone == "UTC":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[4:]) * 60
    return -seconds if zone[0] == "-" else seconds


def _near(moment: int) -> int:
    """The same moment of the calendar in a year that Python's datetime has."""
    if moment < _FIRST:
        return _FIRST + (moment - _FIRST) % CYCLE
    return moment if moment <= _LAST else _LAST - (_LAST - moment) % CYCLE


@lru_cache(maxsize=1024)
def _region(zone: str) -> "ZoneInfo":
    from zoneinfo import ZoneInfo

    return ZoneInfo(zone)
