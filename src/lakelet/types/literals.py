"""Typed literals and intervals: `TIMESTAMP '2020-01-02 03:04 Asia/Tokyo'` → its type and value.

Values are in the form that sql.emitter.literals writes. The tz database is read on first use.
"""

import math
import re
from datetime import datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final
from uuid import UUID

from lakelet.errors import TrinoError
from lakelet.types.json import canonical
from lakelet.types.model import (
    DATE,
    INTERVAL_DAY_TO_SECOND,
    INTERVAL_YEAR_TO_MONTH,
    Type,
    decimal,
)
from lakelet.types.parsing import parse_type
from lakelet.types.zones import CYCLE, MAX_OFFSET, instant_of, zone_id

Literal = tuple[Type, Any]

_DATE: Final = re.compile(r"\s*([+-]?)(\d{1,9})-(\d{1,2})-(\d{1,2})\s*")
_CLOCK: Final = r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?"
_TIME: Final = re.compile(rf"{_CLOCK}\s*([+-]\d\d:\d\d)?")
_TIMESTAMP: Final = re.compile(
    rf"([+-]?\d{{4,9}}-\d{{1,2}}-\d{{1,2}})(?: {_CLOCK})?(?:\s*(\S+))?\s*"
)
_DECIMAL: Final = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?")
_INTEGERS: Final = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}
MAX_PRECISION: Final = 12


def typed_literal(name: str, text: str) -> Literal:
    """The type and value of `name 'text'`.

    Raises TrinoError, without a position, INVALID_LITERAL for a text that is no such value and
    what `parse_type` raises for the name.
    """
    kind = name.lower()
    reader = _READERS.get(kind)
    try:
        if reader is None:
            of = parse_type(name)
            return of, _plain(of, text)
        return reader(text)
    except (ValueError, ArithmeticError, KeyError):
        raise _invalid(text, kind) from None


def decimal_literal(text: str) -> Literal:
    """The exact decimal of digits with a point: `001.50` is decimal(3,2)."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise _invalid(text, "decimal")
    sign, whole, part = match[1], (match[2] or "").lstrip("0"), match[3] or ""
    precision = len(whole) + len(part) or 1
    if precision > 38 or not (match[2] or part):
        raise _invalid(text, "decimal")
    number = f"{sign.replace('+', '')}{whole or '0'}{'.' if part else ''}{part}"
    return decimal(precision, len(part)), Decimal(number)


def interval_literal(text: str, start: str, end: str | None = None, sign: str = "+") -> Literal:
    """INTERVAL [sign] 'text' start [TO end]; the fields in lower case. Milliseconds or months."""
    last = end or start
    parser = _INTERVALS.get((start, last))
    if parser is None:
        raise TrinoError(
            "INVALID_LITERAL", f"Invalid interval qualifier: {start.upper()} TO {last.upper()}"
        )
    match = parser.fullmatch(text)
    if match is None:
        raise _bad_interval(text, start, last)
    digits = {name: value for name, value in match.groupdict().items() if value}
    if "millisecond" in digits:
        digits["millisecond"] = digits["millisecond"].ljust(3, "0")
    fields = {name: int(value) for name, value in digits.items()}
    if any(value >= 2**31 for value in fields.values()):
        raise _bad_interval(text, start, last)
    amount = sum(_UNITS[name] * value for name, value in fields.items())
    negative = text.startswith("-") != (sign == "-")
    of = INTERVAL_YEAR_TO_MONTH if start in ("year", "month") else INTERVAL_DAY_TO_SECOND
    return of, -amount if negative else amount


def _invalid(text: str, kind: str) -> TrinoError:
    return TrinoError("INVALID_LITERAL", f"'{text}' is not a valid {kind.upper()} literal")


def _plain(of: Type, text: str) -> Any:
    """A literal of a type that has no form of its own is its text, cast."""
    if of.name in _INTEGERS:
        number = int(text) if re.fullmatch(r"\s*[+-]?\d+\s*", text) else int(text, 0)
        if not -(2 ** _INTEGERS[of.name]) <= number < 2 ** _INTEGERS[of.name]:
            raise ValueError(text)
        return number
    if of.name in ("double", "real"):
        return _floating(text)
    return text.encode() if of.name == "varbinary" else text


def _floating(text: str) -> float:
    number = re.fullmatch(r"[+-]?(NaN|Infinity|[\d.]+([eE][+-]?\d+)?)[fFdD]?", text.strip())
    if number is None:
        raise ValueError(text)
    value = float(text.strip().rstrip("fFdD"))
    return math.copysign(math.inf, value) if math.isinf(value) else value


def _boolean(text: str) -> Literal:
    words = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
    return Type("boolean"), words[text.lower()]


def _json(text: str) -> Literal:
    return Type("json"), canonical(text)


def _uuid(text: str) -> Literal:
    if len(text) != 36:
        raise ValueError(text)
    return Type("uuid"), str(UUID(text))


def _ipaddress(text: str) -> Literal:
    return Type("ipaddress"), packed_address(text)


def packed_address(text: str) -> bytes:
    """The 16 bytes of an IPv6 address, or of an IPv4 address mapped into IPv6."""
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return bytes(10) + b"\xff\xff" + address.packed
    return address.packed


def address_text(packed: bytes) -> str:
    """How Java writes an address: mapped ones as IPv4, the longest run of zeros as `::`."""
    address = IPv6Address(packed)
    return str(address.ipv4_mapped or address)


def _char(text: str) -> Literal:
    return Type("char", (len(text),)), text.rstrip(" ")


# Dates and times -----------------------------------------------------------------------------


def _date(text: str) -> Literal:
    read = _date_text(text)
    if not -(2**31) <= _microseconds(f"{read} 00:00:00") // _DAY < 2**31:
        raise ValueError(text)
    return DATE, read


def _date_text(text: str) -> str:
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day = int(match[2]), int(match[3]), int(match[4])
    before = match[1] == "-"
    datetime((-year if before else year) % 400 + 2000, month, day)
    return f"{'-' if before and year else ''}{year:04}-{month:02}-{day:02}"


def _clock(groups: tuple[str | None, ...]) -> tuple[str, str]:
    """The text of a clock and the digits that its seconds have after the point."""
    hour, minute, second = (int(each or 0) for each in groups[:3])
    fraction = groups[3] or ""
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(groups)
    digits = f".{fraction}" if fraction else ""
    return f"{hour:02}:{minute:02}:{second:02}{digits}", fraction


def _precision(name: str, fraction: str) -> int:
    if len(fraction) > MAX_PRECISION:
        raise TrinoError(
            "NUMERIC_VALUE_OUT_OF_RANGE",
            f"{name} precision must be in range [0, {MAX_PRECISION}]: {len(fraction)}",
        )
    return len(fraction)


def _time(text: str) -> Literal:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(text)
    clock, fraction = _clock(match.groups()[:4])
    precision = (_precision("TIME", fraction),)
    if match[5] is None:
        return Type("time", precision), clock
    minutes = int(match[5][1:3]) * 60 + int(match[5][4:])
    if minutes > MAX_OFFSET or int(match[5][4:]) > 59:
        raise ValueError(text)
    return Type("time with time zone", precision), (
        clock,
        -minutes if match[5][0] == "-" else minutes,
    )


def _timestamp(text: str) -> Literal:
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError(text)
    clock, fraction = _clock(match.groups()[1:5])
    precision = (_precision("TIMESTAMP", fraction),)
    local = f"{_date_text(match[1])} {clock}"
    if match[6] is None:
        far = len(match[1]) > len("+9999-01-01")
        if far and abs(_microseconds(local.partition(".")[0])) >= 2**63:
            raise ValueError(text)
        return Type("timestamp", precision), local
    zone = zone_id(match[6])
    if zone is None:
        raise ValueError(text)
    return Type("timestamp with time zone", precision), (_instant(local, zone), zone)


def _instant(local: str, zone: str) -> str:
    """The UTC clock of a zone's clock; the earlier one of two, an error where there is none."""
    seconds, point, fraction = local.partition(".")
    instant = instant_of(zone, _microseconds(seconds))
    if instant is None or abs(instant) >= _MAX_INSTANT:
        raise ValueError(f"no {local} in {zone}")
    if zone == "UTC":
        return local
    cycles, near = divmod(instant, CYCLE)
    moment = _EPOCH + timedelta(microseconds=near)
    year = moment.year + cycles * 400
    return f"{'-' if year < 0 else ''}{abs(year):04}{moment:-%m-%d %H:%M:%S}{point}{fraction}"


def picoseconds(text: str) -> int:
    """What `2020-01-02 03:04:05.123456789012` is from 1970, and `03:04:05` from midnight."""
    clock, _, fraction = text.partition(".")
    dated = clock if " " in clock else f"1970-01-01 {clock}"
    return _microseconds(dated) * 10**6 + int(fraction.ljust(12, "0"))


def _microseconds(clock: str) -> int:
    """From 1970 to a date and time, in whatever year; the calendar repeats every 400 years."""
    sign, digits, rest = _YEAR.findall(clock)[0]
    cycles, near = divmod(int(sign + digits), 400)
    moment = datetime.strptime(f"{near + 400:04}{rest}", "%Y-%m-%d %H:%M:%S")
    return (moment - _EPOCH) // timedelta(microseconds=1) + (cycles - 1) * CYCLE


_DAY: Final = 86_400_000_000
_YEAR: Final = re.compile(r"(-?)(\d+)(-.*)")
_MAX_INSTANT: Final = 2**51 * 1000
"""Microseconds from 1970 that a moment with a zone may be away; one without, what 64 bits hold."""
_EPOCH: Final = datetime(1970, 1, 1)

# Intervals -----------------------------------------------------------------------------------

_FIELDS: Final = (("year", "month"), ("day", "hour", "minute", "second"))
_SEPARATORS: Final = {"month": "-", "hour": r"\s+", "minute": ":", "second": ":"}
_UNITS: Final = {
    "year": 12,
    "month": 1,
    "day": 86_400_000,
    "hour": 3_600_000,
    "minute": 60_000,
    "second": 1000,
    "millisecond": 1,
}


def _pattern(fields: tuple[str, ...]) -> re.Pattern[str]:
    """The fields from the largest; smaller ones may be left out."""
    text = r"(?:\.(?P<millisecond>\d{1,3})\d*)?" if fields[-1] == "second" else ""
    for name in reversed(fields[1:]):
        text = rf"(?:{_SEPARATORS[name]}(?P<{name}>\d+){text})?"
    return re.compile(rf"[+-]?(?P<{fields[0]}>\d*){text}")


_INTERVALS: Final = {
    (fields[start], fields[end]): _pattern(fields[start : end + 1])
    for fields in _FIELDS
    for start in range(len(fields))
    for end in range(start, len(fields))
}


def _bad_interval(text: str, start: str, end: str) -> TrinoError:
    name = start.upper() if start == end else f"{start.upper()} TO {end.upper()}"
    return TrinoError("INVALID_LITERAL", f"Invalid INTERVAL {name} value: {text}")


_READERS: Final = {
    "boolean": _boolean,
    "char": _char,
    "date": _date,
    "decimal": decimal_literal,
    "ipaddress": _ipaddress,
    "json": _json,
    "time": _time,
    "timestamp": _timestamp,
    "uuid": _uuid,
}
