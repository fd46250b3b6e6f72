"""Geometries from coordinates, texts and binaries, and back."""

from typing import Any, Final

from lakelet.sql.functions.geospatial.arrays import (
    LINE_STRING,
    POLYGON,
    geometric,
    oriented,
    require,
    shapely,
    spread,
)
from lakelet.sql.functions.registry import scalar, udf
from lakelet.sql.functions.vectorised import invalid
from lakelet.types import wkb


def _points() -> Any:
    """Well-known binary of points straight from their coordinates."""
    import numpy
    import pyarrow
    import pyarrow.compute as compute

    layout = numpy.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])

    def run(*columns: Any) -> Any:
        x, y = (each.combine_chunks() for each in columns)
        made = numpy.empty(len(x), layout)
        made["order"], made["kind"] = 1, 1
        for name, column in (("x", x), ("y", y)):
            made[name] = column.fill_null(0).to_numpy(zero_copy_only=False)
        empty = numpy.isnan(made["x"]) | numpy.isnan(made["y"])
        made["x"][empty] = made["y"][empty] = numpy.nan
        offsets = numpy.arange(len(x) + 1, dtype=numpy.int32) * layout.itemsize
        buffers = [None, pyarrow.py_buffer(offsets), pyarrow.py_buffer(made)]
        points = pyarrow.Array.from_buffers(pyarrow.binary(), len(x), buffers)
        present = compute.and_(x.is_valid(), y.is_valid())
        return compute.if_else(present, points, pyarrow.scalar(None, pyarrow.binary()))

    return run


udf("trino_st_point", _points, ("DOUBLE", "DOUBLE"), "BLOB")
scalar(
    "st_point",
    "(double, double) -> Geometry",
    sql="trino_st_point({0}, {1})",
    doc="The point of two coordinates.",
)


def from_text(texts: Any) -> Any:
    """Geometries of well-known texts."""
    from lakelet.sql.functions.geospatial import wkt

    return wkt.read(texts)


def _polygon(texts: Any) -> Any:
    found = from_text(texts)
    require("ST_Polygon", found, POLYGON)
    return found


def _line_from_text(texts: Any) -> Any:
    found = from_text(texts)
    require("ST_LineFromText", found, LINE_STRING)
    return found


def _from_binary(binaries: Any) -> Any:
    library = shapely()
    found = library.from_wkb(binaries, on_invalid="ignore")
    if library.is_missing(found).any():
        raise invalid("Invalid WKB")
    return oriented(library.set_srid(library.force_2d(found), 0))


_WORDS = {
    **dict.fromkeys((1, 2), "LineString"),
    0: "Point",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
    7: "GeometryCollection",
}


def _line(points: Any) -> Any:
    return [_line_of(each) for each in points]


def _line_of(points: list[Any]) -> Any:
    library = shapely()
    before = None
    for index, point in enumerate(points, 1):
        if point is None:
            raise invalid(f"Invalid input to ST_LineString: null point at index {index}")
        kind = library.get_type_id(point)
        if kind != 0:
            raise invalid(
                f"ST_LineString takes only an array of valid points, {_WORDS[kind]} was passed"
            )
        if point.is_empty:
            raise invalid(f"Invalid input to ST_LineString: empty point at index {index}")
        if point == before:
            raise invalid(
                f"Invalid input to ST_LineString: consecutive duplicate points at index {index}"
            )
        before = point
    return library.LineString(points) if len(points) > 1 else library.LineString()


def _multi_point(points: Any) -> Any:
    return [_multi_point_of(each) for each in points]


def _multi_point_of(points: list[Any]) -> Any:
    library = shapely()
    for index, point in enumerate(points, 1):
        if point is None:
            raise invalid(f"Invalid input to ST_MultiPoint: null at index {index}")
        kind = library.get_type_id(point)
        if kind != 0:
            raise invalid(
                "Invalid input to ST_MultiPoint: geometry is not a point:"
                f" {_WORDS[kind]} at index {index}"
            )
        if point.is_empty:
            raise invalid(f"Invalid input to ST_MultiPoint: empty point at index {index}")
    return library.MultiPoint(points) if points else None


def _texts() -> Any:
    """GEOS writes the numbers as Trino does but for those with an exponent or without a value."""
    import numpy
    import pyarrow

    library = shapely()

    def run(chunked: Any) -> Any:
        column = chunked.combine_chunks()
        present = column.drop_null().to_numpy(zero_copy_only=False)
        found = library.from_wkb(present)
        bounds = numpy.abs(library.bounds(found))
        plain = (bounds >= 1e-3).all(axis=1) & (bounds < 1e15).all(axis=1)
        plain &= library.get_type_id(found) <= 1
        texts = numpy.empty(len(found), object)
        texts[plain] = library.to_wkt(found[plain], rounding_precision=-1)
        texts[~plain] = [wkb.text(each) for each in present[~plain]]
        return spread(pyarrow.array(texts, pyarrow.string()), column.is_valid())

    return run


def _binaries(found: Any) -> Any:
    library = shapely()
    for each in library.to_wkb(found):
        wkb.text(each)
    return library.to_wkb(found)


udf("trino_st_astext", _texts, ("BLOB",), "VARCHAR")
scalar("st_astext", "(Geometry) -> varchar", sql="trino_st_astext({0})", doc="Well-known text.")
geometric("st_asbinary", ("Geometry",), "varbinary", _binaries, "Well-known binary.")
geometric(
    "st_geometryfromtext", ("varchar",), "Geometry", from_text, "The geometry of well-known text."
)
geometric("st_polygon", ("varchar",), "Geometry", _polygon, "The polygon of well-known text.")
geometric(
    "st_linefromtext", ("varchar",), "Geometry", _line_from_text, "The line of well-known text."
)
geometric(
    "st_geomfrombinary",
    ("varbinary",),
    "Geometry",
    _from_binary,
    "The geometry of well-known binary.",
)
geometric("st_linestring", ("array(Geometry)",), "Geometry", _line, "The line through points.")
geometric(
    "st_multipoint", ("array(Geometry)",), "Geometry", _multi_point, "Points as one geometry."
)


# Spatial Framework for Hadoop --------------------------------------------------------------

_HEADER: Final = 5
"""Bytes before the shape: four for the reference system, one for the type."""


def _from_hadoop(binaries: Any) -> Any:
    return [_hadoop_shape(each) for each in binaries]


def _hadoop_shape(data: bytes) -> Any:
    from lakelet.sql.functions.geospatial import shapes

    if len(data) <= _HEADER:
        raise invalid("Hadoop shape input is too short")
    kind = int.from_bytes(data[4:5], signed=True)
    if not 0 <= kind <= shapes.MAX_KIND:
        raise invalid(f"Invalid Hadoop shape type: {kind}")
    try:
        return shapes.read(data[_HEADER:], kind)
    except ValueError:
        raise invalid("Invalid Hadoop shape") from None


def _from_kml(texts: Any) -> Any:
    from lakelet.sql.functions.geospatial import kml

    return oriented([kml.read(each) for each in texts])


geometric(
    "geometry_from_hadoop_shape",
    ("varbinary",),
    "Geometry",
    _from_hadoop,
    "The geometry of a shape of the Spatial Framework for Hadoop.",
)
geometric(
    "st_geomfromkml",
    ("varchar",),
    "Geometry",
    _from_kml,
    "The geometry of a KML element.",
)
