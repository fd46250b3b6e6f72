"""EXTRACT and AT TIME ZONE: the functions that they stand for."""

from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer import constants
from lakelet.sql.analyzer.expressions import ANALYZERS, ExpressionAnalyzer
from lakelet.sql.syntax import nodes

_DAYS: Final = ("date", "timestamp", "timestamp with time zone")
_CLOCKS: Final = ("timestamp", "timestamp with time zone", "time", "time with time zone")
_DAY_SECOND: Final = "interval day to second"
_EXTRACTED: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("YEAR", "MONTH"), (*_DAYS, "interval year to month")),
    "DAY": (*_DAYS, _DAY_SECOND),
    **dict.fromkeys(("QUARTER", "WEEK", "DAY_OF_MONTH", "DAY_OF_WEEK", "DOW"), _DAYS),
    **dict.fromkeys(("DAY_OF_YEAR", "DOY", "YEAR_OF_WEEK", "YOW"), _DAYS),
    **dict.fromkeys(("HOUR", "MINUTE", "SECOND"), (*_CLOCKS, _DAY_SECOND)),
    **dict.fromkeys(
        ("TIMEZONE_HOUR", "TIMEZONE_MINUTE"), ("timestamp with time zone", "time with time zone")
    ),
}
"""The types from which EXTRACT takes a field (Trino's ExpressionAnalyzer)."""
_EXTRACTORS: Final = {
    "DAY_OF_MONTH": "day",
    "DOW": "day_of_week",
    "DOY": "day_of_year",
    "YOW": "year_of_week",
}
_MOST_MINUTES: Final = 14 * 60


def _extract(at: ExpressionAnalyzer, node: nodes.Extract) -> tree.Expression:
    value = at.analyze(node.value)
    if value.type.name not in _EXTRACTED[node.field]:
        raise at.mismatch(f"Cannot extract {node.field} from {value.type}", node.value)
    name = _EXTRACTORS.get(node.field, node.field.lower())
    return at.call(name, node.value, at=node.at)


def _at_time_zone(at: ExpressionAnalyzer, node: nodes.AtTimeZone) -> tree.Expression:
    zone: nodes.Expression = node.zone
    value = at.analyze(node.value).type
    if value.name.removesuffix(" with time zone") not in ("time", "timestamp"):
        raise at.mismatch(
            f"Type of value must be a time or timestamp with or without time zone (actual {value})",
            node.value,
        )
    if isinstance(zone, nodes.Interval):
        if value.name.startswith("timestamp"):
            return at.call("at_timezone", node.value, zone, at=node.at)
        offset = constants.constant(at.context, zone)
        minutes = _zone_minutes(offset.value)
        sign = "-" if minutes < 0 else "+"
        text = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        zone = nodes.String(zone.at, text)
    return at.call("$at_timezone", node.value, zone, at=node.at)


def _zone_minutes(millis: int) -> int:
    """The offset of a time zone that an interval gives."""
    minutes, rest = divmod(millis, 60_000)
    if rest:
        message = "Invalid time zone offset interval: interval contains seconds"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message)
    if abs(minutes) > _MOST_MINUTES:
        message = f"offsetMinutes is out of range: {minutes}"
        raise TrinoError("GENERIC_INTERNAL_ERROR", message)
    return minutes


ANALYZERS.update({nodes.Extract: _extract, nodes.AtTimeZone: _at_time_zone})
