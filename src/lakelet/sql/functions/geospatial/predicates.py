"""How two geometries lie to each other."""

from collections.abc import Callable
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.geospatial.arrays import geometric, shapely

_PAIR: Final = ("Geometry", "Geometry")
_COLLECTION: Final = 7


def _related(name: str) -> Callable[[Any, Any], Any]:
    return lambda left, right: getattr(shapely(), name)(left, right)


def _not_of_collections(name: str) -> Callable[[Any, Any], Any]:
    """Esri's library has no such relation of collections; boxes that do not meet answer first."""

    def run(left: Any, right: Any) -> Any:
        library = shapely()
        near = library.intersects(library.envelope(left), library.envelope(right))
        for each in (left, right):
            if (near & (library.get_type_id(each) == _COLLECTION)).any():
                raise TrinoError("GENERIC_INTERNAL_ERROR", "Internal error")
        return near & getattr(library, name)(left, right)

    return run


def _of_any_part(name: str) -> Callable[[Any, Any], Any]:
    """Of a collection some part answers."""

    def run(left: Any, right: Any) -> Any:
        library = shapely()
        relation = getattr(library, name)
        mixed = (library.get_type_id(left) == _COLLECTION) | (
            library.get_type_id(right) == _COLLECTION
        )
        found = relation(left, right)
        for i in mixed.nonzero()[0]:
            found[i] = any(
                relation(a, b)
                for a in library.get_parts(left[i])
                for b in library.get_parts(right[i])
            )
        return found

    return run


def _equals(left: Any, right: Any) -> Any:
    library = shapely()
    return library.equals(left, right) & ~library.is_empty(left) & ~library.is_empty(right)


def _relate(left: Any, right: Any, patterns: Any) -> Any:
    library = shapely()
    found = []
    for each, other, pattern in zip(left, right, patterns, strict=True):
        if len(pattern) != _CELLS:
            raise TrinoError(
                "GENERIC_INTERNAL_ERROR", "relation string length has to be 9 characters"
            )
        found.append(bool(library.relate_pattern(each, other, pattern)))
    return found


_CELLS: Final = 9

for _name, _run, _doc in (
    ("contains", _of_any_part("contains"), "Whether the second lies in the first."),
    ("within", _of_any_part("within"), "Whether the first lies in the second."),
    ("intersects", _related("intersects"), "Whether they have a point in common."),
    ("disjoint", _related("disjoint"), "Whether they have no point in common."),
    ("touches", _not_of_collections("touches"), "Whether only their boundaries meet."),
    ("crosses", _not_of_collections("crosses"), "Whether they share some inner points, not all."),
    ("overlaps", _not_of_collections("overlaps"), "Whether they share space, neither within."),
    ("equals", _equals, "Whether they are the same set of points."),
):
    geometric(f"st_{_name}", _PAIR, "boolean", _run, _doc)
geometric(
    "st_relate",
    (*_PAIR, "varchar"),
    "boolean",
    _relate,
    "Whether the matrix of how they meet (DE-9IM) fits a pattern.",
)
