"""JSON by paths of the plain kind (`$.a[0]["b"]`), and whole.

Each row's text is read in Python: below a million rows a second. A number keeps its own text until
it is asked for as JSON.
"""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.registry import Call, Emit, scalar, udf
from lakelet.sql.functions.vectorised import rowwise
from lakelet.types.json import canonical, dump


class _Number(str):
    """A number's own text."""

    __slots__ = ()


class _Object(tuple[tuple[str, Any], ...]):
    """An object's members as they stand; of two with one name a path takes the first."""

    __slots__ = ()

    def member(self, name: str) -> Any:
        return next((value for key, value in self if key == name), _MISSING)


_MISSING: Final = object()


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


_DECODER: Final = json.JSONDecoder(
    parse_float=_Number,
    parse_int=_Number,
    parse_constant=_refuse,
    object_pairs_hook=_Object,
    strict=False,
)
_BLANKS: Final = " \t\r\n"
_BLANK: Final = re.compile(f"[{_BLANKS}]*")
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
    start = _BLANK.match(text)
    try:
        value, end = _DECODER.raw_decode(text, start.end() if start else 0)
    except (ValueError, RecursionError):
        return _MISSING
    return value if _ends(value, text[end : end + 1]) else _MISSING


def _ends(value: Any, behind: str) -> bool:
    """Whether a value can end where a character follows (Jackson)."""
    if isinstance(value, _Number):
        return not behind or behind in _BLANKS
    return not (value is None or isinstance(value, bool)) or not (
        behind.isalnum() or behind in "_$"
    )


def _found(text: str, path: str) -> Any:
    value = _read(text)
    for step in path_steps(path):
        if isinstance(value, _Object):
            value = value.member(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _MISSING
    return value


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
    return str(value).lower() if isinstance(value, bool) else str(value)


def _extract_scalar(text: str, path: str) -> str | None:
    return _scalar(_found(text, path))


def _size(text: str, path: str) -> int | None:
    value = _found(text, path)
    if value is _MISSING:
        return None
    return len(value) if isinstance(value, _Object | list) else 0


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
    ("json_parse", _parse, (), "string", "VARCHAR"),
):
    udf(
        f"trino_{_name}",
        _loaded(_function, _arrow),
        ("VARCHAR", *_more),
        _kind,
        total=_name not in ("is_json_scalar", "json_parse"),
    )


def _by_path(name: str) -> Emit:
    def emit(call: Call) -> str:
        if isinstance(call.constants[1], str):
            path_steps(call.constants[1])
        return f"trino_{name}({', '.join(call.arguments)})"

    return emit


def _emit_contains(call: Call) -> str:
    return f"trino_json_array_contains_{call.types[1].name}({', '.join(call.arguments)})"


scalar(
    "json_extract",
    "(json, JsonPath) -> json",
    "(varchar(x), JsonPath) -> json",
    sql=_by_path("json_extract"),
    doc="The value at a path in JSON (below a million rows a second).",
)
scalar(
    "json_extract_scalar",
    "(json, JsonPath) -> varchar",
    "(varchar(x), JsonPath) -> varchar(x)",
    sql=_by_path("json_extract_scalar"),
    doc="The text of the string, number or boolean at a path in JSON"
    " (below a million rows a second).",
)
scalar(
    "json_size",
    "(json, JsonPath) -> bigint",
    "(varchar(x), JsonPath) -> bigint",
    sql=_by_path("json_size"),
    doc="How many members or elements the value at a path has; 0 for one that is a scalar.",
)
scalar(
    "json_array_length",
    "(json) -> bigint",
    "(varchar(x)) -> bigint",
    sql="trino_json_array_length({0})",
    doc="How many elements a JSON array has.",
)
scalar(
    "json_array_get",
    "(json, bigint) -> json",
    "(varchar(x), bigint) -> json",
    sql="trino_json_array_get({0}, {1})",
    doc="The element of a JSON array at an index from 0, or below zero from the end.",
)
scalar(
    "json_array_contains",
    *(
        f"({subject}, {kind}) -> boolean"
        for subject in ("json", "varchar(x)")
        for kind in ("bigint", "boolean", "double", "varchar(y)")
    ),
    sql=_emit_contains,
    doc="Whether a JSON array holds a value.",
)
scalar(
    "is_json_scalar",
    "(json) -> boolean",
    "(varchar(x)) -> boolean",
    sql="trino_is_json_scalar({0})",
    doc="Whether JSON is a string, number, boolean or null.",
)
scalar("json_format", "(json) -> varchar", sql="{0}", doc="The text of JSON.")
scalar(
    "json_parse",
    "(varchar(x)) -> json",
    sql="trino_json_parse({0})",
    doc="The JSON that a text is (below a million rows a second).",
)
