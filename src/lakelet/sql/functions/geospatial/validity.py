"""Whether geometries are simple and well formed, and why not."""

import itertools
from collections.abc import Iterator
from typing import Any, Final

from lakelet.sql.functions.geospatial.arrays import geometric, reversed_rings, shapely

_ONE: Final = ("Geometry",)


def _is_simple(found: Any) -> Any:
    return [each.is_empty or _simple(each) for each in found]


def _simple(geometry: Any) -> bool:
    if geometry.geom_type == "GeometryCollection":
        return all(map(_simple, geometry.geoms))
    if geometry.geom_type.endswith("Polygon"):
        return bool(geometry.is_valid)
    return bool(geometry.is_simple)


def _is_valid(found: Any) -> Any:
    return [_well_formed(each) for each in found]


def _well_formed(geometry: Any) -> bool:
    if geometry.geom_type == "GeometryCollection":
        return all(map(_well_formed, geometry.geoms))
    return geometry.is_empty or (_repeated(geometry) is None and _simple(geometry))


def _paths(geometry: Any) -> Iterator[list[tuple[float, float]]]:
    """The vertices of each line or ring, in the order in which Trino keeps them."""
    library = shapely()
    if library.get_dimensions(geometry) == 2:
        rings = library.get_rings(library.get_parts(_kept(geometry)))
        yield from (list(ring.coords) for ring in rings)
    elif library.get_dimensions(geometry) == 1:
        yield from (list(line.coords) for line in library.get_parts(geometry))


def _kept(geometry: Any) -> Any:
    """A polygon without an area runs backwards."""
    return geometry.reverse() if geometry.area == 0 else reversed_rings(geometry)


def _repeated(geometry: Any) -> tuple[float, float] | None:
    """The first vertex that the next one repeats."""
    for path in _paths(geometry):
        for at, following in itertools.pairwise(path):
            if at == following:
                return at
    return None


def _shown(at: tuple[float, float]) -> str:
    return f"({at[0]!r} {at[1]!r})"


def _reasons(found: Any) -> Any:
    return [_reason(each) for each in found]


def _reason(geometry: Any) -> str | None:
    if _well_formed(geometry):
        return None
    if geometry.geom_type == "GeometryCollection":
        return next(filter(None, map(_reason, geometry.geoms)))
    if geometry.geom_type == "MultiPoint":
        double = _shown(_first_double(geometry))
        return f"Repeated points at or near {double} and {double}"
    at = _repeated(geometry)
    if at is not None:
        return f"Degenerate segments at or near {_shown(at)}"
    return _crossing(geometry)


def _first_double(geometry: Any) -> tuple[float, float]:
    points = [point.coords[0] for point in geometry.geoms]
    double: tuple[float, float] = next(at for i, at in enumerate(points) if at in points[:i])
    return double


def _crossing(geometry: Any) -> str:
    library = shapely()
    starts, segments = [], []
    for path in _paths(geometry):
        starts += path[:-1]
        segments += [library.LineString(pair) for pair in itertools.pairwise(path)]
    for i, one in enumerate(segments):
        for j in range(i + 2, len(segments)):
            meet = one.intersection(segments[j])
            if not meet.is_empty and not _ends_meet(one, segments[j]):
                both = f"{_shown(starts[i])} and {_shown(starts[j])}"
                return f"Intersecting or overlapping segments at or near {both}"
    return f"RingOrientation at or near {_shown(next(_paths(geometry))[1])}"


def _ends_meet(a: Any, b: Any) -> bool:
    return bool(set(a.coords) & set(b.coords))


geometric(
    "st_issimple",
    _ONE,
    "boolean",
    _is_simple,
    "Whether a geometry neither crosses nor touches itself.",
)
geometric("st_isvalid", _ONE, "boolean", _is_valid, "Whether a geometry is well formed.")
geometric(
    "geometry_invalid_reason",
    _ONE,
    "varchar",
    _reasons,
    "Why a geometry is not well formed; NULL when it is.",
)
