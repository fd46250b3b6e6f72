"""Geometries made of geometries, with the vertices in the order of Trino's library.

It sweeps from the lowest point up: rings and lines that it makes begin with their lowest vertex
(of those the leftmost), and parts are sorted by it.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.geospatial.arrays import (
    LINE_STRING,
    MULTI_LINE_STRING,
    MULTI_POINT,
    MULTI_POLYGON,
    POINT,
    POLYGON,
    geometric,
    oriented,
    require,
    reversed_rings,
    shapely,
)
from lakelet.sql.functions.vectorised import invalid

_ONE: Final = ("Geometry",)
_PAIR: Final = ("Geometry", "Geometry")

# The order of vertices ---------------------------------------------------------------------


def swept(geometry: Any) -> Any:
    """A geometry that an operation made, with its vertices and parts in the order of a sweep."""
    if geometry.is_empty:
        return geometry
    return _SWEPT[geometry.geom_type](geometry)


def _lowest(at: Sequence[float]) -> tuple[float, float]:
    return at[1], at[0]


def _ring(ring: Any, *, ccw: bool) -> list[tuple[float, float]]:
    at = list(ring.coords)[:-1]
    if ring.is_ccw != ccw:
        at.reverse()
    start = min(range(len(at)), key=lambda i: _lowest(at[i]))
    return [*at[start:], *at[: start + 1]]


def _polygon(geometry: Any) -> Any:
    holes = sorted(
        (_ring(each, ccw=False) for each in geometry.interiors), key=lambda ring: _lowest(ring[0])
    )
    return shapely().Polygon(_ring(geometry.exterior, ccw=True), holes)


def _first(geometry: Any) -> list[tuple[float, float]]:
    exterior = geometry.exterior if geometry.geom_type == "Polygon" else geometry
    return [_lowest(at) for at in exterior.coords]


def _several(geometry: Any) -> Any:
    parts = sorted((swept(each) for each in geometry.geoms), key=_first)
    return type(geometry)(parts)


def _mixed(geometry: Any) -> Any:
    """Only what has the highest dimension is left, as Esri's operators leave it."""
    library = shapely()
    dimensions = [int(library.get_dimensions(each)) for each in geometry.geoms]
    kept = [
        each
        for each, dimension in zip(geometry.geoms, dimensions, strict=True)
        if dimension == max(dimensions)
    ]
    return swept(library.union_all(kept))


_SWEPT: Final[dict[str, Callable[[Any], Any]]] = {
    "Point": lambda geometry: geometry,
    "LineString": lambda geometry: geometry,
    "Polygon": _polygon,
    "MultiPoint": _several,
    "MultiLineString": _several,
    "MultiPolygon": _several,
    "GeometryCollection": _mixed,
}

# Sets of points ----------------------------------------------------------------------------


def _intersection(left: Any, right: Any) -> Any:
    library = shapely()
    empty = library.MultiPolygon()
    return [
        empty if each.is_empty else _joined(each) for each in map(library.intersection, left, right)
    ]


def _joined(geometry: Any) -> Any:
    """Lines that meet end to end become one, which runs upwards."""
    if geometry.geom_type == "MultiLineString":
        geometry = shapely().line_merge(geometry)
    if geometry.geom_type == "LineString":
        at = list(geometry.coords)
        return geometry if _lowest(at[0]) <= _lowest(at[-1]) else geometry.reverse()
    return swept(geometry)


def _difference(left: Any, right: Any) -> Any:
    return _by_kind(shapely().difference, left, right)


def _symmetric_difference(left: Any, right: Any) -> Any:
    return _by_kind(shapely().symmetric_difference, left, right)


def _by_kind(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> list[Any]:
    return [_like(each, operation(each, other)) for each, other in zip(left, right, strict=True)]


def _like(original: Any, found: Any) -> Any:
    """What is empty keeps the kind of what it was made of."""
    if not found.is_empty:
        return _joined(found)
    if original.geom_type == "Point":
        return shapely().Point()
    name = original.geom_type.removeprefix("Multi")
    several = {"Point": "MultiPoint", "LineString": "MultiLineString", "Polygon": "MultiPolygon"}
    return getattr(shapely(), several.get(name, "GeometryCollection"))()


def union(geometries: Sequence[Any]) -> Any:
    """The union of many: points, lines and areas apart, then without what a higher one covers."""
    library = shapely()
    parts: list[list[Any]] = [[], [], []]
    for each in geometries:
        _sort_in(each, parts)
    made = [library.union_all(each) if each else None for each in parts]
    present = [each for each in made if each is not None]
    if len(present) == 1:
        return _merged(present[0]) if not present[0].is_empty else _emptied(parts)
    solid = [each for each in present if not each.is_empty]
    if not solid:
        return library.GeometryCollection()
    return _uncovered(solid)


def _sort_in(geometry: Any, parts: list[list[Any]]) -> None:
    if geometry.geom_type == "GeometryCollection":
        for each in geometry.geoms:
            _sort_in(each, parts)
    else:
        parts[int(shapely().get_dimensions(geometry))].append(geometry)


def _emptied(parts: list[list[Any]]) -> Any:
    (found,) = [each for each in parts if each]
    return found[0]


def _merged(geometry: Any) -> Any:
    if geometry.geom_type in ("LineString", "MultiLineString"):
        return swept(_noded(geometry))
    return swept(geometry)


def _noded(geometry: Any) -> Any:
    merged = shapely().line_merge(geometry)
    return merged if merged.geom_type == "LineString" else geometry


def _uncovered(solid: list[Any]) -> Any:
    library = shapely()
    kept = []
    for i, each in enumerate(solid):
        rest = each
        for higher in solid[i + 1 :]:
            rest = library.difference(rest, higher)
        if not rest.is_empty:
            kept.append(_merged(_with_vertices(rest, solid[:i])))
    return kept[0] if len(kept) == 1 else library.GeometryCollection(kept)


def _with_vertices(geometry: Any, lower: list[Any]) -> Any:
    """A line with a vertex at each point that it covers."""
    if geometry.geom_type != "LineString" or not lower:
        return geometry
    points = [each for each in shapely().get_parts(lower) if each.geom_type == "Point"]
    at = [(geometry.project(each), each) for each in points if geometry.distance(each) == 0]
    found = {geometry.project(shapely().Point(each)): each for each in geometry.coords}
    for distance, point in at:
        found.setdefault(distance, point.coords[0])
    return shapely().LineString([found[distance] for distance in sorted(found)])


def _union(left: Any, right: Any) -> Any:
    return [union(each) for each in zip(left, right, strict=True)]


def union_of_lists(lists: Any) -> Any:
    """The union of each list's geometries; None for a list without elements."""
    return [union([each for each in many if each is not None]) if many else None for many in lists]


for _name, _run, _doc in (
    ("st_intersection", _intersection, "What two geometries have in common."),
    ("st_difference", _difference, "What of the first geometry is not in the second."),
    ("st_symdifference", _symmetric_difference, "What only one of two geometries has."),
    ("st_union", _union, "What either of two geometries has."),
):
    geometric(_name, _PAIR, "Geometry", _run, _doc)
geometric(
    "geometry_union",
    ("array(Geometry)",),
    "Geometry",
    union_of_lists,
    "What any of the geometries of an array has.",
)

# Shapes of one geometry --------------------------------------------------------------------


def hull(geometry: Any) -> Any:
    """The convex hull, which begins with the first vertex of the geometry that is on it."""
    library = shapely()
    if geometry.is_empty or geometry.geom_type == "Point":
        return geometry
    found = library.convex_hull(geometry)
    if found.geom_type != "Polygon":
        return _by_first(geometry, found)
    ring = list(found.exterior.coords)[:-1]
    if not found.exterior.is_ccw:
        ring.reverse()
    places = {at: i for i, at in enumerate(ring)}
    start = next(places[at] for at in map(tuple, _vertices(geometry)) if at in places)
    return library.Polygon([*ring[start:], *ring[: start + 1]])


def _vertices(geometry: Any) -> list[list[float]]:
    found: list[list[float]] = shapely().get_coordinates(reversed_rings(geometry)).tolist()
    return found


def _by_first(geometry: Any, line: Any) -> Any:
    first = tuple(_vertices(geometry)[0])
    if line.geom_type == "LineString" and line.coords[0] != first:
        return shapely().LineString(list(line.coords)[::-1])
    return line


def _convex_hull(found: Any) -> Any:
    return list(map(hull, found))


_CENTROIDS: Final = (
    POINT,
    MULTI_POINT,
    LINE_STRING,
    MULTI_LINE_STRING,
    POLYGON,
    MULTI_POLYGON,
)


def _centroid(found: Any) -> Any:
    require("ST_Centroid", found, *_CENTROIDS)
    return shapely().centroid(found)


def _boundary(found: Any) -> Any:
    library = shapely()
    return [_boundary_of(library, each) for each in found]


def _boundary_of(library: Any, geometry: Any) -> Any:
    kind = geometry.geom_type
    if kind == "GeometryCollection":
        raise TrinoError("GENERIC_INTERNAL_ERROR", "Internal error")
    if library.get_dimensions(geometry) < 2:
        ends = library.boundary(geometry) if "Line" in kind else library.MultiPoint()
        return library.MultiPoint(library.get_parts(ends)) if ends is not None else None
    return library.MultiLineString(list(library.get_rings(library.get_parts(geometry))))


def _envelope(found: Any) -> Any:
    library = shapely()
    boxes = library.box(*library.bounds(found).T)
    boxes[library.is_empty(found)] = library.Polygon()
    return _started_low(library, boxes)


def _started_low(library: Any, boxes: Any) -> Any:
    """Boxes whose rings begin with the lowest left corner."""
    low = library.bounds(boxes)
    whole = ~library.is_empty(boxes)
    x0, y0, x1, y1 = low[whole].T
    corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))
    import numpy

    rings = numpy.stack([numpy.stack(each, axis=-1) for each in corners], axis=1)
    boxes[whole] = library.polygons(rings)
    return boxes


def _envelope_points(found: Any) -> Any:
    library = shapely()
    return [
        None if each.is_empty else library.points([each.bounds[:2], each.bounds[2:]])
        for each in found
    ]


_QUARTER: Final = 24
"""Segments of a quarter of a circle."""


def _buffer(found: Any, distances: Any) -> Any:
    return [_buffered(each, at) for each, at in zip(found, distances, strict=True)]


def _buffered(geometry: Any, distance: float) -> Any:
    if math.isnan(distance):
        raise invalid("distance is NaN")
    if distance < 0:
        raise invalid("distance is negative")
    if distance == 0:
        return geometry
    if geometry.is_empty:
        return None
    if math.isinf(distance):
        return shapely().MultiPolygon()
    return oriented(
        _from_the_right(geometry, shapely().buffer(geometry, distance, quad_segs=_QUARTER))
    )


def _from_the_right(geometry: Any, found: Any) -> Any:
    """The circle around a point begins at its right and runs up."""
    if geometry.geom_type != "Point":
        return swept(found)
    at = list(found.exterior.coords)
    return shapely().Polygon(at if found.exterior.is_ccw else at[::-1])


def _simplify(found: Any, tolerances: Any) -> Any:
    return [_simplified(each, at) for each, at in zip(found, tolerances, strict=True)]


def _simplified(geometry: Any, tolerance: float) -> Any:
    if math.isnan(tolerance):
        raise invalid("distanceTolerance is NaN")
    if tolerance < 0:
        raise invalid("distanceTolerance is negative")
    if tolerance == 0:
        return geometry
    return oriented(shapely().simplify(reversed_rings(geometry), tolerance))


geometric(
    "st_convexhull", _ONE, "Geometry", _convex_hull, "The least convex geometry around another."
)
geometric("st_centroid", _ONE, "Geometry", _centroid, "The centre of gravity.")
geometric("st_boundary", _ONE, "Geometry", _boundary, "The closure of the boundary.")
geometric("st_envelope", _ONE, "Geometry", _envelope, "The bounding box as a polygon.")
geometric(
    "st_envelopeaspts",
    _ONE,
    "array(Geometry)",
    _envelope_points,
    "The lower left and the upper right corner of the bounding box.",
)
geometric(
    "st_buffer",
    ("Geometry", "double"),
    "Geometry",
    _buffer,
    "All points within a distance of a geometry.",
)
geometric(
    "simplify_geometry",
    ("Geometry", "double"),
    "Geometry",
    _simplify,
    "The geometry with fewer vertices, none moved further than a tolerance.",
)
