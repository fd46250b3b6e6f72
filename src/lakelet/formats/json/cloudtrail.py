"""CloudTrail's files: a line is `{"Records": […]}`, and each record a row of JSON.

Objects whose contents depend on the service are given as text, and `userIdentity` also as
`userIdentity_as_string` (Trino's CloudTrailLineReader). A line that is no such object is passed
over.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

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


def records(block: bytes) -> "Array":
    """The records of a block of lines, as lines."""
    import pyarrow

    return pyarrow.array(list(_records(block)), pyarrow.string())


def _records(block: bytes) -> Iterator[str]:
    for line in block.decode().split("\n")[:-1]:
        try:
            found = json.loads(line)["Records"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        for record in found if isinstance(found, list) else ():
            if isinstance(record, dict):
                yield _text(_flattened(record))


def _flattened(record: dict[str, Any]) -> dict[str, Any]:
    flat = dict(record)
    for name in _AS_TEXT:
        if flat.get(name) is not None:
            flat[name] = _text(flat[name])
        else:
            flat.pop(name, None)
    if flat.get(_ALSO_AS_TEXT) is not None:
        flat[f"{_ALSO_AS_TEXT}_as_string"] = _text(flat[_ALSO_AS_TEXT])
    return flat


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
