"""Places on lines, distances between geometries, and encoded polylines."""

import itertools
import math
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.geospatial.arrays import (
    KINDS,
    LINE_STRING,
    MULTI_LINE_STRING,
    MULTI_POINT,
    POINT,
    geometric,
    require,
    shapely,
)
from lakelet.sql.functions.vectorised import invalid

_PAIR: Final = ("Geometry", "Geometry")


def _locate(lines: Any, points: Any) -> Any:
    library = shapely()
    empty = library.is_empty(lines) | library.is_empty(points)
    _require_words(lines[~empty], (LINE_STRING, MULTI_LINE_STRING), "First", _A_LINE)
    _require_words(points[~empty], (POINT,), "Second", "a Point")
    found = library.line_locate_point(lines, points) / library.length(lines)
    found[empty] = math.nan
    return found


_A_LINE: Final = "a LineString or a MultiLineString"


def _require_words(found: Any, kinds: tuple[str, ...], which: str, what: str) -> None:
    library = shapely()
    for each in found:
        if KINDS[library.get_type_id(each)] not in kinds:
            raise invalid(
                f"{which} argument to line_locate_point must be {what}. Got: {each.geom_type}"
            )


def _interpolated(line: Any, step: float, *, repeated: bool) -> Any:
    """The points at a fraction of a line, and at its multiples; None for an empty line."""
    if line.is_empty:
        return None
    require("line_interpolate_point", [line], LINE_STRING)
    if not 0 <= step <= 1:
        raise invalid("fraction must be between 0 and 1")
    library = shapely()
    if step in (0, 1):
        return [library.Point(line.coords[0 if step == 0 else -1])]
    found = _fractions(list(line.coords), step, math.floor(1 / step) if repeated else 1)
    return [library.Point(at) for at in found]


def _fractions(at: list[Any], step: float, count: int) -> list[Any]:
    length = math.fsum(math.dist(a, b) for a, b in itertools.pairwise(at))
    found: list[Any] = []
    wanted, done = step, 0.0
    for (x0, y0), (x1, y1) in itertools.pairwise(at):
        share = math.dist((x0, y0), (x1, y1)) / length
        while wanted < done + share and len(found) < count:
            part = (wanted - done) / share
            found.append((x0 + (x1 - x0) * part, y0 + (y1 - y0) * part))
            wanted += step
        done += share
    return found if len(found) >= count else [*found, at[-1]]


def _interpolate_point(lines: Any, fractions: Any) -> Any:
    found = (
        _interpolated(line, step, repeated=False)
        for line, step in zip(lines, fractions, strict=True)
    )
    return [None if each is None else each[0] for each in found]


def _interpolate_points(lines: Any, fractions: Any) -> Any:
    return [
        _interpolated(line, step, repeated=True)
        for line, step in zip(lines, fractions, strict=True)
    ]


def _nearest_points(left: Any, right: Any) -> Any:
    library = shapely()
    return [
        None if line is None or line.is_empty else [library.Point(at) for at in line.coords]
        for line in library.shortest_line(left, right)
    ]


geometric(
    "line_locate_point",
    _PAIR,
    "double",
    _locate,
    "How far along a line the place nearest to a point is, from 0 to 1.",
)
geometric(
    "line_interpolate_point",
    ("Geometry", "double"),
    "Geometry",
    _interpolate_point,
    "The point at a fraction of a line.",
)
geometric(
    "line_interpolate_points",
    ("Geometry", "double"),
    "array(Geometry)",
    _interpolate_points,
    "The points at the multiples of a fraction of a line.",
)
geometric(
    "geometry_nearest_points",
    _PAIR,
    "row(Geometry, Geometry)",
    _nearest_points,
    "The points of two geometries that are nearest to each other.",
)

# Encoded polylines (Google's polyline algorithm) -------------------------------------------

_SCALE: Final = 1e5


def _encode(found: Any) -> Any:
    require("encode_polyline", found, MULTI_POINT, LINE_STRING)
    library = shapely()
    return [_encoded(library.get_coordinates(each)) for each in found]


def _encoded(coordinates: Any) -> str:
    parts = []
    before = (0, 0)
    for x, y in coordinates:
        at = (math.floor(y * _SCALE + 0.5), math.floor(x * _SCALE + 0.5))
        parts += [_number(at[i] - before[i]) for i in (0, 1)]
        before = at
    return "".join(parts)


def _number(value: int) -> str:
    value = ~(value << 1) if value < 0 else value << 1
    found = []
    while value >= 0x20:
        found.append(chr((0x20 | (value & 0x1F)) + 63))
        value >>= 5
    return "".join([*found, chr(value + 63)])


def _decode(texts: Any) -> Any:
    return [shapely().LineString(_decoded(each)) for each in texts]


def _decoded(text: str) -> list[tuple[float, float]]:
    at, latitude, longitude = 0, 0, 0
    found = []
    while at < len(text):
        step, at = _read(text, at)
        latitude += step
        step, at = _read(text, at)
        longitude += step
        found.append((longitude * 1e-5, latitude * 1e-5))
    return found if len(found) > 1 else []


def _read(text: str, at: int) -> tuple[int, int]:
    result, shift, part = 1, 0, 0x1F
    while part >= 0x1F:
        if at >= len(text):
            raise TrinoError(
                "GENERIC_INTERNAL_ERROR", f"Index {at} out of bounds for length {len(text)}"
            )
        part = ord(text[at]) - 64
        result += part << shift
        shift, at = shift + 5, at + 1
    return (~(result >> 1) if result & 1 else result >> 1), at


geometric(
    "to_encoded_polyline", ("Geometry",), "varchar", _encode, "A line or points as a polyline text."
)
geometric(
    "from_encoded_polyline", ("varchar",), "Geometry", _decode, "The line of a polyline text."
)
