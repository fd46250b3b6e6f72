"""The macros that casts from and to JSON are made of. JSON is Trino's canonical text."""

from typing import Any, Final

from lakelet.sql.functions.registry import macro, udf

# To JSON -------------------------------------------------------------------------------------


def _load_string() -> Any:
    import pyarrow

    from lakelet.types.json import dump

    def strings(texts: Any) -> Any:
        return pyarrow.array(
            [None if each is None else dump(each) for each in texts.to_pylist()], pyarrow.string()
        )

    return strings


udf("trino_json_wide_string", _load_string, ("VARCHAR",), "VARCHAR")
# Characters beyond 16 bits are written as two escapes, as Jackson does.
macro(
    "trino_json_string",
    r"(s) AS CASE WHEN regexp_matches(s, '[\x{10000}-\x{10FFFF}]')"
    " THEN trino_json_wide_string(s) ELSE CAST(to_json(s) AS VARCHAR) END",
)
macro(
    "trino_json_double",
    "(x) AS CASE WHEN isfinite(x) THEN trino_java_double(x)"
    " ELSE '\"' || trino_java_double(x) || '\"' END",
)
macro(
    "trino_json_array",
    "(parts) AS '[' || array_to_string(list_transform(parts, lambda e: coalesce(e, 'null')), ',')"
    " || ']'",
)
# Members are structs of k and v.
macro(
    "trino_json_written",
    "(parts) AS '{' || array_to_string(list_transform(parts,"
    " lambda e: trino_json_string(e.k) || ':' || coalesce(e.v, 'null')), ',') || '}'",
)
macro("trino_json_object", "(parts) AS trino_json_written(list_sort(parts))")

# From JSON -----------------------------------------------------------------------------------


def _refused(kind: str, name: str) -> str:
    return (
        "CAST(trino_fail('INVALID_CAST_ARGUMENT', 'Cannot cast ''' || s || ''' to "
        f"{name}') AS {kind})"
    )


macro("trino_json_is_real", "(s) AS regexp_matches(s, '[.eE]')")
# The text of a JSON string; NULL for JSON's null.
macro("trino_json_text", "(s) AS json_extract_string(s, '$')")

_INTEGERS: Final = ("tinyint", "smallint", "integer", "bigint")

for _name in _INTEGERS:
    _kind = _name.upper()
    macro(
        f"trino_json_to_{_name}",
        f"(s) AS CASE s[1] WHEN '\"' THEN trino_varchar_to_{_name}(trino_json_text(s))"
        f" WHEN 'n' THEN NULL WHEN 't' THEN CAST(1 AS {_kind}) WHEN 'f' THEN CAST(0 AS {_kind})"
        f" WHEN '[' THEN {_refused(_kind, _name)} WHEN '{{' THEN {_refused(_kind, _name)}"
        f" ELSE coalesce(CASE WHEN trino_json_is_real(s)"
        f" THEN TRY_CAST(round(CAST(s AS DOUBLE)) AS {_kind}) ELSE TRY_CAST(s AS {_kind}) END,"
        f" CASE WHEN s IS NOT NULL THEN {_refused(_kind, _name)} END) END",
    )
for _name, _kind in {"double": "DOUBLE", "real": "FLOAT"}.items():
    macro(
        f"trino_json_to_{_name}",
        f"(s) AS CASE s[1] WHEN '\"' THEN trino_varchar_to_{_name}(trino_json_text(s))"
        f" WHEN 'n' THEN NULL WHEN 't' THEN CAST(1 AS {_kind}) WHEN 'f' THEN CAST(0 AS {_kind})"
        f" WHEN '[' THEN {_refused(_kind, _name)} WHEN '{{' THEN {_refused(_kind, _name)}"
        f" ELSE CAST(s AS {_kind}) END",
    )
macro(
    "trino_json_to_boolean",
    "(s) AS CASE s[1] WHEN '\"' THEN trino_varchar_to_boolean(trino_json_text(s))"
    " WHEN 'n' THEN NULL WHEN 't' THEN true WHEN 'f' THEN false"
    f" WHEN '[' THEN {_refused('BOOLEAN', 'boolean')}"
    f" WHEN '{{' THEN {_refused('BOOLEAN', 'boolean')}"
    " ELSE CASE WHEN NOT trino_json_is_real(s) AND TRY_CAST(s AS BIGINT) IS NULL THEN"
    f" {_refused('BOOLEAN', 'boolean')} ELSE CAST(s AS DOUBLE) <> 0 END END",
)
macro(
    "trino_json_to_varchar",
    "(s) AS CASE s[1] WHEN '\"' THEN trino_json_text(s) WHEN 'n' THEN NULL"
    f" WHEN '[' THEN {_refused('VARCHAR', 'varchar')}"
    f" WHEN '{{' THEN {_refused('VARCHAR', 'varchar')}"
    " WHEN 't' THEN s WHEN 'f' THEN s ELSE CASE WHEN trino_json_is_real(s)"
    " THEN trino_double_to_varchar(CAST(s AS DOUBLE)) ELSE s END END",
)
# What a decimal is read from; NULL for JSON's null.
macro(
    "trino_json_number_text",
    "(s) AS CASE s[1] WHEN '\"' THEN trino_json_text(s) WHEN 'n' THEN NULL WHEN 't' THEN '1'"
    " WHEN 'f' THEN '0' ELSE s END",
)
# DuckDB writes numbers in a form of its own when it takes a value out of an array or object.
macro(
    "trino_json_member",
    r"(s) AS CASE WHEN regexp_full_match(s, '-?[0-9].*[.eE].*')"
    " THEN trino_json_double(CAST(s AS DOUBLE)) ELSE s END",
)
# Java's BigDecimal has an exponent where more than six zeros follow the point.
macro(
    "trino_big_decimal",
    "(t, scale) AS CASE WHEN length(t) >= 9 AND starts_with(ltrim(t, '-'), '0.000000')"
    " THEN trino_scientific_decimal(CASE WHEN t[1] = '-' THEN '-' ELSE '' END,"
    " coalesce(nullif(ltrim(t, '-0.'), ''), '0'), scale) ELSE t END",
)
macro(
    "trino_scientific_decimal",
    "(sign, digits, scale) AS CASE WHEN length(digits) - 1 - scale >= -6"
    " THEN sign || '0.' || repeat('0', CAST(scale - length(digits) AS BIGINT)) || digits"
    " ELSE sign || digits[1] || CASE WHEN length(digits) > 1 THEN '.' || digits[2:] ELSE '' END"
    " || 'E' || (length(digits) - 1 - scale) END",
)
macro(
    "trino_json_elements",
    "(s, type) AS CASE s[1] WHEN 'n' THEN NULL WHEN '[' THEN"
    " list_transform(from_json(s, '[\"JSON\"]'),"
    " lambda e: coalesce(trino_json_member(CAST(e AS VARCHAR)), 'null'))"
    " ELSE CASE WHEN s IS NOT NULL THEN CAST(trino_fail('INVALID_CAST_ARGUMENT', 'Cannot cast to '"
    " || type || '. Expected a json array, but got ' || CASE WHEN s[1] = '{' THEN '{' ELSE s END"
    " || chr(10) || s) AS VARCHAR[]) END END",
)
_WHOLE: Final = "0|-?[1-9][0-9]{{0,{}}}|null"
_ARRAYS: Final = {
    "varchar": r'"[^"\\]*"|true|false|' + _WHOLE.format(17),
    "bigint": _WHOLE.format(17),
    "integer": _WHOLE.format(8),
    "double": r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}|" + _WHOLE.format(14),
}
"""Elements that DuckDB reads as the casts do, by the type that they are cast to."""
for _name, _element in _ARRAYS.items():
    macro(
        f"trino_json_{_name}s",
        f"(s) AS CASE WHEN regexp_full_match(s, '\\[(?:(?:{_element})(?:,(?:{_element}))*)?\\]')"
        f" THEN from_json(s, '[\"{_name.upper()}\"]') END",
    )
macro(
    "trino_json_members",
    "(s, type) AS CASE s[1] WHEN 'n' THEN NULL WHEN '{' THEN"
    " list_transform(map_entries(from_json(s, '\"MAP(VARCHAR, JSON)\"')),"
    " lambda e: struct_pack(k := e.key,"
    " v := coalesce(trino_json_member(CAST(e.value AS VARCHAR)), 'null')))"
    " ELSE CASE WHEN s IS NOT NULL THEN CAST(trino_fail('INVALID_CAST_ARGUMENT', 'Cannot cast to '"
    " || type || '. Expected a json object, but got ' || CASE WHEN s[1] = '[' THEN '[' ELSE s END"
    " || chr(10) || s) AS STRUCT(k VARCHAR, v VARCHAR)[]) END END",
)
macro(
    "trino_json_keys_are_lower",
    "(s) AS CAST(json_keys(s) AS VARCHAR) = lower(CAST(json_keys(s) AS VARCHAR))",
)
macro("trino_json_at", "(s, paths) AS CAST(json_extract(s, paths) AS VARCHAR[])")
macro(
    # As `trino_json_row`, with the members' pointers: no other name differs by its case alone.
    "trino_json_row_at",
    "(s, type, names, paths) AS CASE WHEN s[1] = '{' AND trino_json_keys_are_lower(s)"
    " THEN list_transform(trino_json_at(s, paths), lambda e: trino_json_member(e))"
    " ELSE trino_json_row(s, type, names) END",
)
macro(
    # Whether a row's members, each of which stands once, are the same in a text as in its canonical
    # form, for none is an object.
    "trino_json_is_row_of",
    "(s, paths) AS s[1] = '{' AND trino_json_sound(s)"
    " AND CASE WHEN json_valid(s) THEN trino_json_keys_are_lower(s)"
    " AND NOT contains(array_to_string(trino_json_at(s, paths), ''), '{') END",
)
macro(
    "trino_json_row",
    "(s, type, names) AS CASE s[1] WHEN 'n' THEN NULL WHEN '{' THEN CASE WHEN names[1] = '' THEN"
    " CAST(trino_fail('INVALID_CAST_ARGUMENT', 'Cannot cast to ' || type || '. Cannot cast a JSON"
    " object to anonymous row type. Input must be a JSON array.' || chr(10) || s) AS VARCHAR[])"
    " ELSE list_transform([trino_json_members(s, type)][1:1], lambda ms:"
    " list_transform(names, lambda n: list_transform("
    "[list_filter(ms, lambda m: lower(m.k) = n)][1:1], lambda f: CASE WHEN len(f) > 1 THEN"
    " CAST(trino_fail('INVALID_CAST_ARGUMENT', 'Cannot cast to ' || type || '. Duplicate field: '"
    " || n || chr(10) || s) AS VARCHAR) ELSE f[1].v END)[1]))[1] END"
    " WHEN '[' THEN list_transform([trino_json_elements(s, type)][1:1], lambda es:"
    " CASE WHEN len(es) = len(names) THEN es ELSE CAST(trino_fail('INVALID_CAST_ARGUMENT',"
    " 'Cannot cast to ' || type || '. Unexpected number of fields' || chr(10) || s) AS VARCHAR[])"
    " END)[1] ELSE CASE WHEN s IS NOT NULL THEN CAST(trino_fail('INVALID_CAST_ARGUMENT',"
    " 'Cannot cast to ' || type || '. Expected a json array or object, but got ' || s || chr(10)"
    " || s) AS VARCHAR[]) END END",
)
