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
    r"(?:(Etc/)?(?:UTC|GMT|UT))?([+-])(\d{1,2}(?!:)|\d\d(?=:))(?::(\d\d))?"
    r"|()([+-])(\d\d)(\d\d)"
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


def name_at(zone: str, instant: int, *, full: bool = False) -> str:
    """What a zone's clock is called at an instant: CEST, in full Central European Summer Time.

    An offset and UTC are their own names, and UTC's full one is Coordinated Universal Time. As in
    Java a region has two names for all its history: outside summer time and in it.
    """
    if zone == "UTC":
        return "Coordinated Universal Time" if full else zone
    named = _names().get(zone)
    if named is None:
        return zone
    moment = (_EPOCH + timedelta(microseconds=_near(instant))).replace(tzinfo=_region(zone))
    local = _region(zone).fromutc(moment)
    ahead = local.utcoffset() if zone in _BEHIND_IN_WINTER else local.dst()
    return named[2 * full + bool(ahead)]


_BEHIND_IN_WINTER: Final = frozenset(
    ("Africa/Casablanca", "Africa/El_Aaiun", "Eire", "Europe/Dublin")
)
"""Regions whose summer clock the tz database takes for the standard one, and Joda does not."""


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """By region its names outside summer time and in it, the short ones before the full ones.

    `zone_names.tsv` holds what Trino 476 calls them.
    """
    found = {}
    for line in _table("zone_names.tsv"):
        *names, zones = line.split("\t")
        found.update(dict.fromkeys(zones.split(" "), tuple(names)))
    return found


def joda_zone(text: str) -> str | None:
    """The zone that Joda-Time reads under an id; None for what is none.

    Ids that the tz database keeps for old programs mean their successors (`zone_links.tsv`).
    """
    if text in _links():
        return zone_id(_links()[text])
    return zone_id(text) if text in _regions() else None


@cache
def _links() -> dict[str, str]:
    found = {}
    for line in _table("zone_links.tsv"):
        zone, old = line.split("\t")
        found.update(dict.fromkeys(old.split(" "), zone))
    return found


def _table(name: str) -> list[str]:
    from importlib.resources import files

    return (files(__package__) / name).read_text(encoding="utf-8").splitlines()


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
