"""Glue's documents as text and back, with nothing lost: times and bytes are marked in the JSON."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import orjson

from lakelet.model import Document

# No document of Glue's has a number, or a list of one text, under such a key.
_TIME, _BYTES = "@time", "@bytes"


def dump(document: Any) -> str:
    """Raises TypeError for a value that no document of Glue's has."""
    return orjson.dumps(document, _marked, orjson.OPT_PASSTHROUGH_DATETIME).decode()


def load(text: str) -> Document:
    """What `dump` made a text of."""
    found: Document = (
        json.loads(text, object_hook=_unmarked)
        if f'"{_TIME}":' in text or f'"{_BYTES}":' in text
        else orjson.loads(text)
    )
    return found


def moment(seconds: float) -> datetime:
    """A time in seconds since 1970, as botocore has it."""
    return datetime.fromtimestamp(seconds, UTC)


def _marked(value: Any) -> Any:
    if isinstance(value, datetime):
        return {_TIME: value.timestamp()}
    if isinstance(value, bytes | bytearray):
        return {_BYTES: [base64.b64encode(value).decode()]}
    raise TypeError(f"{type(value).__name__} is in no document of Glue's")


def _unmarked(value: dict[str, Any]) -> Any:
    if isinstance(value.get(_TIME), int | float):
        return moment(value[_TIME])
    if isinstance(value.get(_BYTES), list):
        return base64.b64decode(value[_BYTES][0])
    return value
