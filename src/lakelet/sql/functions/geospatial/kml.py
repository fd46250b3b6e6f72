"""KML's geometry elements, as JTS reads them."""

from collections.abc import Callable
from typing import Any, Final
from xml.etree import ElementTree

from lakelet.errors import TrinoError
from lakelet.sql.functions.geospatial.arrays import shapely


def read(text: str) -> Any:
    """The geometry of an element; INVALID_FUNCTION_ARGUMENT for a text that is none."""
    try:
        # A document type could name entities of any size.
        if "<!DOCTYPE" in text:
            raise ValueError
        return _geometry(ElementTree.fromstring(text))
    except (ElementTree.ParseError, ValueError, KeyError, IndexError):
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Invalid KML: {text}") from None


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _geometry(element: ElementTree.Element) -> Any:
    return _KINDS[_name(element)](element)


def _coordinates(element: ElementTree.Element) -> list[tuple[float, float]]:
    (found,) = [each.text for each in element if _name(each) == "coordinates"]
    pairs = [word.split(",") for word in (found or "").split()]
    if not pairs:
        raise ValueError
    return [(_number(pair[0]), _number(pair[1])) for pair in pairs]


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise TrinoError("GENERIC_INTERNAL_ERROR", f'For input string: "{word}"') from None


def _polygon(element: ElementTree.Element) -> Any:
    rings: dict[str, list[Any]] = {"outerBoundaryIs": [], "innerBoundaryIs": []}
    for boundary in element:
        if _name(boundary) in rings:
            rings[_name(boundary)].append(_coordinates(boundary[0]))
    return shapely().Polygon(rings["outerBoundaryIs"][0], rings["innerBoundaryIs"])


def _several(element: ElementTree.Element) -> Any:
    library = shapely()
    parts = [_geometry(each) for each in element]
    kinds = {part.geom_type for part in parts}
    name = f"Multi{kinds.pop()}" if len(kinds) == 1 else "GeometryCollection"
    return getattr(library, name, library.GeometryCollection)(parts)


_KINDS: Final[dict[str, Callable[[ElementTree.Element], Any]]] = {
    "Point": lambda element: shapely().Point(_coordinates(element)[0]),
    "LineString": lambda element: shapely().LineString(_coordinates(element)),
    "Polygon": _polygon,
    "MultiGeometry": _several,
}
