"""JSON by paths of the plain kind (`$.a[0]["b"]`), and whole.

DuckDB reads what it reads as Trino does; Python the rest, row by row: texts that are no JSON in
some place, numbers with a point, paths that are columns. As Jackson's stream does, a path looks no
further than the value that it finds, and a number keeps its own text until it is asked for as JSON.
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.registry import Call, Emit, macro, scalar, udf
from lakelet.sql.functions.vectorised import rowwise
from lakelet.types.json import ODD, canonical, dump, plain, whole


class _Number(str):
    """A number's own text."""

    __slots__ = ()


class _Object(tuple[tuple[str, Any], ...]):
    """An object's members as they stand."""

    __slots__ = ()


_MISSING: Final = object()


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


_DECODER: Final = json.JSONDecoder(
    parse_float=_Number,
    parse_int=_Number,
    parse_constant=_refuse,
    object_pairs_hook=_Object,
)
_BLANKS: Final = " \t\r\n"
_BLANK: Final = re.compile(f"[{_BLANKS}]*")
_GOES_ON: Final = re.compile(r"[\w$]")
_STEP: Final = re.compile(r"\.([\w:]+)|\[([\w:]+)\]|\[\"((?:[^\"\\]|\\[\"\\])*)\"\]")


@lru_cache(maxsize=1024)
def path_steps(path: str) -> tuple[str, ...]:
    """The names and indexes of a path; TrinoError when it is none."""
    steps = []
    at = 1
    while path.startswith("$") and at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            break
        quoted = match[3]
        steps.append(
            re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else match[1] or match[2]
        )
        at = match.end()
    if not path.startswith("$") or at < len(path):
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON path: '{path}'")
    return tuple(steps)


def _read(text: str) -> Any:
    """The first value of a text; what follows it is not looked at, but for where it ends."""
    try:
        value, end = _value(text, _blank(text, 0))
    except (ValueError, RecursionError):
        return _MISSING
    # A number that stands alone ends with a blank (Jackson).
    alone = isinstance(value, _Number) and text[end : end + 1].strip(_BLANKS)
    return _MISSING if alone else value


def _found(text: str, path: str) -> Any:
    if not path_steps(path):
        return _read(text)
    try:
        at = _place(text, path)
        return _MISSING if at < 0 else _value(text, at)[0]
    except (ValueError, IndexError, RecursionError):
        return _MISSING


def _place(text: str, path: str) -> int:
    """Where the value at a path starts; -1 for none. Raises for what is no JSON before it."""
    at = _blank(text, 0)
    for step in path_steps(path):
        if text[at] == "{":
            at = _member(text, at + 1, step)
        elif text[at] == "[" and step.isdigit():
            at = _item(text, at + 1, int(step))
        else:
            return -1
        if at < 0:
            return -1
    return at


def _blank(text: str, at: int) -> int:
    """Where blanks end."""
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int) -> tuple[Any, int]:
    """The value that starts at a place, and where it ends."""
    value, end = _DECODER.raw_decode(text, at)
    if isinstance(value, _Number):
        goes_on = text[end : end + 1] in tuple(".eE0123456789")
    else:
        word = value is None or isinstance(value, bool)
        goes_on = word and _GOES_ON.match(text, end) is not None
    if goes_on:
        raise ValueError("a number or a word goes on")
    return value, end


def _member(text: str, at: int, name: str) -> int:
    """Where the value of an object's member starts, the object open at `at`; -1 for none."""
    at = _blank(text, at)
    while text[at] == '"':
        key, at = _value(text, at)
        at = _behind(text, at, ":")
        if key == name:
            return at
        at = _blank(text, _value(text, at)[1])
        if text[at] == "}":
            return -1
        at = _behind(text, at, ",")
    return -1


def _item(text: str, at: int, index: int) -> int:
    """Where an element of an array starts, the array open at `at`; -1 for none."""
    at = _blank(text, at)
    if text[at] == "]":
        return -1
    for _ in range(index):
        at = _blank(text, _value(text, at)[1])
        if text[at] == "]":
            return -1
        at = _behind(text, at, ",")
    return at


def _behind(text: str, at: int, sign: str) -> int:
    """Where a sign and the blanks about it end."""
    at = _blank(text, at)
    if text[at] != sign:
        raise ValueError(f"{sign} expected")
    return _blank(text, at + 1)


def _written(value: Any) -> str:
    """A value's JSON text, its members in their order."""
    if isinstance(value, _Object):
        return "{" + ",".join(f"{dump(key)}:{_written(each)}" for key, each in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, _Number):
        return dump(float(value)) if _is_real(value) else str(int(value))
    return dump(value)


def _is_real(number: str) -> bool:
    return bool(set(number) & set(".eE"))


def _extract(text: str, path: str) -> str | None:
    value = _found(text, path)
    return None if value is _MISSING else _written(value)


def _scalar(value: Any) -> str | None:
    if value is _MISSING or value is None or isinstance(value, _Object | list):
        return None
    return str(value).lower() if isinstance(value, bool) else whole(str(value))


def _extract_scalar(text: str, path: str) -> str | None:
    return _scalar(_found(text, path))


def _size(text: str, path: str) -> int | None:
    value = _found(text, path)
    if value is _MISSING:
        return 0 if _is_string(text, path) else None
    return len(value) if isinstance(value, _Object | list) else 0


def _is_string(text: str, path: str) -> bool:
    """Whether a string starts at a path, be it without its end, to which no size looks."""
    try:
        at = _place(text, path)
        return at >= 0 and text[at] == '"'
    except (ValueError, IndexError, RecursionError):
        return False


def _length(text: str) -> int | None:
    value = _read(text)
    return len(value) if isinstance(value, list) else None


def _element(text: str, index: int) -> str | None:
    value = _read(text)
    if not isinstance(value, list) or not -len(value) <= index < len(value):
        return None
    element = value[index]
    # A scalar comes as its text: a string without its quotes, as Trino's documentation warns.
    return _written(element) if isinstance(element, _Object | list) else _scalar(element)


def _contains(same: Callable[[Any, Any], bool]) -> Callable[[str, Any], bool | None]:
    def contains(text: str, wanted: Any) -> bool | None:
        value = _read(text)
        if not isinstance(value, list):
            return None
        return any(same(each, wanted) for each in value)

    return contains


def _same_integer(value: Any, wanted: int) -> bool:
    return isinstance(value, _Number) and not _is_real(value) and int(value) == wanted


def _same_double(value: Any, wanted: float) -> bool:
    return isinstance(value, _Number) and _is_real(value) and float(value) == wanted


def _is_scalar(text: str) -> bool:
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON value: {text}") from None
    return not isinstance(value, _Object | list)


def _parse(text: str) -> str:
    try:
        return canonical(text)
    except (ValueError, RecursionError):
        raise TrinoError(
            "INVALID_FUNCTION_ARGUMENT", f"Cannot convert value to JSON: '{text}'"
        ) from None


def _loaded(function: Callable[..., Any], result: str) -> Callable[[], Any]:
    return lambda: rowwise(function, result)


def _load_parse() -> Any:
    import pyarrow
    from pyarrow import compute

    def parsed(text: str | None, odd: bool) -> bytes | str | None:
        if text is None:
            return None
        found = None if odd else plain(text)
        return _parse(text) if found is None else found

    def run(texts: Any) -> Any:
        odd = compute.match_substring_regex(texts, ODD).to_pylist()
        return pyarrow.array(map(parsed, texts.to_pylist(), odd), pyarrow.string())

    return run


for _name, _function, _more, _arrow, _kind in (
    ("json_extract", _extract, ("VARCHAR",), "string", "VARCHAR"),
    ("json_extract_scalar", _extract_scalar, ("VARCHAR",), "string", "VARCHAR"),
    ("json_size", _size, ("VARCHAR",), "int64", "BIGINT"),
    ("json_array_length", _length, (), "int64", "BIGINT"),
    ("json_array_get", _element, ("BIGINT",), "string", "VARCHAR"),
    ("json_array_contains_bigint", _contains(_same_integer), ("BIGINT",), "bool", "BOOLEAN"),
    ("json_array_contains_double", _contains(_same_double), ("DOUBLE",), "bool", "BOOLEAN"),
    (
        "json_array_contains_boolean",
        _contains(lambda value, wanted: value is wanted),
        ("BOOLEAN",),
        "bool",
        "BOOLEAN",
    ),
    (
        "json_array_contains_varchar",
        _contains(lambda value, wanted: type(value) is str and value == wanted),
        ("VARCHAR",),
        "bool",
        "BOOLEAN",
    ),
    ("is_json_scalar", _is_scalar, (), "bool", "BOOLEAN"),
):
    udf(
        f"trino_{_name}",
        _loaded(_function, _arrow),
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
    # Whether sound JSON but for its blanks is as Trino writes it: an array, or one object with its
    # members in order, of numbers and texts that both write alike.
    "trino_json_is_plain",
    "(x) AS NOT trino_json_rewritten(x) AND CASE"
    " strlen(x) - strlen(replace(x, '{', '')) WHEN 0 THEN true WHEN 1 THEN json_type(x) = 'OBJECT'"
    " AND json_keys(x) = list_sort(list_distinct(json_keys(x))) ELSE false END",
)


macro(
    # DuckDB computes parts of constants whatever a branch says, so that each must be sound.
    "trino_json_as_plain",
    "(x) AS CASE WHEN strlen(x) - strlen(replace(x, '{', '')) < 2 AND trino_json_sound(x)"
    " AND trino_json_is_plain(CASE WHEN json_valid(x) THEN x END)"
    " THEN CAST(json(CASE WHEN json_valid(x) THEN x END) AS VARCHAR) END",
)


def _emit_parse(call: Call) -> str:
    def body(x: str) -> str:
        parsed = f"coalesce(trino_json_as_plain({x}), trino_json_parse({x}))"
        return f"CASE WHEN {x} IS NOT NULL THEN {parsed} END"

    return bound(call.arguments, body)


def _emit_contains(call: Call) -> str:
    return f"trino_json_array_contains_{call.types[1].name}({', '.join(call.arguments)})"


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
    sql="trino_json_array_get({0}, {1})",
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
    doc="The JSON that a text is (nested objects below a million rows a second).",
)
