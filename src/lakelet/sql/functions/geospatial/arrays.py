"""Arrow functions over geometries: WKB in, shapely's arrays between, WKB out.

numpy, pyarrow and shapely are imported when a query first needs such a function.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.registry import scalar, udf

POINT: Final = "POINT"
LINE_STRING: Final = "LINE_STRING"
POLYGON: Final = "POLYGON"
MULTI_POINT: Final = "MULTI_POINT"
MULTI_LINE_STRING: Final = "MULTI_LINE_STRING"
MULTI_POLYGON: Final = "MULTI_POLYGON"
GEOMETRY_COLLECTION: Final = "GEOMETRY_COLLECTION"
KINDS: Final = (
    *(POINT, LINE_STRING, LINE_STRING, POLYGON),
    *(MULTI_POINT, MULTI_LINE_STRING, MULTI_POLYGON, GEOMETRY_COLLECTION),
)
"""Trino's names by shapely's type numbers; a ring, number 2, is a line to Trino."""

_DUCKDB: Final = {
    "Geometry": "BLOB",
    "SphericalGeography": "BLOB",
    "KdbTree": "VARCHAR",
    "varchar": "VARCHAR",
    "varbinary": "BLOB",
    "double": "DOUBLE",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "tinyint": "TINYINT",
    "boolean": "BOOLEAN",
    "BingTile": "BIGINT",
    "array(Geometry)": "BLOB[]",
    "array(BingTile)": "BIGINT[]",
    "array(integer)": "INTEGER[]",
    "row(Geometry, Geometry)": "STRUCT(_1 BLOB, _2 BLOB)",
}
_GEOMETRIES: Final = ("Geometry", "SphericalGeography")


def shapely() -> Any:
    """The library; a clear error when it is not installed."""
    try:
        import shapely as library
    except ImportError:
        raise TrinoError(
            "NOT_SUPPORTED",
            "geospatial functions need shapely: pip install 'lakelet[geo]'",
        ) from None
    return library


def geometric(
    name: str,
    arguments: Sequence[str],
    result: str,
    function: Callable[..., Any],
    doc: str,
) -> None:
    """Registers a function of Trino's that is one Arrow function over geometries.

    `arguments` and `result` are Trino's types. `function` takes a numpy array for each argument
    (geometries of shapely's, a list of arrays for an array of them) and gives one, or a list; it
    never sees a NULL, which gives NULL, and says NULL by None.
    """
    made = f"trino_{name.lower()}"
    register(made, arguments, result, function)
    scalar(name, f"({', '.join(arguments)}) -> {result}", sql=f"{made}({{*}})", doc=doc)


def register(
    made: str, arguments: Sequence[str], result: str, function: Callable[..., Any]
) -> None:
    """Registers the Arrow function alone, under the name that templates call."""
    kinds = [_DUCKDB[each] for each in arguments]
    udf(made, lambda: _arrow(function, arguments, result), kinds, _DUCKDB[result])


def _arrow(
    function: Callable[..., Any], arguments: Sequence[str], result: str
) -> Callable[..., Any]:
    import pyarrow
    import pyarrow.compute as compute

    shapely()
    of = _arrow_type(result)

    def run(*chunked: Any) -> Any:
        columns = [each.combine_chunks() for each in chunked]
        present = columns[0].is_valid()
        for column in columns[1:]:
            present = compute.and_(present, column.is_valid())
        count = present.true_count
        if not count:
            return pyarrow.nulls(len(present), of)
        whole = count == len(present)
        given = columns if whole else [column.filter(present) for column in columns]
        values = [_read(each, kind) for each, kind in zip(given, arguments, strict=True)]
        found = pyarrow.array(_written(function(*values), result), of, from_pandas=True)
        return found if whole else spread(found, present)

    return run


def spread(found: Any, present: Any) -> Any:
    """The values of the rows that are present, with NULLs for the others between them."""
    import numpy
    import pyarrow

    flags = present.to_numpy(zero_copy_only=False)
    return found.take(pyarrow.array(numpy.cumsum(flags) - 1, mask=~flags))


def _arrow_type(of: str) -> Any:
    import pyarrow

    if of.startswith("array("):
        return pyarrow.list_(_arrow_type(of[6:-1]))
    if of.startswith("row("):
        return pyarrow.struct([("_1", pyarrow.binary()), ("_2", pyarrow.binary())])
    names = {"varchar": "string", "boolean": "bool", "double": "double", "KdbTree": "string"}
    numbers = {"integer": "int32", "bigint": "int64", "tinyint": "int8", "BingTile": "int64"}
    return pyarrow.type_for_alias((names | numbers).get(of, "binary"))


def _read(column: Any, of: str) -> Any:
    if of in _GEOMETRIES:
        return geometries(column)
    if of == "array(Geometry)":
        return [_optional(each) for each in column.to_pylist()]
    return column.to_numpy(zero_copy_only=False)


def geometries(column: Any) -> Any:
    """shapely's array of a column of WKB without NULLs."""
    return shapely().from_wkb(column.to_numpy(zero_copy_only=False))


def _optional(values: list[bytes | None]) -> list[Any]:
    read = shapely().from_wkb
    return [None if each is None else read(each) for each in values]


def _written(found: Any, of: str) -> Any:
    write = shapely().to_wkb
    if of in _GEOMETRIES:
        return write(found)
    if of == "array(Geometry)":
        return [None if each is None else list(write(list(each))) for each in found]
    if of.startswith("row("):
        return [
            None if each is None else dict(zip(("_1", "_2"), write(list(each)), strict=True))
            for each in found
        ]
    return found


def require(function: str, found: Any, *kinds: str) -> None:
    """Refuses geometries of other types than those named, as GeoFunctions.validateType does."""
    check(f"{function} only applies to", found, kinds)


def check(words: str, found: Any, kinds: Sequence[str]) -> None:
    """Refuses geometries of other types than `kinds` with words that they follow."""
    for number in sorted(set(shapely().get_type_id(found))):
        if KINDS[number] not in kinds:
            shown = " or ".join(kinds)
            raise TrinoError(
                "INVALID_FUNCTION_ARGUMENT", f"{words} {shown}. Input type is: {KINDS[number]}"
            )


def oriented(found: Any) -> Any:
    """Geometries with shells counter-clockwise and holes clockwise."""
    return shapely().orient_polygons(found)


def reversed_rings(found: Any) -> Any:
    """Geometries with rings in the order in which Trino keeps them: shells clockwise."""
    return shapely().orient_polygons(found, exterior_cw=True)
