"""JSON by paths of the plain kind (`$.a[0]["b"]`), and whole.

DuckDB reads what it reads as Trino does; Python the rest, row by row (`reading`): texts that are no
JSON in some place, numbers with a point that DuckDB would write otherwise, paths that are columns.
"""

import re
from collections.abc import Callable
from functools import partial
from math import isfinite
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.json.reading import (
    DECODER,
    MISSING,
    Number,
    Object,
    elements,
    found,
    is_real,
    path_steps,
    place,
    read,
    written,
)
from lakelet.sql.functions.registry import Call, Emit, macro, scalar, udf
from lakelet.sql.functions.vectorised import rowwise
from lakelet.types.json import ODD, all_plain, canonical, plain, whole


def _extract(text: str, path: str) -> str | None:
    value = found(text, path)
    return None if value is MISSING else written(value)


def _scalar(value: Any) -> str | None:
    if value is MISSING or value is None or isinstance(value, Object | list):
        return None
    return str(value).lower() if isinstance(value, bool) else whole(str(value))


def _extract_scalar(text: str, path: str) -> str | None:
    return _scalar(found(text, path))


def _size(text: str, path: str) -> int | None:
    value = found(text, path)
    if value is MISSING:
        return 0 if _is_string(text, path) else None
    return len(value) if isinstance(value, Object | list) else 0


def _is_string(text: str, path: str) -> bool:
    """Whether a string starts at a path, be it without its end, to which no size looks."""
    try:
        at = place(text, path)
        return at >= 0 and text[at] == '"'
    except (ValueError, IndexError, RecursionError):
        return False


def _length(text: str) -> int | None:
    value = read(text)
    return len(value) if isinstance(value, list) else None


def _element(text: str, index: int) -> str | None:
    value = read(text)
    if not isinstance(value, list) or not -len(value) <= index < len(value):
        return None
    element = value[index]
    # A scalar comes as its text: a string without its quotes, as Trino's documentation warns.
    return written(_unique(element)) if isinstance(element, Object | list) else _scalar(element)


def _unique(value: Any) -> Any:
    """The last one of the members of a name, where the first stands."""
    if isinstance(value, Object):
        return Object((key, _unique(each)) for key, each in dict(value).items())
    return list(map(_unique, value)) if isinstance(value, list) else value


def _contains(same: Callable[[Any, Any], bool]) -> Callable[[str, Any], bool | None]:
    def contains(text: str, wanted: Any) -> bool | None:
        try:
            return any(same(each, wanted) for each in elements(text))
        except (ValueError, IndexError, RecursionError):
            return None

    return contains


def _contains_double(text: str, wanted: float) -> bool | None:
    """What is no number of JSON's is not looked for."""
    return _of_doubles(text, wanted) if isfinite(wanted) else False


def _same_integer(value: Any, wanted: int) -> bool:
    return isinstance(value, Number) and not is_real(value) and int(value) == wanted


def _same_double(value: Any, wanted: float) -> bool:
    return isinstance(value, Number) and is_real(value) and float(value) == wanted


def _same_text(value: Any, wanted: str) -> bool:
    return type(value) is str and value == wanted


_of_doubles: Final = _contains(_same_double)


def _is_scalar(text: str) -> bool:
    try:
        value = DECODER.decode(text)
    except (ValueError, RecursionError):
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON value: {text}") from None
    return not isinstance(value, Object | list)


def _parse(text: str) -> str:
    try:
        return canonical(text)
    except (ValueError, RecursionError):
        raise TrinoError(
            "INVALID_FUNCTION_ARGUMENT", f"Cannot convert value to JSON: '{text}'"
        ) from None


def _parsed(text: str | None, odd: bool) -> bytes | str | None:
    if text is None:
        return None
    found = None if odd else plain(text)
    return _parse(text) if found is None else found


def _load_parse() -> Any:
    import pyarrow
    from pyarrow import compute

    def run(column: Any) -> Any:
        odd = compute.match_substring_regex(column, ODD).to_pylist()
        texts = column.to_pylist()
        usual = all_plain([texts[i] for i, each in enumerate(odd) if each is False])
        if usual is None:
            found = [_parsed(text, strange) for text, strange in zip(texts, odd, strict=True)]
        else:
            rest = iter(usual)
            found = [
                next(rest) if strange is False else _parsed(text, odd=True)
                for text, strange in zip(texts, odd, strict=True)
            ]
        return pyarrow.array(found, pyarrow.string())

    return run


for _name, _function, _more, _arrow, _kind in (
    ("json_extract", _extract, ("VARCHAR",), "string", "VARCHAR"),
    ("json_extract_scalar", _extract_scalar, ("VARCHAR",), "string", "VARCHAR"),
    ("json_size", _size, ("VARCHAR",), "int64", "BIGINT"),
    ("json_array_length", _length, (), "int64", "BIGINT"),
    ("json_array_get", _element, ("BIGINT",), "string", "VARCHAR"),
    ("json_array_contains_bigint", _contains(_same_integer), ("BIGINT",), "bool", "BOOLEAN"),
    ("json_array_contains_double", _contains_double, ("DOUBLE",), "bool", "BOOLEAN"),
    (
        "json_array_contains_boolean",
        _contains(lambda value, wanted: value is wanted),
        ("BOOLEAN",),
        "bool",
        "BOOLEAN",
    ),
    (
        "json_array_contains_varchar",
        _contains(_same_text),
        ("VARCHAR",),
        "bool",
        "BOOLEAN",
    ),
    ("is_json_scalar", _is_scalar, (), "bool", "BOOLEAN"),
):
    udf(
        f"trino_{_name}",
        partial(rowwise, _function, _arrow),
        ("VARCHAR", *_more),
        _kind,
        total=_name != "is_json_scalar",
    )
udf("trino_json_parse", _load_parse, ("VARCHAR",), "VARCHAR")


# DuckDB also takes a comma behind the last element, NaN and infinities, and loses the sign of -0.
macro(
    "trino_json_sound",
    r"(x) AS json_valid(x) AND NOT regexp_matches(x,"
    r" ',\s*[\]}]|(^|[:\[,])\s*(-0|-?(?i:nan|inf))')",
)
macro("trino_json_rewritten", f"(v) AS regexp_matches(v, {quote(ODD)})")
# Numbers, alone or in a text, that DuckDB may not write with the digits that they have there.
macro(
    "trino_json_respelled",
    r"(x) AS regexp_matches(x, '(?:^|[:\[,])\s*-?(?:[0-9.]+[eE]|[0-9.]{16}|0\.0000"
    r"|[0-9]+\.[0-9]+0(?:[^0-9]|$))')",
)
_POINTED: Final = re.compile(r"(?!\d)[^/~]+|0|[1-9]\d{0,8}")


def _by_path(name: str, native: Callable[[str, str, str], str]) -> Emit:
    """`native` makes the SQL of what DuckDB finds, of JSON, a pointer and Python's answer."""

    def emit(call: Call) -> str:
        path = call.constants[1]
        steps = path_steps(path) if isinstance(path, str) else None
        if steps is None or not all(map(_POINTED.fullmatch, steps)):
            return f"trino_{name}({', '.join(call.arguments)})"
        pointer = quote("/" + "/".join(steps) if steps else "$")

        def body(x: str) -> str:
            slow = f"trino_{name}({x}, {call.arguments[1]})"
            return _soundly(call, x, native(x, pointer, slow), slow)

        return bound(call.arguments[:1], body)

    return emit


def _soundly(call: Call, x: str, native: str, slow: str) -> str:
    """What DuckDB answers of JSON, and Python of a text that DuckDB may read otherwise."""
    if call.types[0].name == "json":
        return f"CASE WHEN {x} IS NOT NULL THEN {native} END"
    sound = f"WHEN trino_json_sound({x}) THEN {native}"
    return f"CASE WHEN {x} IS NULL THEN NULL {sound} ELSE {slow} END"


def _native_json(x: str, pointer: str, slow: str) -> str:
    found = f"CAST(json_extract({x}, {pointer}) AS VARCHAR)"
    return f"CASE WHEN trino_json_rewritten({found}) THEN {slow} ELSE {found} END"


def _native_unchanged(x: str, pointer: str) -> str:
    found = f"[CAST(json_extract({x}, {pointer}) AS VARCHAR)][1:1]"
    return f"list_transform({found}, lambda _v: CASE WHEN trino_json_unchanged(_v) THEN _v END)[1]"


def _native_scalar(x: str, pointer: str, slow: str) -> str:
    at = f"{x}, {pointer}"
    return (
        f"CASE WHEN json_type({at}) IN ('VARCHAR', 'BOOLEAN', 'UBIGINT', 'BIGINT')"
        f" THEN json_extract_string({at}) WHEN json_type({at}) = 'DOUBLE' THEN"
        f" CASE WHEN trino_json_respelled({x}) THEN {slow} ELSE json_extract_string({at}) END END"
    )


def _native_size(x: str, pointer: str, slow: str) -> str:
    at = f"{x}, {pointer}"
    return (
        f"CASE WHEN json_type({at}) = 'OBJECT' THEN CAST(len(json_keys({at})) AS BIGINT)"
        f" WHEN json_type({at}) = 'ARRAY' THEN CAST(json_array_length({at}) AS BIGINT)"
        f" WHEN json_type({at}) IS NOT NULL THEN 0 END"
    )


def _length_of(call: Call) -> str:
    def body(x: str) -> str:
        array = f"CAST(json_array_length({x}) AS BIGINT)"
        native = f"CASE WHEN json_type({x}) = 'ARRAY' THEN {array} END"
        return _soundly(call, x, native, f"trino_json_array_length({x})")

    return bound(call.arguments, body)


def _emit_is_scalar(call: Call) -> str:
    def body(x: str) -> str:
        native = f"json_type({x}) NOT IN ('OBJECT', 'ARRAY')"
        return _soundly(call, x, native, f"trino_is_json_scalar({x})")

    return bound(call.arguments, body)


macro(
    # The text of JSON without objects, of which members must be sorted, in which both write all
    # alike. DuckDB computes parts of constants whatever a branch says, so that each must be sound.
    "trino_json_as_plain",
    "(x) AS CASE WHEN NOT contains(x, '{') AND trino_json_sound(x) AND NOT trino_json_rewritten(x)"
    " THEN CAST(json(CASE WHEN json_valid(x) THEN x END) AS VARCHAR) END",
)


def _emit_parse(call: Call) -> str:
    def body(x: str) -> str:
        parsed = f"coalesce(trino_json_as_plain({x}), trino_json_parse({x}))"
        return f"CASE WHEN {x} IS NOT NULL THEN {parsed} END"

    return bound(call.arguments, body)


# The elements of an array as DuckDB writes them: the same text for the same value, but for numbers
# with a point.
macro("trino_json_items", "(x) AS CAST(json_extract(x, '$[*]') AS VARCHAR[])")


def _emit_contains(call: Call) -> str:
    kind = call.types[1].name

    def body(x: str, wanted: str) -> str:
        slow = f"trino_json_array_contains_{kind}({x}, {wanted})"
        if kind == "double":
            return slow
        text = f"to_json({wanted})" if kind == "varchar" else wanted
        holds = f"list_contains(trino_json_items({x}), CAST({text} AS VARCHAR))"
        native = f"CASE WHEN json_type({x}) = 'ARRAY' AND {wanted} IS NOT NULL THEN {holds} END"
        return _soundly(call, x, native, slow)

    return bound(call.arguments, body)


def _emit_element(call: Call) -> str:
    index = call.constants[1]
    if not isinstance(index, int) or not 0 <= index < _FAR:
        return f"trino_json_array_get({', '.join(call.arguments)})"

    def body(x: str) -> str:
        slow = f"trino_json_array_get({x}, {index})"
        at = f"'/{index}'"
        nested = f"json_type({x}, {at}) IN ('OBJECT', 'ARRAY')"
        native = (
            f"CASE WHEN json_type({x}) <> 'ARRAY' THEN NULL"
            f" WHEN {nested} THEN coalesce({_native_unchanged(x, at)}, {slow})"
            f" ELSE {_native_scalar(x, at, slow)} END"
        )
        return _soundly(call, x, native, slow)

    return bound(call.arguments[:1], body)


_FAR: Final = 10**9
"""An index that no array has."""


scalar(
    "json_extract",
    "(json, JsonPath) -> json",
    "(varchar(x), JsonPath) -> json",
    sql=_by_path("json_extract", _native_json),
    doc="The value at a path in JSON.",
)
scalar(
    "json_extract_scalar",
    "(json, JsonPath) -> varchar",
    "(varchar(x), JsonPath) -> varchar(x)",
    sql=_by_path("json_extract_scalar", _native_scalar),
    doc="The text of the string, number or boolean at a path in JSON.",
)
scalar(
    "json_size",
    "(json, JsonPath) -> bigint",
    "(varchar(x), JsonPath) -> bigint",
    sql=_by_path("json_size", _native_size),
    doc="How many members or elements the value at a path has; 0 for one that is a scalar.",
)
scalar(
    "json_array_length",
    "(json) -> bigint",
    "(varchar(x)) -> bigint",
    sql=_length_of,
    doc="How many elements a JSON array has.",
)
scalar(
    "json_array_get",
    "(json, bigint) -> json",
    "(varchar(x), bigint) -> json",
    sql=_emit_element,
    doc="The element of a JSON array at an index from 0, or below zero from the end.",
)
_OTHER_TEXT: Final = {"json": "varchar(x)", "varchar(x)": "varchar(y)"}
scalar(
    "json_array_contains",
    *(
        f"({subject}, {kind}) -> boolean"
        for subject in ("json", "varchar(x)")
        for kind in ("bigint", "boolean", "double", _OTHER_TEXT[subject])
    ),
    sql=_emit_contains,
    doc="Whether a JSON array holds a value.",
)
scalar(
    "is_json_scalar",
    "(json) -> boolean",
    "(varchar(x)) -> boolean",
    sql=_emit_is_scalar,
    doc="Whether JSON is a string, number, boolean or null.",
)
scalar("json_format", "(json) -> varchar", sql="{0}", doc="The text of JSON.")
scalar(
    "json_parse",
    "(varchar(x)) -> json",
    sql=_emit_parse,
    doc="The JSON that a text is.",
)
