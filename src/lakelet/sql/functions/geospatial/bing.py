"""Bing tiles: squares of a map that each zoom level quarters.

A tile is a bigint: x above 32 bits of y, with the zoom level in five bits above y's 23.
"""

import math
from collections.abc import Iterator
from typing import Any, Final

from lakelet.sql.functions.geospatial.arrays import geometric, register, shapely
from lakelet.sql.functions.geospatial.spherical import EARTH_RADIUS_KM
from lakelet.sql.functions.registry import Call, macro, scalar
from lakelet.sql.functions.vectorised import invalid, once, refused, refused_by, strict

MAX_ZOOM: Final = 23
MAX_LATITUDE: Final = 85.05112878
_PIXELS: Final = 256
_MAX_TILES: Final = 1_000_000

Tile = tuple[int, int, int]
"""x, y and zoom level."""


def encode(x: int, y: int, zoom: int) -> int:
    """The bigint of a tile."""
    return x << 32 | zoom << 27 | y


def decode(tile: int) -> Tile:
    """x, y and zoom level of a tile's bigint."""
    return tile >> 32, tile & 0x7FFFFFF, tile >> 27 & 0x1F


# Tiles from coordinates, texts and places --------------------------------------------------


def _when(condition: str, message: str) -> str:
    return f"WHEN {condition} THEN {refused(message, 'BIGINT')}"


_ZOOM: Final = " ".join(
    (
        _when("z <= 0", "Zoom level must be > 0"),
        _when(f"z > {MAX_ZOOM}", f"Zoom level must be <= {MAX_ZOOM}"),
    )
)
_RANGE: Final = refused_by(
    "'XY coordinates for a Bing tile at zoom level ' || z || ' must be within [0, '"
    " || (1 << z) || ') range'",
    "BIGINT",
)
_DIGITS: Final = refused_by("'Invalid QuadKey digit sequence: ' || k", "BIGINT")
macro(
    "trino_bing_tile_xyz",
    "(x, y, z) AS (CAST(x AS BIGINT) << 32) | (CAST(z AS BIGINT) << 27) | CAST(y AS BIGINT)",
)
macro(
    "trino_bing_tile",
    f"(x, y, z) AS CASE {_ZOOM}"
    f" WHEN x < 0 OR x >= (1 << z) OR y < 0 OR y >= (1 << z) THEN {_RANGE}"
    " ELSE trino_bing_tile_xyz(x, y, z) END",
)
_NO_KEY: Final = _when("k = ''", "QuadKey must not be empty string")
_LONG_KEY: Final = _when(
    f"strlen(k) > {MAX_ZOOM}", f"QuadKey must be {MAX_ZOOM} characters or less"
)
macro(
    "trino_bing_tile_digits",
    "(k, place) AS list_sum(list_transform(string_split(k, ''),"
    " lambda d, i: ((CAST(d AS BIGINT) >> place) & 1) << (length(k) - i)))",
)
macro(
    "trino_bing_tile_key",
    f"(k) AS CASE {_NO_KEY} {_LONG_KEY}"
    f" WHEN NOT regexp_full_match(k, '[0-3]*') THEN {_DIGITS}"
    " ELSE trino_bing_tile_xyz(trino_bing_tile_digits(k, 0), trino_bing_tile_digits(k, 1),"
    " length(k)) END",
)


def _tile(call: Call) -> str:
    name = "trino_bing_tile_key" if len(call.arguments) == 1 else "trino_bing_tile"
    return once(name)(call)


scalar(
    "bing_tile",
    "(integer, integer, integer) -> BingTile",
    "(varchar) -> BingTile",
    sql=_tile,
    doc="The tile of x, y and a zoom level, or of a quadkey.",
)

_PLACE: Final = " ".join(
    (
        _when(
            f"NOT (abs(a) <= {MAX_LATITUDE})",
            f"Latitude must be between -{MAX_LATITUDE} and {MAX_LATITUDE}",
        ),
        _when("NOT (abs(o) <= 180)", "Longitude must be between -180.0 and 180.0"),
    )
)
macro(
    "trino_bing_axis",
    f"(part, z) AS CAST(trunc(least(greatest(part * (CAST({_PIXELS} AS BIGINT) << z), 0),"
    f" (CAST({_PIXELS} AS BIGINT) << z) - 1)) AS BIGINT) // {_PIXELS}",
)
macro(
    "trino_bing_tile_of",
    "(a, o, z) AS trino_bing_tile_xyz(trino_bing_axis((o + 180) / 360, z),"
    " trino_bing_axis(CASE WHEN a > -90 AND a < 90 THEN 0.5 - ln((1 + sin(a * pi() / 180))"
    " / (1 - sin(a * pi() / 180))) / (4 * pi()) ELSE 0.5 END, z), z)",
)
macro(
    "trino_bing_tile_at",
    f"(a, o, z) AS CASE {_PLACE} {_ZOOM} ELSE trino_bing_tile_of(a, o, z) END",
)
scalar(
    "bing_tile_at",
    "(double, double, integer) -> BingTile",
    sql=strict(once("trino_bing_tile_at")),
    doc="The tile of a latitude and a longitude at a zoom level.",
)

# What a tile is ----------------------------------------------------------------------------

macro("trino_bing_x", "(t) AS CAST(t >> 32 AS INTEGER)")
macro("trino_bing_y", "(t) AS CAST(t & 134217727 AS INTEGER)")
macro("trino_bing_zoom", "(t) AS CAST((t >> 27) & 31 AS TINYINT)")
macro(
    "trino_bing_quadkey",
    "(t) AS CASE WHEN t IS NOT NULL THEN array_to_string(list_transform("
    "range(trino_bing_zoom(t) - 1, -1, -1), lambda i:"
    " ((trino_bing_x(t) >> CAST(i AS INTEGER)) & 1)"
    " + 2 * ((trino_bing_y(t) >> CAST(i AS INTEGER)) & 1)), '') END",
)
macro(
    "trino_bing_coordinates",
    "(t) AS CASE WHEN t IS NOT NULL THEN {'x': trino_bing_x(t), 'y': trino_bing_y(t)} END",
)
scalar(
    "bing_tile_zoom_level",
    "(BingTile) -> tinyint",
    sql="trino_bing_zoom({0})",
    doc="The zoom level of a tile.",
)
scalar(
    "bing_tile_coordinates",
    "(BingTile) -> row(x integer, y integer)",
    sql=once("trino_bing_coordinates"),
    doc="The x and y of a tile.",
)
scalar(
    "bing_tile_quadkey",
    "(BingTile) -> varchar",
    sql=once("trino_bing_quadkey"),
    doc="The quadkey of a tile.",
)


def _corner(x: int, y: int, zoom: int) -> tuple[float, float]:
    """The longitude and latitude of a tile's upper left corner."""
    size = _PIXELS << zoom
    part = 0.5 - min(y * _PIXELS, size) / size
    latitude = 90 - 360 * math.atan(math.exp(-part * 2 * math.pi)) / math.pi
    return 360 * (min(x * _PIXELS, size) / size - 0.5), latitude


def _box(x: int, y: int, zoom: int) -> Any:
    """The polygon of a tile."""
    (left, top), (right, bottom) = _corner(x, y, zoom), _corner(x + 1, y + 1, zoom)
    ring = ((left, bottom), (right, bottom), (right, top), (left, top))
    return shapely().Polygon(ring)


def _polygons(tiles: Any) -> Any:
    return [_box(*decode(int(tile))) for tile in tiles]


geometric("bing_tile_polygon", ("BingTile",), "Geometry", _polygons, "The square of a tile.")

# Tiles around a place ----------------------------------------------------------------------


def _axis(part: float, zoom: int) -> int:
    size = _PIXELS << zoom
    return int(min(max(part * size, 0), size - 1)) // _PIXELS


def _at(latitude: float, longitude: float, zoom: int) -> Tile:
    sine = math.sin(latitude * math.pi / 180)
    y = 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)
    return _axis((longitude + 180) / 360, zoom), _axis(y, zoom), zoom


def _check_place(latitude: float, longitude: float, zoom: int) -> None:
    if not abs(latitude) <= MAX_LATITUDE:
        raise invalid(f"Latitude must be between -{MAX_LATITUDE} and {MAX_LATITUDE}")
    if not abs(longitude) <= 180:
        raise invalid("Longitude must be between -180.0 and 180.0")
    _check_zoom(zoom)


def _check_zoom(zoom: int) -> None:
    if zoom <= 0:
        raise invalid("Zoom level must be > 0")
    if zoom > MAX_ZOOM:
        raise invalid(f"Zoom level must be <= {MAX_ZOOM}")


def _around(latitudes: Any, longitudes: Any, zooms: Any) -> Any:
    places = zip(latitudes, longitudes, map(int, zooms), strict=True)
    return [_neighbours(*place) for place in places]


def _neighbours(latitude: float, longitude: float, zoom: int) -> list[int]:
    _check_place(latitude, longitude, zoom)
    x, y, _ = _at(latitude, longitude, zoom)
    last = (1 << zoom) - 1
    return [
        encode(i, j, zoom)
        for i in range(max(x - 1, 0), min(x + 1, last) + 1)
        for j in range(max(y - 1, 0), min(y + 1, last) + 1)
    ]


def _within(latitudes: Any, longitudes: Any, zooms: Any, radiuses: Any) -> Any:
    places = zip(latitudes, longitudes, map(int, zooms), radiuses, strict=True)
    return [list(_circle(*place)) for place in places]


def _circle(latitude: float, longitude: float, zoom: int, radius: float) -> Iterator[int]:
    """The tiles of a circle: the cross through its centre, then the four corners between."""
    _check_place(latitude, longitude, zoom)
    if not radius >= 0:
        raise invalid("Radius must be >= 0")
    if radius > 1000:
        raise invalid("Radius must be <= 1,000 km")
    x, y, _ = _at(latitude, longitude, zoom)
    top = _at(_moved_latitude(latitude, radius, 1), longitude, zoom)[1]
    bottom = _at(_moved_latitude(latitude, radius, -1), longitude, zoom)[1]
    left = _at(latitude, _moved_longitude(latitude, longitude, radius, -1), zoom)[0]
    right = _at(latitude, _moved_longitude(latitude, longitude, radius, 1), zoom)[0]
    columns = 1 << zoom
    width = (right - left) % columns + 1
    _check_count(width * (bottom - top + 1), radius, zoom)
    yield from (encode((left + i) % columns, y, zoom) for i in range(width))
    yield from (encode(x, j, zoom) for j in range(top, bottom + 1) if j != y)
    corners = _Corners((latitude, longitude), radius, zoom)
    for i in range((right - x) % columns):
        column = (right - i) % columns
        yield from corners.outward(column, range(top, y), (0, 1))
        yield from corners.outward(column, range(bottom, y, -1), (0, 0))
    for i in range((x - left) % columns):
        column = (left + i) % columns
        yield from corners.outward(column, range(top, y), (1, 1))
        yield from corners.outward(column, range(bottom, y, -1), (1, 0))


def _check_count(count: int, radius: float, zoom: int) -> None:
    if count > _MAX_TILES:
        raise invalid(
            "The number of tiles covering input rectangle exceeds the limit of 1M."
            f" Number of tiles: {count}. Radius: {radius:.1f} km. Zoom level: {zoom}."
        )


class _Corners:
    """Tells which tiles of a corner lie in a circle."""

    def __init__(self, centre: tuple[float, float], radius: float, zoom: int) -> None:
        self.latitude, self.longitude = map(math.radians, centre)
        self.radius = radius
        self.zoom = zoom

    def outward(self, column: int, rows: range, corner: tuple[int, int]) -> Iterator[int]:
        """Tiles of a column from the first whose given corner is near enough on."""
        inside = False
        for row in rows:
            inside = inside or self.near(column + corner[0], row + corner[1])
            if inside:
                yield encode(column, row, self.zoom)

    def near(self, x: int, y: int) -> bool:
        longitude, latitude = map(math.radians, _corner(x, y, self.zoom))
        turn = self.longitude - longitude
        sin1, cos1 = math.sin(self.latitude), math.cos(self.latitude)
        sin2, cos2 = math.sin(latitude), math.cos(latitude)
        across = cos2 * math.sin(turn)
        along = cos1 * sin2 - sin1 * cos2 * math.cos(turn)
        inward = sin1 * sin2 + cos1 * cos2 * math.cos(turn)
        return math.atan2(math.hypot(across, along), inward) * EARTH_RADIUS_KM <= self.radius


def _moved_latitude(latitude: float, radius: float, sign: int) -> float:
    at, ratio = math.radians(latitude), radius / EARTH_RADIUS_KM
    sine = math.sin(at) * math.cos(ratio) + math.cos(at) * math.sin(ratio) * sign
    return max(-MAX_LATITUDE, min(MAX_LATITUDE, math.degrees(math.asin(sine))))


def _moved_longitude(latitude: float, longitude: float, radius: float, sign: int) -> float:
    at, ratio = math.radians(latitude), radius / EARTH_RADIUS_KM
    across = sign * math.sin(ratio) * math.cos(at)
    turn = math.atan2(across, math.cos(ratio) - math.sin(at) ** 2)
    return (math.degrees(math.radians(longitude) + turn) + 180) % 360 - 180


_LATITUDE_LONGITUDE: Final = ("double", "double", "integer")
register("trino_bing_tiles_around", _LATITUDE_LONGITUDE, "array(BingTile)", _around)
register("trino_bing_tiles_within", (*_LATITUDE_LONGITUDE, "double"), "array(BingTile)", _within)


def _tiles_around(call: Call) -> str:
    name = "around" if len(call.arguments) == 3 else "within"
    return f"trino_bing_tiles_{name}({', '.join(call.arguments)})"


scalar(
    "bing_tiles_around",
    "(double, double, integer) -> array(BingTile)",
    "(double, double, integer, double) -> array(BingTile)",
    sql=_tiles_around,
    doc="The tile of a place and its neighbours, or the tiles within some kilometres of it.",
)

# Tiles of a geometry -----------------------------------------------------------------------

_COARSE: Final = 10
"""The zoom level whose tiles are quartered only where a geometry's edge is."""
_MAX_COMPLEXITY: Final = 25_000_000
_TOO_COMPLEX: Final = (
    "The zoom level is too high or the geometry is too complex to compute a set of covering Bing"
    " tiles. Please use a lower zoom level or convert the geometry to its bounding box using the"
    " ST_Envelope function."
)


def _covering(found: Any, zooms: Any) -> Any:
    return [_tiles_of(each, int(zoom)) for each, zoom in zip(found, zooms, strict=True)]


def _tiles_of(geometry: Any, zoom: int) -> list[int]:
    _check_zoom(zoom)
    if geometry.is_empty:
        return []
    bounds = geometry.bounds
    _check_spans(bounds)
    first = _at(bounds[3], bounds[0], zoom)
    last = _lower_right(bounds, zoom)
    whole = geometry.geom_type == "Point" or geometry.equals(shapely().box(*bounds))
    _check_size(geometry, whole, (last[0] - first[0] + 1) * (last[1] - first[1] + 1), zoom)
    if whole or zoom <= _COARSE:
        return [
            encode(x, y, zoom)
            for x in range(first[0], last[0] + 1)
            for y in range(first[1], last[1] + 1)
            if whole or geometry.intersects(_box(x, y, zoom))
        ]
    shift = zoom - _COARSE
    found: list[int] = []
    for x in range(first[0] >> shift, (last[0] >> shift) + 1):
        for y in range(first[1] >> shift, (last[1] >> shift) + 1):
            found += _quartered(geometry, (x, y, _COARSE), zoom)
    return found


def _check_spans(bounds: tuple[float, ...]) -> None:
    for values, limit, what in (
        (bounds[1::2], MAX_LATITUDE, "Latitude"),
        (bounds[::2], 180, "Longitude"),
    ):
        if any(not abs(value) <= limit for value in values):
            raise invalid(
                f"{what} span for the geometry must be in [{-limit:.2f}, {limit:.2f}] range"
            )


def _lower_right(bounds: tuple[float, ...], zoom: int) -> Tile:
    """The tile of the lower right corner; one that the box only touches is left out."""
    x, y, _ = _at(bounds[1], bounds[2], zoom)
    left, top = _corner(x, y, zoom)
    return x - (left == bounds[2]), y - (top == bounds[1]), zoom


def _check_size(geometry: Any, whole: bool, count: int, zoom: int) -> None:
    if whole:
        if count > _MAX_TILES:
            names = ("xMin", "yMin", "xMax", "yMax")
            box = ", ".join(f"{n}={v:.2f}" for n, v in zip(names, geometry.bounds, strict=True))
            raise invalid(
                "The number of tiles covering input rectangle exceeds the limit of 1M."
                f" Number of tiles: {count}. Rectangle: {box}. Zoom level: {zoom}."
            )
        return
    if count >= 1 << 31:
        raise invalid("The zoom level is too high to compute a set of covering Bing tiles.")
    if count * int(shapely().get_num_coordinates(geometry)) > _MAX_COMPLEXITY:
        raise invalid(_TOO_COMPLEX)


def _quartered(geometry: Any, tile: Tile, zoom: int) -> Iterator[int]:
    """The tiles of a zoom level within a larger one that meet a geometry."""
    x, y, level = tile
    box = _box(*tile)
    if level == zoom:
        if geometry.intersects(box):
            yield encode(*tile)
    elif geometry.contains(box):
        count = 1 << (zoom - level)
        yield from (
            encode(i, j, zoom)
            for i in range(count * x, count * (x + 1))
            for j in range(count * y, count * (y + 1))
        )
    elif geometry.intersects(box):
        for i in (2 * x, 2 * x + 1):
            for j in (2 * y, 2 * y + 1):
                yield from _quartered(geometry, (i, j, level + 1), zoom)


geometric(
    "geometry_to_bing_tiles",
    ("Geometry", "integer"),
    "array(BingTile)",
    _covering,
    "The tiles of a zoom level that a geometry meets.",
)
