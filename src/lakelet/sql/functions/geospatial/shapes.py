"""Esri's binary shapes, as the Spatial Framework for Hadoop stores them."""

import struct
from typing import Any, Final

from lakelet.sql.functions.geospatial.arrays import oriented, shapely

POINT: Final = 1
POLYLINE: Final = 3
POLYGON: Final = 5
MULTI_POINT: Final = 8
_BOX: Final = 32
"""Bytes of the bounding box."""

_OGC: Final = {1: POINT, 2: POLYLINE, 3: POLYGON, 4: MULTI_POINT, 5: POLYLINE, 6: POLYGON}
"""Which shape each of the framework's types is stored as; 0 is any."""

MAX_KIND: Final = 6


def read(data: bytes, kind: int) -> Any:
    """The geometry of a shape, as the framework's type of that number; ValueError for none."""
    try:
        (found,) = struct.unpack_from("<i", data)
        if kind and _OGC[kind] != found:
            raise ValueError(f"type {found} is not {_OGC[kind]}")
        return _READERS[found](data, kind)
    except (struct.error, KeyError) as failure:
        raise ValueError("no shape") from failure


def _pairs(data: bytes, offset: int, count: int) -> list[tuple[float, float]]:
    values = struct.unpack_from(f"<{2 * count}d", data, offset)
    return list(zip(values[::2], values[1::2], strict=True))


def _point(data: bytes, kind: int) -> Any:
    (at,) = _pairs(data, 4, 1)
    return shapely().Point(at)


def _multi_point(data: bytes, kind: int) -> Any:
    (count,) = struct.unpack_from("<i", data, 4 + _BOX)
    return shapely().MultiPoint(_pairs(data, 8 + _BOX, count))


def _paths(data: bytes) -> list[list[tuple[float, float]]]:
    parts, count = struct.unpack_from("<2i", data, 4 + _BOX)
    starts = struct.unpack_from(f"<{parts}i", data, 12 + _BOX)
    pairs = _pairs(data, 12 + _BOX + 4 * parts, count)
    return [pairs[a:b] for a, b in zip(starts, (*starts[1:], count), strict=True)]


def _lines(data: bytes, kind: int) -> Any:
    paths = _paths(data)
    if kind == _MULTI_LINE or len(paths) > 1:
        return shapely().MultiLineString(paths)
    return shapely().LineString(*paths)


_MULTI_LINE: Final = 5
_MULTI_POLYGON: Final = 6


def _polygons(data: bytes, kind: int) -> Any:
    """Rings that run clockwise are shells; the others are holes of the shell before them."""
    library = shapely()
    found: list[list[Any]] = []
    for path in _paths(data):
        if found and library.is_ccw(library.LinearRing(path)):
            found[-1].append(path)
        else:
            found.append([path])
    polygons = [library.Polygon(rings[0], rings[1:]) for rings in found]
    if kind == _MULTI_POLYGON or len(polygons) > 1:
        return oriented(library.MultiPolygon(polygons))
    return oriented(polygons[0])


_READERS: Final = {
    POINT: _point,
    POLYLINE: _lines,
    POLYGON: _polygons,
    MULTI_POINT: _multi_point,
}
