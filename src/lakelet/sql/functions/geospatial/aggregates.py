"""Aggregates that make one geometry of a group's."""

from typing import Any

from lakelet.sql.functions.filtering import present
from lakelet.sql.functions.geospatial.arrays import register, shapely
from lakelet.sql.functions.geospatial.operations import hull, union, union_of_lists
from lakelet.sql.functions.registry import Call, Emit, aggregate


def _hull_of_lists(lists: Any) -> Any:
    return list(map(_hull_of, lists))


def _hull_of(many: list[Any]) -> Any:
    """The last geometry is joined to the hull of those before it, as Trino joins each in turn."""
    before = hull(shapely().GeometryCollection(many[:-1]))
    return hull(union([before, many[-1]]) if len(many) > 1 else many[0])


def _collecting(name: str) -> Emit:
    def emit(call: Call) -> str:
        (value,) = call.arguments
        return f"trino_{name}(array_agg({call.distinct}{value}{call.order}){present(call, value)})"

    return emit


for _name, _function, _doc in (
    ("geometry_union_agg", union_of_lists, "What any of a group's geometries has."),
    ("convex_hull_agg", _hull_of_lists, "The least convex geometry around a group's."),
):
    register(f"trino_{_name}", ("array(Geometry)",), "Geometry", _function)
    aggregate(_name, "(Geometry) -> Geometry", sql=_collecting(_name), doc=_doc)
