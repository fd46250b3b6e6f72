"""Well-known text as Trino's geometry library reads it: rings close themselves, what stands
behind the geometry is not read, numbers are Java's. GEOS reads the common case much faster."""

import re
from collections.abc import Callable
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.geospatial.arrays import oriented, shapely

_TOKEN: Final = re.compile(r"\s*([A-Za-z]+|[-+]?[\d.]+(?:[eE][-+]?\d+)?|[-+]?[Ii]nfinity|[(),])")
_RING: Final = 2


def read(texts: Any) -> Any:
    """shapely's array of an array of texts; INVALID_FUNCTION_ARGUMENT for one that is none."""
    import numpy

    library = shapely()
    try:
        with numpy.errstate(over="ignore"):
            found = library.from_wkt(texts, on_invalid="ignore")
    except NotImplementedError:  # a curve among them
        found = numpy.full(len(texts), None)
    kinds = library.get_type_id(found)
    doubtful = (kinds < 0) | (kinds == _RING) | library.has_z(found) | library.is_empty(found)
    for i in doubtful.nonzero()[0]:
        found[i] = _Parser(texts[i]).geometry()
    return oriented(found)


class _Parser:
    """A recursive descent over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.extra = 0

    def geometry(self) -> Any:
        try:
            return self.tagged()
        except ValueError:
            raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Invalid WKT: {self.text}") from None

    def peek(self) -> str:
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            raise ValueError("no geometry")
        return match[1]

    def next(self) -> str:
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            raise ValueError("no geometry")
        self.position = match.end()
        return match[1]

    def take(self, word: str) -> bool:
        if self.peek() != word:
            return False
        self.next()
        return True

    def expect(self, word: str) -> None:
        if not self.take(word):
            raise ValueError("no geometry")

    def tagged(self) -> Any:
        name = self.next().upper()
        if name not in _KINDS:
            raise ValueError("no geometry")
        dimensions = self.peek().upper()
        self.extra = {"Z": 1, "M": 1, "ZM": 2}.get(dimensions, 0)
        if self.extra:
            self.next()
            if name == "POINT":
                raise TrinoError(
                    "GENERIC_INTERNAL_ERROR",
                    "Only 2D points with no ID nor M attribute are supported",
                )
        return _KINDS[name](self)

    def empty(self) -> bool:
        if self.peek().upper() != "EMPTY":
            return False
        self.next()
        return True

    def several(self, each: Callable[[], Any]) -> list[Any]:
        if self.empty():
            return []
        self.expect("(")
        found = [each()]
        while self.take(","):
            found.append(each())
        self.expect(")")
        return found

    def coordinate(self) -> tuple[float, ...]:
        found = tuple(float(self.next()) for _ in range(2 + self.extra))
        return found[: 3 if self.extra == 1 else 2]

    def point(self) -> Any:
        found = self.several(self.coordinate)
        if len(found) > 1:
            raise ValueError("no geometry")
        if not found or any(each != each for each in found[0]):
            return shapely().Point()
        return shapely().Point(found[0])

    def coordinates(self) -> list[tuple[float, ...]]:
        found = self.several(self.coordinate)
        return found * 2 if len(found) == 1 else found

    def line(self) -> Any:
        return shapely().LineString(self.coordinates())

    def ring(self) -> list[tuple[float, ...]]:
        found = self.coordinates()
        closed = found if found[:1] == found[-1:] else [*found, found[0]]
        return [*closed, *closed[-1:] * (4 - len(closed))] if closed else closed

    def polygon(self) -> Any:
        rings = self.several(self.ring)
        return shapely().Polygon(rings[0], rings[1:]) if rings else shapely().Polygon()

    def bare_point(self) -> Any:
        if self.peek() == "(" or self.peek().upper() == "EMPTY":
            return self.point()
        return shapely().Point(self.coordinate())


_KINDS: Final[dict[str, Callable[[_Parser], Any]]] = {
    "POINT": _Parser.point,
    "LINESTRING": _Parser.line,
    "POLYGON": _Parser.polygon,
    "MULTIPOINT": lambda at: shapely().MultiPoint(at.several(at.bare_point)),
    "MULTILINESTRING": lambda at: shapely().MultiLineString(at.several(at.line)),
    "MULTIPOLYGON": lambda at: shapely().MultiPolygon(at.several(at.polygon)),
    "GEOMETRYCOLLECTION": lambda at: shapely().GeometryCollection(at.several(at.tagged)),
}
