"""GeoJSON, as JTS reads and writes it."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.geospatial.arrays import (
    geometric,
    oriented,
    reversed_rings,
    shapely,
)
from lakelet.types.json import java_double

# Writing -----------------------------------------------------------------------------------

_CRS: Final = '"crs":{"type":"name","properties":{"name":"EPSG:0"}}'


def _write(found: Any) -> Any:
    return [f"{{{_body(each)},{_CRS}}}" for each in reversed_rings(found)]


def _body(geometry: Any) -> str:
    kind = geometry.geom_type
    if kind == "GeometryCollection":
        parts = ",".join(f"{{{_body(each)}}}" for each in geometry.geoms)
        return f'"type":"{kind}","geometries":[{parts}]'
    return f'"type":"{kind}","coordinates":{_COORDINATES[kind](geometry)}'


def _listed(parts: Any) -> str:
    return f"[{','.join(parts)}]"


def _at(coordinates: Any) -> str:
    return _listed(map(_number, coordinates[:2]))


def _number(value: float) -> str:
    """Eight decimals at most; very small and large numbers as Java prints a double."""
    if abs(value) < 1e-3 or value >= 1e7:
        return java_double(value + 0.0)
    rounded = Decimal(repr(value)).quantize(_EIGHT, ROUND_HALF_UP)
    return f"{rounded:f}".rstrip("0").rstrip(".")


_EIGHT: Final = Decimal("1e-8")


def _line(geometry: Any) -> str:
    return _listed(map(_at, geometry.coords))


def _polygon(geometry: Any) -> str:
    return _listed(
        [] if geometry.is_empty else map(_line, (geometry.exterior, *geometry.interiors))
    )


def _point(geometry: Any) -> str:
    return "[]" if geometry.is_empty else _at(geometry.coords[0])


def _several(part: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda geometry: _listed(map(part, geometry.geoms))


_COORDINATES: Final[dict[str, Callable[[Any], str]]] = {
    "Point": _point,
    "LineString": _line,
    "Polygon": _polygon,
    "MultiPoint": _several(_point),
    "MultiLineString": _several(_line),
    "MultiPolygon": _several(_polygon),
}

# Reading -----------------------------------------------------------------------------------


def _read(texts: Any) -> Any:
    return oriented([_parsed(each) for each in texts])


def _invalid(message: str) -> TrinoError:
    return TrinoError("INVALID_FUNCTION_ARGUMENT", f"Invalid GeoJSON: {message}")


def _parsed(text: str) -> Any:
    import json

    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as failure:
        at = min(getattr(failure, "pos", 0), len(text))
        what = f"character ({text[at]})" if at < len(text) else "token END OF FILE"
        raise _invalid(f"Unexpected {what} at position {at}.") from None
    if not isinstance(found, dict):
        raise _invalid("Could not parse Geometry from Json string.")
    return _geometry(found)


def _geometry(found: dict[str, Any]) -> Any:
    kind = found.get("type")
    if kind is None:
        raise _invalid("Could not parse Geometry from Json string. No 'type' property found.")
    if kind not in _READERS:
        raise _invalid(f"Could not parse Geometry from GeoJson string. Unsupported 'type':{kind}")
    try:
        return _READERS[kind](found)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        raise _invalid(f"Could not parse {kind} from GeoJson string.") from None


def _coordinates(found: dict[str, Any]) -> Any:
    return found.get("coordinates") or []


def _pair(at: list[Any]) -> tuple[float, float]:
    x, y = at[:2]
    if isinstance(x, str) or isinstance(y, str):
        raise TypeError
    return float(x), float(y)


def _read_point(found: Any) -> Any:
    library = shapely()
    return library.Point(_pair(found)) if found else library.Point()


def _read_line(found: Any) -> Any:
    if len(found) == 1:
        raise ValueError("a line of one point")
    return shapely().LineString([_pair(at) for at in found])


def _read_polygon(found: Any) -> Any:
    library = shapely()
    rings = [[_pair(at) for at in ring] for ring in found]
    if any(ring and ring[0] != ring[-1] for ring in rings):
        raise ValueError("a ring is open")
    return library.Polygon(rings[0], rings[1:]) if rings else library.Polygon()


def _read_several(name: str, part: Callable[[Any], Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda found: getattr(shapely(), name)([part(each) for each in _coordinates(found)])


_READERS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "Point": lambda found: _read_point(_coordinates(found)),
    "LineString": lambda found: _read_line(_coordinates(found)),
    "Polygon": lambda found: _read_polygon(_coordinates(found)),
    "MultiPoint": _read_several("MultiPoint", _read_point),
    "MultiLineString": _read_several("MultiLineString", _read_line),
    "MultiPolygon": _read_several("MultiPolygon", _read_polygon),
    "GeometryCollection": lambda found: shapely().GeometryCollection(
        [_geometry(each) for each in found["geometries"]]
    ),
    "Feature": lambda found: _geometry(found["geometry"]),
    "FeatureCollection": lambda found: shapely().GeometryCollection(
        [_geometry(each) for each in found["features"]]
    ),
}

geometric(
    "to_geojson_geometry", ("SphericalGeography",), "varchar", _write, "The GeoJSON of a geometry."
)
geometric(
    "from_geojson_geometry", ("varchar",), "SphericalGeography", _read, "The geometry of GeoJSON."
)
