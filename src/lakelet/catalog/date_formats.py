"""Java's DateTimeFormatter patterns, as far as partitions are named by dates: read and written."""

import re
from calendar import day_abbr, day_name, month_abbr, month_name
from datetime import datetime, timedelta
from typing import Final

_TOKEN: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")
_FIELDS: Final = {
    "y": "year",
    "u": "year",
    "M": "month",
    "L": "month",
    "d": "day",
    "D": "dayofyear",
    "E": "weekday",
    "H": "hour",
    "k": "clock",
    "K": "half",
    "h": "halfclock",
    "a": "meridiem",
    "m": "minute",
    "s": "second",
    "S": "microsecond",
}
_HALVES: Final = ("AM", "PM")
_PRECISION: Final = {
    "year": "YEARS",
    "month": "MONTHS",
    "dayofyear": "DAYS",
    "day": "DAYS",
    "hour": "HOURS",
    "minute": "MINUTES",
    "second": "SECONDS",
    "microsecond": "MILLISECONDS",
}
_UNIT_OF: Final = {
    "weekday": "day",
    "clock": "hour",
    "half": "hour",
    "halfclock": "hour",
    "meridiem": "hour",
}
"""Other words for a part."""


class DateFormat:
    """A pattern and its letters. Raises ValueError for one that names no part of a date or time."""

    def __init__(self, pattern: str) -> None:
        self.letters: set[str] = set()
        self._parts: list[tuple[str, int, str]] = []
        expression = []
        for match in _TOKEN.finditer(pattern):
            text = match[0]
            if match[2]:
                field = _FIELDS.get(match[2])
                if field is None:
                    raise ValueError(f"Unknown pattern letter: {match[2]}")
                self.letters.add(match[2])
                self._parts.append((field, len(text), ""))
                expression.append(f"(?P<{field}_{len(self._parts)}>{_shape(field, len(text))})")
                continue
            literal = match[1].replace("''", "'") or "'" if match[1] is not None else text
            self._parts.append(("", 0, literal))
            expression.append(re.escape(literal))
        self._expression = re.compile("".join(expression))

    @property
    def precision(self) -> str:
        """The unit of the finest part."""
        fields = [_UNIT_OF.get(field, field) for field, _, _ in self._parts if field]
        finest = max(fields, key=list(_PRECISION).index, default="day")
        return _PRECISION[finest]

    @property
    def ordered(self) -> bool:
        """Whether texts order as their moments do: coarse parts first, all of fixed widths."""
        fields = [(field, width) for field, width, _ in self._parts if field]
        order = [each for each in _PRECISION if each != "dayofyear"]
        places = [order.index(field) if field in order else -1 for field, _ in fields]
        fixed = all(width == (4 if field == "year" else 2) for field, width in fields if width != 9)
        return fixed and places == list(range(len(places)))

    def text(self, moment: datetime) -> str:
        return "".join(
            literal if not field else _written(field, width, moment)
            for field, width, literal in self._parts
        )

    def moment(self, text: str) -> datetime:
        """Raises ValueError for a text of another form."""
        match = self._expression.fullmatch(text)
        if match is None:
            raise ValueError(f'Unparseable date: "{text}"')
        found = {"year": 1970, "month": 1, "day": 1}
        for name, value in match.groupdict().items():
            field = name.partition("_")[0]
            found[field] = _number(field, value)
        days = found.pop("dayofyear", 1) - 1
        found.pop("weekday", None)
        _settle_hour(found)
        return datetime(**found) + timedelta(days)  # type: ignore[arg-type]  # only its own keywords


def _settle_hour(found: dict[str, int]) -> None:
    """Hours from 1, and those of half a day, as the hour; raises ValueError beyond them."""
    clock, half = found.pop("clock", None), found.pop("half", None)
    halfclock, later = found.pop("halfclock", None), found.pop("meridiem", 0)
    if clock is not None:
        found.setdefault("hour", clock % 24)
    if halfclock is not None:
        half = halfclock % 12
    if half is not None or later:
        found.setdefault("hour", (half or 0) + 12 * later)


def _shape(field: str, width: int) -> str:
    if field in ("weekday", "meridiem") or (field == "month" and width >= 3):
        return "[A-Za-z]+"
    if field == "microsecond":
        return f"[0-9]{{{width}}}"
    if field == "year":
        return "[0-9]{2}" if width == 2 else f"[0-9]{{{width},{max(width, 4)}}}"
    return f"[0-9]{{{width},{max(width, 3 if field == 'dayofyear' else 2)}}}"


def _written(field: str, width: int, moment: datetime) -> str:
    if field == "weekday":
        return str((day_abbr if width <= 3 else day_name)[moment.weekday()])
    if field == "meridiem":
        return _HALVES[moment.hour // 12]
    value = _value(field, moment)
    if field == "month" and width >= 3:
        return str((month_abbr if width == 3 else month_name)[value])
    if field == "microsecond":
        return f"{value:06d}".ljust(width, "0")[:width]
    if field == "year" and width == 2:
        return f"{value % 100:02d}"
    return f"{value:0{width}d}"


def _value(field: str, moment: datetime) -> int:
    if field == "dayofyear":
        return moment.timetuple().tm_yday
    if field == "clock":
        return moment.hour or 24
    if field == "half":
        return moment.hour % 12
    if field == "halfclock":
        return moment.hour % 12 or 12
    return int(getattr(moment, field))


def _number(field: str, text: str) -> int:
    if text.isdigit():
        if field == "microsecond":
            return int(text.ljust(6, "0")[:6])
        return int(text) + (2000 if field == "year" and len(text) == 2 else 0)
    if field == "meridiem" and text.upper() in _HALVES:
        return _HALVES.index(text.upper())
    for names in (day_abbr, day_name) if field == "weekday" else (month_abbr, month_name):
        for number, name in enumerate(names):
            if name.lower() == text.lower():
                return number
    raise ValueError(f'Unparseable date: "{text}"')
