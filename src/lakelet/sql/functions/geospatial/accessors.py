"""What a geometry is, and what it consists of."""

from collections.abc import Callable
from typing import Any, Final

from lakelet.sql.functions.geospatial.arrays import (
    LINE_STRING,
    MULTI_LINE_STRING,
    POINT,
    POLYGON,
    geometric,
    require,
    reversed_rings,
    shapely,
)

_ONE: Final = ("Geometry",)
_MULTIPLE: Final = 4
"""The number from which on shapely's types are collections."""


def _coordinate(name: str, index: int) -> Callable[[Any], Any]:
    def run(found: Any) -> Any:
        require(name, found, POINT)
        return shapely().bounds(found)[:, index]

    return run


def _extreme(index: int) -> Callable[[Any], Any]:
    return lambda found: shapely().bounds(found)[:, index]


geometric("st_x", _ONE, "double", _coordinate("ST_X", 0), "The x of a point.")
geometric("st_y", _ONE, "double", _coordinate("ST_Y", 1), "The y of a point.")
geometric("st_xmin", _ONE, "double", _extreme(0), "The least x of a geometry.")
geometric("st_ymin", _ONE, "double", _extreme(1), "The least y of a geometry.")
geometric("st_xmax", _ONE, "double", _extreme(2), "The greatest x of a geometry.")
geometric("st_ymax", _ONE, "double", _extreme(3), "The greatest y of a geometry.")

# Kinds and counts --------------------------------------------------------------------------

_NAMES: Final = (
    *("ST_Point", "ST_LineString", "ST_LineString", "ST_Polygon"),
    *("ST_MultiPoint", "ST_MultiLineString", "ST_MultiPolygon", "ST_GeomCollection"),
)
_DIMENSIONS: Final = (0, 1, 1, 2, 0, 1, 2)


def _geometry_type(found: Any) -> Any:
    return [_NAMES[kind] for kind in shapely().get_type_id(found)]


def _dimension(found: Any) -> Any:
    return [_dimension_of(each) for each in found]


def _dimension_of(geometry: Any) -> int:
    kind = shapely().get_type_id(geometry)
    if kind < len(_DIMENSIONS):
        return _DIMENSIONS[kind]
    return max(map(_dimension_of, geometry.geoms), default=0)


def _coordinate_dimension(found: Any) -> Any:
    return shapely().get_coordinate_dimension(found).clip(2, 3)


def _is_empty(found: Any) -> Any:
    return shapely().is_empty(found)


def _point_count(found: Any) -> Any:
    """Vertices; the one that closes a ring is not counted."""
    library = shapely()
    return [_points_of(library, each) for each in found]


def _points_of(library: Any, geometry: Any) -> int:
    count = int(library.get_num_coordinates(geometry))
    if library.get_type_id(geometry) == GEOMETRY_COLLECTIONS:
        return sum(_points_of(library, each) for each in geometry.geoms)
    if library.get_dimensions(geometry) == 2:
        return count - len(library.get_rings(library.get_parts(geometry)))
    return count


GEOMETRY_COLLECTIONS: Final = 7


def _geometry_count(found: Any) -> Any:
    library = shapely()
    return library.get_num_geometries(found) * ~library.is_empty(found)


def _interior_ring_count(found: Any) -> Any:
    require("ST_NumInteriorRing", found, POLYGON)
    return [None if each.is_empty else len(each.interiors) for each in found]


geometric("st_geometrytype", _ONE, "varchar", _geometry_type, "The type of a geometry.")
geometric("st_dimension", _ONE, "tinyint", _dimension, "0 for points, 1 for lines, 2 for areas.")
geometric(
    "st_coorddim", _ONE, "tinyint", _coordinate_dimension, "How many coordinates a vertex has."
)
geometric("st_isempty", _ONE, "boolean", _is_empty, "Whether there is no point in it.")
geometric("st_numpoints", _ONE, "bigint", _point_count, "How many vertices a geometry has.")
geometric(
    "st_numgeometries", _ONE, "integer", _geometry_count, "How many geometries a collection has."
)
geometric(
    "st_numinteriorring", _ONE, "bigint", _interior_ring_count, "How many holes a polygon has."
)

# Parts -------------------------------------------------------------------------------------


def _geometry_n(found: Any, indexes: Any) -> Any:
    return [_part(each, index) for each, index in zip(found, indexes, strict=True)]


def _part(geometry: Any, index: int) -> Any:
    if geometry.is_empty:
        return None
    parts = _parts(geometry)
    return parts[index - 1] if 1 <= index <= len(parts) else None


def _parts(geometry: Any) -> list[Any]:
    several = shapely().get_type_id(geometry) >= _MULTIPLE
    return list(geometry.geoms) if several else [geometry]


def _geometries(found: Any) -> Any:
    return [None if each.is_empty else _parts(each) for each in found]


def _point_n(found: Any, indexes: Any) -> Any:
    require("ST_PointN", found, LINE_STRING)
    at = indexes.astype("int64") - 1
    return shapely().get_point(found, at * (at >= 0) + (at < 0) * (2**31 - 1))


def _start_point(found: Any) -> Any:
    require("ST_StartPoint", found, LINE_STRING)
    return shapely().get_point(found, 0)


def _end_point(found: Any) -> Any:
    require("ST_EndPoint", found, LINE_STRING)
    return shapely().get_point(found, -1)


def _points(found: Any) -> Any:
    library = shapely()
    return [
        None if each.is_empty else library.points(library.get_coordinates(reversed_rings(each)))
        for each in found
    ]


def _line(ring: Any) -> Any:
    return shapely().LineString(ring.coords)


def _exterior_ring(found: Any) -> Any:
    require("ST_ExteriorRing", found, POLYGON)
    return [None if each.is_empty else _line(each.exterior) for each in found]


def _interior_rings(found: Any) -> Any:
    require("ST_InteriorRings", found, POLYGON)
    return [None if each.is_empty else [_line(ring) for ring in each.interiors] for each in found]


def _interior_ring_n(found: Any, indexes: Any) -> Any:
    require("ST_InteriorRingN", found, POLYGON)
    return [
        _line(each.interiors[int(index) - 1]) if 1 <= index <= len(each.interiors) else None
        for each, index in zip(found, indexes, strict=True)
    ]


_NTH: Final = ("Geometry", "integer")
geometric("st_geometryn", _NTH, "Geometry", _geometry_n, "The nth geometry of a collection.")
geometric("st_geometries", _ONE, "array(Geometry)", _geometries, "A collection's geometries.")
geometric("st_pointn", _NTH, "Geometry", _point_n, "The nth vertex of a line.")
geometric("st_startpoint", _ONE, "Geometry", _start_point, "The first vertex of a line.")
geometric("st_endpoint", _ONE, "Geometry", _end_point, "The last vertex of a line.")
geometric("st_points", _ONE, "array(Geometry)", _points, "The vertices of a geometry.")
geometric("st_exteriorring", _ONE, "Geometry", _exterior_ring, "The shell of a polygon as a line.")
geometric(
    "st_interiorrings", _ONE, "array(Geometry)", _interior_rings, "The holes of a polygon as lines."
)
geometric(
    "st_interiorringn", _NTH, "Geometry", _interior_ring_n, "The nth hole of a polygon as a line."
)

# Lines -------------------------------------------------------------------------------------


def _is_closed(found: Any) -> Any:
    require("ST_IsClosed", found, LINE_STRING, MULTI_LINE_STRING)
    library = shapely()
    return [
        all(part.coords[0] == part.coords[-1] for part in _parts(each) if not part.is_empty)
        for each in library.force_2d(found)
    ]


def _is_ring(found: Any) -> Any:
    require("ST_IsRing", found, LINE_STRING)
    library = shapely()
    return library.is_closed(found) & library.is_simple(found) & ~library.is_empty(found)


geometric("st_isclosed", _ONE, "boolean", _is_closed, "Whether lines end where they begin.")
geometric("st_isring", _ONE, "boolean", _is_ring, "Whether a line is closed and simple.")
