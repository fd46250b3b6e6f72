"""Timestamps in the forms that AWS's protocols write them in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Literal

Place = Literal["json", "xml", "header"]
_DEFAULTS: Mapping[Place, str] = {"json": "unixtimestamp", "xml": "iso8601", "header": "rfc822"}


def form_of(shape: Any, place: Place) -> str:
    """`iso8601`, `rfc822` or `unixtimestamp`: what the shape says, else the default of where it
    is written."""
    return str(shape.serialization.get("timestampFormat") or _DEFAULTS[place])


def write(moment: datetime, form: str) -> str | float | int:
    """A timestamp's text, or its number of seconds. A naive one is in UTC."""
    if moment.tzinfo is not UTC:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if form == "unixtimestamp":
        return int(moment.timestamp()) if not moment.microsecond else moment.timestamp()
    if form == "rfc822":
        return format_datetime(moment, usegmt=True)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def read(value: Any) -> datetime:
    """A timestamp from any of the forms; raises ValueError."""
    if isinstance(value, int | float):
        return _of_seconds(value)
    text = str(value)
    try:
        seconds = float(text)
    except ValueError:
        pass
    else:
        return _of_seconds(seconds)
    if text[:1].isdigit():
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return parsedate_to_datetime(text).astimezone(UTC)


def _of_seconds(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{seconds} is beyond the years of a timestamp") from error
