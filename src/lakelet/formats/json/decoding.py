"""Lines to rows of canonical JSON, by a decoder for each table.

A decoder is made once for a `Spec`, which reaches the Python function as text.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from lakelet.formats.json import hive as hives
from lakelet.formats.json import openx as openxs
from lakelet.formats.json.rows import BadValueError, Spec
from lakelet.formats.text.lines import unreadable

if TYPE_CHECKING:
    from pyarrow import Array


def hive(lines: "Array", uris: "Array", specs: "Array") -> "Array":
    """Rows of Hive's JsonSerDe."""
    return _decoded(lines, uris, specs, _hive)


def openx(lines: "Array", uris: "Array", specs: "Array") -> "Array":
    """Rows of OpenX's JsonSerDe; a line that is no object is NULL."""
    return _decoded(lines, uris, specs, _openx)


@lru_cache(maxsize=64)
def _hive(spec: str) -> Callable[[str], Any]:
    return hives.decoder(Spec.of(spec))


@lru_cache(maxsize=64)
def _openx(spec: str) -> Callable[[str], Any]:
    return openxs.decoder(Spec.of(spec))


def _decoded(
    lines: "Array", uris: "Array", specs: "Array", make: Callable[[str], Callable[[str], Any]]
) -> "Array":
    import pyarrow

    found: list[bytes | None] = []
    for line, uri, spec in zip(lines.to_pylist(), uris.to_pylist(), specs.to_pylist(), strict=True):
        try:
            row = make(spec)(line)
            found.append(None if row is None else orjson.dumps(row))
        except (BadValueError, RecursionError):
            raise unreadable(uri) from None
    return pyarrow.array(found, pyarrow.binary()).cast(pyarrow.string())
