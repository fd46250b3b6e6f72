"""DuckDB macros and Python functions that scans of text mention, by the names that they have there.

The engine makes those that a statement's text mentions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lakelet.formats.text import values


@dataclass(frozen=True, slots=True)
class Udf:
    """A vectorised Python function over Arrow arrays; `load` imports and returns it.

    `arguments` and `result` are DuckDB types.
    """

    load: Callable[[], Callable[..., Any]]
    arguments: tuple[str, ...]
    result: str


def _hive_json() -> Callable[..., Any]:
    from lakelet.formats.json.decoding import hive

    return hive


def _openx_json() -> Callable[..., Any]:
    from lakelet.formats.json.decoding import openx

    return openx


def _timestamps() -> Callable[..., Any]:
    from lakelet.formats.text.timestamp_formats import parsed

    return parsed


MACROS: Final[Mapping[str, str]] = values.MACROS

UDFS: Final[Mapping[str, Udf]] = {
    "trino_hive_json": Udf(_hive_json, ("VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR"),
    "trino_openx_json": Udf(_openx_json, ("VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR"),
    "trino_hive_timestamps": Udf(_timestamps, ("VARCHAR", "VARCHAR"), "BIGINT"),
}
