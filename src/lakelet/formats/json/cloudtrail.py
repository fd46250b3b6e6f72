"""CloudTrail's files: a line is `{"Records": […]}`, and each record a row of JSON.

Objects whose contents depend on the service are given as text, and `userIdentity` also as
`userIdentity_as_string` (Trino's CloudTrailLineReader). A line that is no such object is passed
over.
"""

import json
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from lakelet.formats.json.rows import text

if TYPE_CHECKING:
    from pyarrow import Array

INPUT_FORMAT: Final = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
SERDE: Final = "com.amazon.emr.hive.serde.CloudTrailSerde"

_AS_TEXT: Final = (
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "serviceEventDetails",
)
_ALSO_AS_TEXT: Final = "userIdentity"
_AS_STRING: Final = f"{_ALSO_AS_TEXT}_as_string"

_PLAIN: Final = frozenset("-.0123456789")

_Write = Callable[[Any], str]


def records(block: bytes, wanted: Collection[str] | None) -> "Array":
    """The records of a block of lines, as lines; of their keys those of `wanted` columns, in
    small letters, and those that name a column by its position. None keeps all."""
    import pyarrow

    @cache
    def kept(key: str) -> bool:
        return wanted is None or key.lower() in wanted or key.lower().startswith("_col")

    found = [row for line in block.decode().split("\n")[:-1] for row in _rows(line, kept)]
    return pyarrow.array(found, pyarrow.string())


def _rows(line: str, kept: Callable[[str], bool]) -> Sequence[str]:
    same = True

    def real(literal: str) -> float:
        """orjson writes no exponents, and neither NaN nor infinity."""
        nonlocal same
        value = float(literal)
        same = same and _PLAIN.issuperset(repr(value))
        return value

    try:
        found = json.loads(line, parse_float=real, parse_constant=real)
        return _written(found, kept, _text if same else _exact)
    except (ValueError, RecursionError):
        return ()


def _written(found: Any, kept: Callable[[str], bool], write: _Write) -> Sequence[str]:
    given = found.get("Records") if isinstance(found, dict) else None
    return [
        write(_flattened(record, kept, write))
        for record in (given if isinstance(given, list) else ())
        if isinstance(record, dict)
    ]


def _flattened(
    record: dict[str, Any], kept: Callable[[str], bool], write: _Write
) -> dict[str, Any]:
    flat = {key: value for key, value in record.items() if kept(key)}
    for name in _AS_TEXT:
        if flat.get(name) is not None:
            flat[name] = write(flat[name])
        else:
            flat.pop(name, None)
    if record.get(_ALSO_AS_TEXT) is not None and kept(_AS_STRING):
        flat[_AS_STRING] = write(record[_ALSO_AS_TEXT])
    return flat


def _text(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # numbers of more than 64 bits, halves of surrogate pairs
        return _exact(value)


def _exact(value: Any) -> str:
    return text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
