"""JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT and JSON_ARRAY.

Each row's text is read in Python, the path once. The emitter's cast is imported when a call is
written, for it needs this package.
"""

import json
import re
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, Final

import orjson

from lakelet.errors import TrinoError
from lakelet.sql.functions.binding import bound, parameter, row_by_row
from lakelet.sql.functions.java.maps import SMALLEST_MAP, java_map_order
from lakelet.sql.functions.json.members import QUERY_BRANCH, found, members, state, value_branches
from lakelet.sql.functions.json.path import NOTHING, Moment, Scope, parse
from lakelet.sql.functions.registry import NOT_CONSTANT, Call, Emit, macro, scalar, udf
from lakelet.sql.functions.vectorised import refused, rowwise
from lakelet.types.casting import NUMBERS
from lakelet.types.json import compact, dump, java_double, refuse_constant, whole
from lakelet.types.model import VARCHAR, Type
from lakelet.types.parsing import parse_type
from lakelet.types.quoting import quoted

_JSON: Final = parse_type("json")
_INTEGERS: Final = ("tinyint", "smallint", "integer", "bigint")
_NO_SCALAR: Final = "cannot extract SQL scalar from JSON: "
_NOT_WRITTEN: Final = "conversion from JSON failed: "
_CODECS: Final = {"UTF8": "utf-8", "UTF16": "utf-16-le", "UTF32": "utf-32-le"}


@lru_cache(maxsize=1024)
def options_of(text: str) -> dict[str, Any]:
    """What a call says beside its path, from its JSON."""
    read: dict[str, Any] = json.loads(text)
    return read


def read_json(text: str) -> Any:
    """The first value of a JSON text, NOTHING of a blank one: Jackson looks no further.

    Raises TrinoError JSON_INPUT_CONVERSION_ERROR.
    """
    begin = text.lstrip(_BLANKS)
    if not begin:
        return NOTHING
    if _LONG.search(begin) is None:
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(begin)
    try:
        value, end = _DECODER.raw_decode(begin)
    except (ValueError, RecursionError):
        raise _not_json() from None
    # A number or a word ends with a blank.
    if not isinstance(value, str | list | dict) and begin[end : end + 1].strip(_BLANKS):
        raise _not_json()
    return value


def _not_json() -> TrinoError:
    return TrinoError("JSON_INPUT_CONVERSION_ERROR", "conversion to JSON failed: ")


_BLANKS: Final = " \t\r\n"
_LONG: Final = re.compile("[0-9]{19}")
"""What may be a whole number that orjson reads as a floating one."""
_DECODER: Final = json.JSONDecoder(parse_constant=refuse_constant)


def variables_of(options: dict[str, Any], passed: str) -> dict[str, Any]:
    """The values passed to a path, by their names.

    `passed` has them as JSON, what is itself JSON (by `formats`) as its text; of a date or time
    `formats` names the type. Raises TrinoError JSON_INPUT_CONVERSION_ERROR.
    """
    if not options["passing"]:
        return {}
    values = zip(options["passing"], json.loads(passed), options["formats"], strict=True)
    return {name: _passed(value, form) for name, value, form in values}


def _passed(value: Any, form: str | None) -> Any:
    if form == "JSON":
        return NOTHING if value is None else read_json(value)
    if form is None or value is None:
        return value
    moment = Moment(value)
    moment.type = form
    return moment


def _items(text: str, path: str, options: dict[str, Any], passed: str) -> list[Any]:
    return parse(path)(Scope(read_json(text), variables_of(options, passed)))


def _exists(text: str, path: str, options: str, passed: str) -> bool | None:
    chosen = options_of(options)
    try:
        return bool(_items(text, path, chosen, passed))
    except TrinoError:
        if chosen["on_error"] == "ERROR":
            raise
        return {"TRUE": True, "FALSE": False}.get(chosen["on_error"])


def _value(text: str, path: str, options: str, passed: str) -> dict[str, str | None]:
    """What came of it ("value", "empty" or "error") and the value's text."""
    chosen = options_of(options)
    items = None
    try:
        items = _items(text, path, chosen, passed)
        if not items:
            if chosen["on_empty"] == "ERROR":
                raise _no_scalar("JSON path found no items")
            return {"state": "empty", "text": None}
        return {"state": "value", "text": _checked_scalar(items, chosen["returning"])}
    except TrinoError:
        if chosen["on_error"] == "ERROR" or items == []:
            raise
        return {"state": "error", "text": None}


def _no_scalar(message: str) -> TrinoError:
    return TrinoError("JSON_VALUE_RESULT_ERROR", _NO_SCALAR + message)


def _scalar(items: list[Any], returning: str) -> str | None:
    if len(items) > 1:
        raise _no_scalar("JSON path found multiple items")
    item = items[0]
    vast = type(item) is int and not -(2**63) <= item < 2**63
    if vast or item is NOTHING or isinstance(item, list | dict):
        raise _no_scalar("JSON path found an item that cannot be converted to an SQL value")
    if isinstance(item, float | Decimal) and returning in _INTEGERS:
        return str(Decimal(item).to_integral_value("ROUND_HALF_UP"))
    if returning == "boolean" and isinstance(item, int | float | Decimal):
        return str(bool(item)).lower()
    if isinstance(item, bool):
        return str(int(item)) if returning in NUMBERS else str(item).lower()
    if isinstance(item, float):
        return _java_text(item) if returning == "varchar" else java_double(item)
    return None if item is None else whole(str(item))


def _checked_scalar(items: list[Any], result: str) -> str | None:
    """The text of what a type is made from; only a string is cut to its length."""
    returning, _, length = result.removesuffix(")").partition("(")
    text = _scalar(items, returning)
    if text is None or isinstance(items[0], str) or returning not in ("varchar", "char"):
        return text
    if returning == "char" or (length and len(text) > int(length)):
        raise _no_scalar(
            f"Cannot cast value of type {_type_name(items[0])} to declared return type of function"
            f" JSON_VALUE: {result}"
        )
    return text


def _type_name(item: Any) -> str:
    if isinstance(item, bool):
        return "boolean"
    if isinstance(item, int):
        return "integer" if -(2**31) <= item < 2**31 else "bigint"
    if isinstance(item, Decimal):
        _, digits, power = item.as_tuple()
        scale = -power if isinstance(power, int) else 0
        return f"decimal({max(len(digits), scale)},{scale})"
    return "double"


def _java_text(value: float) -> str:
    """Trino's cast of a double to varchar always has an exponent."""
    sign, digits, power = Decimal(repr(value)).normalize().as_tuple()
    if not value or not isinstance(power, int):
        return "-0E0" if str(value) == "-0.0" else "0E0"
    first, *rest = map(str, digits)
    return f"{'-' * sign}{first}.{''.join(rest) or '0'}E{power + len(rest)}"


def _query(text: str, path: str, options: str, passed: str) -> str | None:
    chosen = options_of(options)
    items = None
    try:
        items = _items(text, path, chosen, passed)
        if not items:
            return _replacement(chosen["on_empty"], "JSON path found no items")
        return _written(items, chosen)
    except TrinoError:
        if chosen["on_error"] == "ERROR" or items == []:
            raise
        return _replacement(chosen["on_error"], "")


def _replacement(behaviour: str, message: str) -> str | None:
    if behaviour == "ERROR":
        raise TrinoError("JSON_OUTPUT_CONVERSION_ERROR", _NOT_WRITTEN + message)
    return {"EMPTY ARRAY": "[]", "EMPTY OBJECT": "{}"}.get(behaviour)


def _written(items: list[Any], options: dict[str, Any]) -> str:
    for each in items:
        if isinstance(each, Moment):
            raise TrinoError(
                "JSON_OUTPUT_CONVERSION_ERROR",
                f"{_NOT_WRITTEN}JSON path returned a scalar SQL value of type {each.type} that"
                " cannot be represented as JSON",
            )
    wrapper = options["wrapper"]
    single = len(items) == 1
    if wrapper.startswith("WITHOUT") and not single:
        raise TrinoError(
            "JSON_OUTPUT_CONVERSION_ERROR", _NOT_WRITTEN + "JSON path found multiple items"
        )
    kept = single and isinstance(items[0], list | dict) and "UNCONDITIONAL" not in wrapper
    if wrapper.startswith("WITHOUT") or (kept and "CONDITIONAL" in wrapper):
        item = items[0]
        unquoted = options["quotes"] == "OMIT" and isinstance(item, str)
        return whole(item) if unquoted else item_text(item)
    return item_text(items)


def item_text(item: Any) -> str:
    """JSON's text, an object's members in their order."""
    found = compact(item)
    return _item_text(item) if found is None else found


def _item_text(item: Any) -> str:
    if isinstance(item, dict):
        return (
            "{" + ",".join(f"{dump(key)}:{_item_text(value)}" for key, value in item.items()) + "}"
        )
    if isinstance(item, list):
        return "[" + ",".join(map(_item_text, item)) + "]"
    if item is NOTHING:
        return "null"
    return str(item) if isinstance(item, Decimal) else dump(item)


def _checked(text: str) -> str:
    return item_text(read_json(text))


def _decoded(data: bytes, encoding: str) -> str:
    """JSON's text in UTF16 or UTF32; what is none is no JSON either."""
    try:
        return data.decode(_CODECS[encoding])
    except UnicodeDecodeError:
        return "\ufffd"


def _encoded(text: str, encoding: str) -> bytes:
    return text.encode(_CODECS[encoding])


def _load_value() -> Any:
    import pyarrow

    text = pyarrow.string()
    return rowwise(_value, pyarrow.struct([("state", text), ("text", text)]))


_PATH_CALL: Final = ("VARCHAR",) * 4
udf("trino_json_exists", partial(rowwise, _exists, "bool"), _PATH_CALL, "BOOLEAN")
udf("trino_json_query", partial(rowwise, _query, "string"), _PATH_CALL, "VARCHAR")
udf("trino_json_value", _load_value, _PATH_CALL, "STRUCT(state VARCHAR, text VARCHAR)")
udf("trino_json_decoded", partial(rowwise, _decoded, "string"), ("BLOB", "VARCHAR"), "VARCHAR")
udf("trino_json_encoded", partial(rowwise, _encoded, "binary"), ("VARCHAR", "VARCHAR"), "BLOB")
udf("trino_json_checked", partial(rowwise, _checked, "string"), ("VARCHAR",), "VARCHAR")


def _as_json(sql: str, of: Type, formatted: bool) -> str:
    from lakelet.sql.emitter.casts import cast

    return f"trino_json_checked({sql})" if formatted else cast(sql, of, _JSON)


def path_call(name: str, call: Call) -> str:
    """A call of a path's function: the input, the path, options and the values passed."""
    subject, path, _, _, _, *passed = call.arguments
    parse(call.constants[1])
    options = json.loads(call.constants[2])
    values = [
        f"CAST(to_json({sql}) AS VARCHAR)" if form == "JSON" else _as_json(sql, of, False)
        for sql, of, form in zip(passed, call.types[5:], options["formats"], strict=True)
    ]
    written = quoted(json.dumps({**options, "returning": str(call.result)}))
    variables = f"trino_json_array([{', '.join(values)}])" if values else "'[]'"
    return f"trino_{name}({subject}, {path}, {written}, {variables})"


def _by_members(name: str, call: Call, branches: str, absent: str) -> str:
    """As `path_call`; by DuckDB where the path is of members only (`members`)."""
    names = members(call)
    if not names:
        return path_call(name, call)

    def body(subject: str) -> str:
        slow = path_call(name, replace(call, arguments=(subject, *call.arguments[1:])))
        return found(subject, names, branches, absent or slow, slow)

    return bound(call.arguments[:1], body)


def _emit_exists(call: Call) -> str:
    return _by_members("json_exists", call, "WHEN {type} IS NOT NULL THEN true", "false")


def _value_state(call: Call, options: dict[str, Any]) -> str:
    empty = "" if options["on_empty"] == "ERROR" else state("empty", "CAST(NULL AS VARCHAR)")
    return _by_members("json_value", call, value_branches(str(call.result)), empty)


def _emit_value(call: Call) -> str:
    from lakelet.sql.emitter.casts import cast

    options = json.loads(call.constants[2])
    on_empty, on_error = call.arguments[3:5]
    failed = on_error
    if options["on_error"] == "ERROR":
        message = (
            f"{_NO_SCALAR}Cannot cast value of type varchar to declared return type of function"
            f" JSON_VALUE: {call.result}"
        )
        failed = f"trino_fail('JSON_VALUE_RESULT_ERROR', '{message}')"
        failed = cast(f"CAST({failed} AS VARCHAR)", VARCHAR, call.result)

    def chosen(found: str, *defaults: str) -> str:
        empty, error = defaults or (on_empty, on_error)
        value = cast(f"{found}.text", VARCHAR, call.result, safe=True)
        last = error if defaults and options["on_error"] != "ERROR" else failed
        return (
            f"CASE {found}.state WHEN 'empty' THEN {empty} WHEN 'error' THEN {error}"
            f" WHEN 'value' THEN CASE WHEN {found}.text IS NOT NULL"
            f" THEN coalesce({value}, {last}) END END"
        )

    # A lambda of DuckDB's sees neither an outer query's columns nor subqueries.
    calculated = (on_empty, on_error) if NOT_CONSTANT in call.constants[3:5] else ()
    return bound((_value_state(call, options), *calculated), chosen)


def _emit_query(call: Call) -> str:
    from lakelet.sql.emitter.casts import cast

    options = json.loads(call.constants[2])
    if options["wrapper"] != "WITHOUT" or options["quotes"] != "KEEP":
        return cast(path_call("json_query", call), VARCHAR, call.result)
    empty = "CAST(NULL AS VARCHAR)" if options["on_empty"] == "NULL" else ""
    return cast(_by_members("json_query", call, QUERY_BRANCH, empty), VARCHAR, call.result)


def _constructed(sql: str, call: Call) -> str:
    from lakelet.sql.emitter.casts import cast

    return cast(sql, VARCHAR, call.result)


def _values(call: Call, every: int, options: dict[str, Any]) -> list[str]:
    first = every - 1
    pairs = zip(call.arguments[first:-1:every], call.types[first:-1:every], strict=True)
    return [
        _as_json(sql, of, formatted)
        for (sql, of), formatted in zip(pairs, options["formats"], strict=True)
    ]


def _emit_array(call: Call) -> str:
    options = json.loads(call.constants[-1])
    items = f"CAST([{', '.join(_values(call, 1, options))}] AS VARCHAR[])"
    if not options["nulls"]:
        items = f"list_filter({items}, lambda e: e IS NOT NULL)"
    return _constructed(f"trino_json_array({items})", call)


def _emit_object(call: Call) -> str:
    options = json.loads(call.constants[-1])
    values = _values(call, 2, options)
    if not values:
        return _constructed("'{}'", call)
    keys = call.constants[:-1:2]
    members = [
        f"{{'k': {key}, 'v': CAST({value} AS VARCHAR)}}"
        for key, value in zip(call.arguments[:-1:2], values, strict=True)
    ]
    ordered = all(isinstance(each, str) for each in keys) and (
        options["nulls"] or len(keys) <= SMALLEST_MAP
    )
    if ordered:
        members = [members[i] for i in java_map_order(keys)]
    flags = ", ".join(str(each).lower() for each in (options["nulls"], options["unique"], ordered))
    listed = f"[{', '.join(members)}]"
    name = parameter(listed)
    made = (
        f"list_transform({row_by_row(listed)},"
        f" lambda {name}: trino_json_object_of({name}, {flags}))[1]"
    )
    return _constructed(made, call)


_NO_KEY: Final = refused("null value passed for JSON object key to JSON_OBJECT function", "VARCHAR")
_SAME_KEYS: Final = refused("duplicate key passed to JSON_OBJECT function", "VARCHAR")
# Without UNIQUE KEYS Trino sees the members that are left when NULLs are out.
macro(
    "trino_json_object_of",
    "(m, nulls, uniq, ordered) AS CASE WHEN len(list_filter(m, lambda e: e.k IS NULL)) > 0"
    f" THEN {_NO_KEY}"
    f" WHEN uniq AND len(list_distinct([e.k FOR e IN m])) < len(m) THEN {_SAME_KEYS}"
    " WHEN nulls THEN trino_json_unlike(m, ordered)"
    " ELSE trino_json_unlike(list_filter(m, lambda e: e.v IS NOT NULL), ordered) END",
)
macro(
    "trino_json_unlike",
    "(m, ordered) AS CASE WHEN len(list_distinct([e.k FOR e IN m])) < len(m) THEN CAST(trino_fail("
    "'NOT_SUPPORTED', 'cannot construct a JSON object with duplicate key') AS VARCHAR)"
    " ELSE trino_json_written(CASE WHEN ordered THEN m ELSE trino_java_map_order(m) END) END",
)


_EMITS: Final[dict[str, tuple[Emit, str]]] = {
    "json_exists": (_emit_exists, "Whether a path finds an item."),
    "json_value": (_emit_value, "The scalar that a path finds in JSON."),
    "json_query": (_emit_query, "The JSON that a path finds in JSON."),
    "json_object": (_emit_object, "A JSON object of keys and values."),
    "json_array": (_emit_array, "A JSON array of values."),
}
for _name, (_emission, _doc) in _EMITS.items():
    # The analyzer types these calls by their own syntax.
    scalar(_name, "(T, ...) -> varchar", sql=_emission, doc=_doc, strict=0)
scalar(
    "$json_decoded",
    "(varbinary, varchar) -> varchar",
    sql="trino_json_decoded({0}, {1})",
    doc="The text that FORMAT JSON ENCODING reads.",
)
scalar(
    "$json_encoded",
    "(varchar, varchar) -> varbinary",
    sql="trino_json_encoded({0}, {1})",
    doc="The bytes that FORMAT JSON ENCODING writes.",
)
