"""Dates and times as java.time and Java's Formatter write them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_CYCLE: Final = 400
"""Years after which the calendar repeats, and with it the days of the week."""
_CYCLE_DAYS: Final = 146_097


@dataclass(frozen=True, slots=True)
class Moment:
    """A clock at most four digits of years away, how many cycles before the real one it stands,
    and the digits of its second's fraction; `zone` is '' for a clock without one."""

    clock: datetime
    fraction: str
    cycles: int = 0
    zone: str = ""

    @property
    def year(self) -> int:
        """The year, 0 for 1 BC."""
        return self.clock.year + self.cycles * _CYCLE

    @property
    def year_of_era(self) -> int:
        """The year, counted from the beginning of its era."""
        return self.year if self.year > 0 else 1 - self.year

    @property
    def day(self) -> str:
        """ISO 8601's date."""
        sign = "-" if self.year < 0 else "+" if self.year > 9999 else ""
        return f"{sign}{abs(self.year):04}{self.clock:-%m-%d}"

    @property
    def seconds(self) -> int:
        """From 1970."""
        return int(self.clock.timestamp()) + self.cycles * _CYCLE_DAYS * 86_400

    @property
    def milliseconds(self) -> int:
        """From 1970."""
        return self.seconds * 1000 + int(self.fraction.ljust(3, "0")[:3])


def read(java: str, text: str) -> Moment:
    """The moment that a value of a Java type is: its text by Trino's CAST, of a Long the
    milliseconds since 1970."""
    if java == "java.lang.Long":
        at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text))
        return Moment(at, f"{at.microsecond:06d}")
    zone = ""
    if java.endswith("ZonedDateTime"):
        text, _, zone = text.rpartition(" ")
    if java.endswith("LocalTime"):
        text = f"1970-01-01 {text}"
    text, _, fraction = text.partition(".")
    text, cycles = _near(text)
    if not zone:
        return Moment(datetime.fromisoformat(text), fraction, cycles)
    if zone[0] in "+-":
        return Moment(datetime.fromisoformat(text + zone), fraction, cycles, zone)
    return Moment(
        datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)), fraction, cycles, zone
    )


def _near(text: str) -> tuple[str, int]:
    """A clock in a year that Python has, and the cycles that it was moved by."""
    sign, digits = text[0] if text[0] in "+-" else "", text.lstrip("+-").partition("-")[0]
    year = int(sign + digits)
    if 0 < year < 10_000:
        return text, 0
    cycles = (year - 2000) // _CYCLE
    return f"{year - cycles * _CYCLE}{text[len(sign) + len(digits) :]}", cycles


def iso(java: str, text: str) -> str:
    """The text of java.time: no seconds where there are none, and a fraction in groups of three."""
    at = read(java, text)
    if java.endswith("LocalDate"):
        return at.day
    fraction = at.fraction.rstrip("0")
    fraction = fraction.ljust(-(-len(fraction) // 3) * 3, "0")
    time = at.clock.strftime("%H:%M") + (f":{at.clock:%S}" if at.clock.second or fraction else "")
    time += f".{fraction}" if fraction else ""
    if java.endswith("LocalTime"):
        return time
    shown = f"{at.day}T{time}"
    if not at.zone:
        return shown
    offset = _offset(at.clock.utcoffset() or timedelta())
    return f"{shown}{offset}" if at.zone[0] in "+-" else f"{shown}{offset}[{at.zone}]"


def _offset(offset: timedelta) -> str:
    """How far east: `Z`, `+05:30`, `-04:56:02`."""
    seconds = abs(offset) // timedelta(seconds=1)
    if not seconds:
        return "Z"
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    sign = "-" if offset < timedelta() else "+"
    return f"{sign}{text}:{seconds % 60:02}" if seconds % 60 else f"{sign}{text}"


def part(letter: str, at: Moment) -> str:
    """What Java's Formatter writes for one of LETTERS after %t."""
    shown = _PARTS.get(letter)
    return shown(at) if shown else at.clock.strftime(_DIRECTIVES[letter])


_DIRECTIVES: Final = {
    "H": "%H", "I": "%I", "M": "%M", "S": "%S", "m": "%m", "d": "%d", "B": "%B",
    "b": "%b", "h": "%b", "A": "%A", "a": "%a", "j": "%j", "z": "%z",
}  # fmt: skip
_PARTS: Final[Mapping[str, Callable[[Moment], str]]] = {
    "Y": lambda at: f"{at.year_of_era:04d}",
    "y": lambda at: f"{at.year_of_era % 100:02d}",
    "C": lambda at: f"{at.year_of_era // 100:02d}",
    "e": lambda at: str(at.clock.day),
    "k": lambda at: str(at.clock.hour),
    "l": lambda at: str(at.clock.hour % 12 or 12),
    "p": lambda at: at.clock.strftime("%p").lower(),
    "L": lambda at: at.fraction.ljust(3, "0")[:3],
    "N": lambda at: at.fraction.ljust(9, "0")[:9],
    "s": lambda at: str(at.seconds),
    "Q": lambda at: str(at.milliseconds),
    "Z": lambda at: at.zone if at.zone[:1] in ("+", "-") else at.clock.strftime("%Z"),
}
LETTERS: Final = (*_DIRECTIVES, *_PARTS)
"""What may stand after %t for one field."""
