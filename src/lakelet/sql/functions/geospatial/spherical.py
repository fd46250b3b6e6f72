"""Measures, on the plane and on the sphere, and the type SphericalGeography."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from lakelet.sql.functions.geospatial.arrays import (
    LINE_STRING,
    MULTI_LINE_STRING,
    MULTI_POLYGON,
    POINT,
    POLYGON,
    check,
    geometric,
    register,
    require,
    shapely,
)
from lakelet.sql.functions.registry import Call, macro, scalar
from lakelet.sql.functions.vectorised import invalid, once, refused_by

EARTH_RADIUS_KM: Final = 6371.01

# Great circles -----------------------------------------------------------------------------

_LATITUDE: Final = refused_by("'Latitude must be between -90 and 90'", "DOUBLE")
_LONGITUDE: Final = refused_by("'Longitude must be between -180 and 180'", "DOUBLE")
macro(
    "trino_great_circle_distance",
    "(a1, o1, a2, o2) AS CASE"
    f" WHEN NOT (abs(a1) <= 90) THEN {_LATITUDE}"
    f" WHEN NOT (abs(o1) <= 180) THEN {_LONGITUDE}"
    f" WHEN NOT (abs(a2) <= 90) THEN {_LATITUDE}"
    f" WHEN NOT (abs(o2) <= 180) THEN {_LONGITUDE}"
    " ELSE trino_great_circle(radians(a1), radians(a2), radians(o1) - radians(o2)) END",
)
macro(
    "trino_great_circle",
    "(a, b, d) AS atan2(sqrt(pow(cos(b) * sin(d), 2)"
    " + pow(cos(a) * sin(b) - sin(a) * cos(b) * cos(d), 2)),"
    f" sin(a) * sin(b) + cos(a) * cos(b) * cos(d)) * {EARTH_RADIUS_KM}",
)
scalar(
    "great_circle_distance",
    "(double, double, double, double) -> double",
    sql=once("trino_great_circle_distance"),
    doc="The kilometres between two latitudes and longitudes over the Earth's surface.",
)


def great_circle(a: Any, b: Any) -> Any:
    """Kilometres between arrays of (longitude, latitude) in degrees."""
    import numpy

    a, b = numpy.radians(a), numpy.radians(b)
    turn = a[..., 0] - b[..., 0]
    sin1, cos1 = numpy.sin(a[..., 1]), numpy.cos(a[..., 1])
    sin2, cos2 = numpy.sin(b[..., 1]), numpy.cos(b[..., 1])
    across = cos2 * numpy.sin(turn)
    along = cos1 * sin2 - sin1 * cos2 * numpy.cos(turn)
    inward = sin1 * sin2 + cos1 * cos2 * numpy.cos(turn)
    return numpy.arctan2(numpy.sqrt(across * across + along * along), inward) * EARTH_RADIUS_KM


# Conversions -------------------------------------------------------------------------------


def _to_spherical(found: Any) -> Any:
    import numpy

    library = shapely()
    bounds = library.bounds(found)
    with numpy.errstate(invalid="ignore"):
        for columns, limit, what in (((1, 3), 90, "Latitude"), ((0, 2), 180, "Longitude")):
            if (numpy.abs(bounds[:, columns]) > limit).any():
                raise invalid(f"{what} must be between -{limit} and {limit}")
    if library.has_z(found).any():
        raise invalid("Cannot convert 3D geometry to a spherical geography")
    return found


geometric(
    "to_spherical_geography",
    ("Geometry",),
    "SphericalGeography",
    _to_spherical,
    "A geometry of longitudes and latitudes as one on the sphere.",
)
scalar(
    "to_geometry",
    "(SphericalGeography) -> Geometry",
    sql="{0}",
    doc="A geometry on the sphere as one on the plane.",
)

# Measures ----------------------------------------------------------------------------------


def _check(function: str, found: Any, *kinds: str) -> None:
    check(f"When applied to SphericalGeography inputs, {function} only supports", found, kinds)


def _length(found: Any) -> Any:
    require("ST_Length", found, LINE_STRING, MULTI_LINE_STRING)
    return shapely().length(found)


def _spherical_length(found: Any) -> Any:
    library = shapely()
    empty = library.is_empty(found)
    _check("ST_Length", found[~empty], LINE_STRING, MULTI_LINE_STRING)
    return [None if each.is_empty else _metres(library, each) for each in found]


def _metres(library: Any, lines: Any) -> float:
    paths = (library.get_coordinates(each) for each in library.get_parts(lines))
    return 1000 * float(sum(great_circle(path[:-1], path[1:]).sum() for path in paths))


def _distance(left: Any, right: Any) -> Any:
    return shapely().distance(left, right)


def _spherical_distance(left: Any, right: Any) -> Any:
    import numpy

    library = shapely()
    empty = library.is_empty(left) | library.is_empty(right)
    found = numpy.full(len(left), numpy.nan)
    for each in (left, right):
        _check("ST_Distance", each[~empty], POINT)
    ends = [library.get_coordinates(each[~empty]) for each in (left, right)]
    found[~empty] = great_circle(*ends) * 1000
    return found


def _area(found: Any) -> Any:
    return shapely().area(found)


def _spherical_area(found: Any) -> Any:
    library = shapely()
    _check("ST_Area", found[~library.is_empty(found)], POLYGON, MULTI_POLYGON)
    return [None if each.is_empty else _square_metres(library, each) for each in found]


def _square_metres(library: Any, geometry: Any) -> float:
    excess = 0.0
    for polygon in library.get_parts(geometry):
        excess += abs(_excess(list(polygon.exterior.coords)))
        excess -= math.fsum(abs(_excess(list(hole.coords))) for hole in polygon.interiors)
    return abs(excess * (EARTH_RADIUS_KM * 1000) ** 2)


_FEW: Final = 3


def _excess(ring: list[tuple[float, float]]) -> float:
    """The spherical excess of a ring; one that goes around a pole is told by its course."""
    at = [(math.radians(x), math.radians(y)) for x, y in ring[:-1]]
    if len(at) < _FEW:
        raise invalid("Polygon is not valid: a loop contains less then 3 vertices.")
    excess, course, bearings = 0.0, 0.0, []
    for before, here in zip([at[-1], *at[:-1]], at, strict=True):
        if before == here:
            raise invalid("Polygon is not valid: it has two identical consecutive vertices")
        turn = here[0] - before[0]
        half, other = math.tan(before[1] / 2), math.tan(here[1] / 2)
        excess += 2 * math.atan2(math.tan(turn / 2) * (half + other), 1 + half * other)
        bearings.append((_bearing(before, here), (_bearing(here, before) + math.pi) % math.tau))
    for i, (initial, final) in enumerate(bearings):
        course += _turned(final - initial)
        course += _turned(bearings[(i + 1) % len(bearings)][0] - final)
    return abs(excess) - math.tau if abs(course) < math.pi / 4 else excess


def _turned(angle: float) -> float:
    return (angle + 3 * math.pi) % math.tau - math.pi


def _bearing(a: tuple[float, float], b: tuple[float, float]) -> float:
    turn = b[0] - a[0]
    y = math.sin(turn) * math.cos(b[1])
    x = math.cos(a[1]) * math.sin(b[1]) - math.sin(a[1]) * math.cos(b[1]) * math.cos(turn)
    return math.atan2(y, x) % math.tau


def _by_geometry(name: str) -> Callable[[Call], str]:
    def emit(call: Call) -> str:
        kind = "spherical" if call.types[0].name == "SphericalGeography" else "planar"
        return f"trino_{name}_{kind}({', '.join(call.arguments)})"

    return emit


def _measure(
    name: str, count: int, planar: Callable[..., Any], spherical: Callable[..., Any], doc: str
) -> None:
    kinds: Sequence[tuple[str, str, Callable[..., Any]]] = (
        ("planar", "Geometry", planar),
        ("spherical", "SphericalGeography", spherical),
    )
    for kind, of, function in kinds:
        register(f"trino_{name}_{kind}", (of,) * count, "double", function)
    signatures = (f"({', '.join([of] * count)}) -> double" for _, of, _ in kinds)
    scalar(name, *signatures, sql=_by_geometry(name), doc=doc)


_measure("st_area", 1, _area, _spherical_area, "The area; on the sphere in square metres.")
_measure("st_length", 1, _length, _spherical_length, "The length; on the sphere in metres.")
_measure("st_distance", 2, _distance, _spherical_distance, "The distance; on the sphere in metres.")
