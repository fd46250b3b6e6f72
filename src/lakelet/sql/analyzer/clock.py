"""CURRENT_TIMESTAMP and its kind: constants of the statement's start and session."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer.context import Context
from lakelet.types import Type
from lakelet.types.model import DATE, VARCHAR

DEFAULT_PRECISION: Final = 3
MAX_PRECISION: Final = 12


def session_value(context: Context, name: str, precision: int | None) -> tree.Constant | None:
    """The constant that a function of the session gives; None when there is none of that name."""
    reader = _READERS.get(name)
    if reader is None:
        return None
    digits = DEFAULT_PRECISION if precision is None else precision
    if digits > MAX_PRECISION:
        kind = "TIME" if name in ("current_time", "localtime") else "TIMESTAMP"
        suffix = " WITH TIME ZONE" if name.startswith("current") else ""
        raise TrinoError(
            "NUMERIC_VALUE_OUT_OF_RANGE",
            f"{kind}{suffix} precision must be in range [0, {MAX_PRECISION}]: {digits}",
        )
    of, value = reader(context, digits)
    return tree.Constant(value, of)


def day(context: Context) -> int:
    """The session's date, in its time zone, in days from 1970-01-01."""
    return _local(context).toordinal() - date(1970, 1, 1).toordinal()


def _local(context: Context) -> datetime:
    return _now(context).astimezone(ZoneInfo(context.session.time_zone))


def _now(context: Context) -> datetime:
    context.names.timed = True
    return context.session.start or context.now


def _cut(moment: datetime, form: str, precision: int) -> str:
    text = moment.strftime(form)
    if not precision:
        return text
    return f"{text}.{f'{moment.microsecond:06}'.ljust(9, '0')[: min(precision, 9)]}"


def _current_timestamp(context: Context, precision: int) -> tuple[Type, Any]:
    instant = _now(context).astimezone(ZoneInfo("UTC"))
    text = _cut(instant, "%Y-%m-%d %H:%M:%S", precision)
    return Type("timestamp with time zone", (precision,)), (text, context.session.time_zone)


def _current_time(context: Context, precision: int) -> tuple[Type, Any]:
    local = _local(context)
    minutes = (local.utcoffset() or timedelta()) // timedelta(minutes=1)
    return Type("time with time zone", (precision,)), (_cut(local, "%H:%M:%S", precision), minutes)


def _localtime(context: Context, precision: int) -> tuple[Type, Any]:
    return Type("time", (precision,)), _cut(_local(context), "%H:%M:%S", precision)


def _localtimestamp(context: Context, precision: int) -> tuple[Type, Any]:
    return Type("timestamp", (precision,)), _cut(_local(context), "%Y-%m-%d %H:%M:%S", precision)


def _current_date(context: Context, precision: int) -> tuple[Type, Any]:
    return DATE, _local(context).strftime("%Y-%m-%d")


_READERS: Final[Mapping[str, Callable[[Context, int], tuple[Type, Any]]]] = {
    "now": _current_timestamp,
    "current_timestamp": _current_timestamp,
    "current_time": _current_time,
    "localtime": _localtime,
    "localtimestamp": _localtimestamp,
    "current_date": _current_date,
    "current_timezone": lambda context, _: (VARCHAR, context.session.time_zone),
    "current_user": lambda context, _: (VARCHAR, context.session.user),
    "current_catalog": lambda context, _: (VARCHAR, context.session.catalog),
    "current_schema": lambda context, _: (VARCHAR, context.session.database),
    "current_path": lambda context, _: (VARCHAR, ""),
}
