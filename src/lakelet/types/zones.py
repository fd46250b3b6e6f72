"""Time zones in Trino's own spelling: UTC, an offset (`+05:30`) or a region of the tz database.

The rules are those of Trino's TimeZoneKey, case and all.
"""

import re
from functools import cache
from typing import Final

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
