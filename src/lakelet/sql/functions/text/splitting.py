"""Strings taken apart at delimiters, into lists and maps, and joined again."""

from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.binding import bound, row_by_row
from lakelet.sql.functions.registry import Call, macro, scalar
from lakelet.sql.functions.vectorised import once, refused, refused_by

# DuckDB's array_to_string wants a separator that is a constant.
macro(
    "trino_join_by",
    "(a, d) AS array_to_string(list_transform(list_filter(a, lambda e: e IS NOT NULL),"
    " lambda e, i: CASE WHEN i = 1 THEN e ELSE d || e END), '')",
)


def joined(parts: str, separator: str, constant: object) -> str:
    """The texts of a list that are not NULL, a separator between them; NULL of a NULL list.

    `constant` is the separator's value where it has one (as in `Call.constants`).
    """
    name = "array_to_string" if isinstance(constant, str) else "trino_join_by"
    return f"CASE WHEN {parts} IS NOT NULL THEN coalesce({name}({parts}, {separator}), '') END"


_NO_DELIMITER: Final = refused("The delimiter may not be the empty string", "VARCHAR[]")
macro(
    "trino_split",
    f"(s, d) AS CASE WHEN d = '' AND s IS NOT NULL THEN {_NO_DELIMITER}"
    " WHEN d IS NOT NULL THEN string_split(s, d) END",
)
macro(
    "trino_split_limit",
    "(s, d, n) AS CASE WHEN s IS NULL OR d IS NULL OR n IS NULL THEN NULL"
    f" WHEN n <= 0 THEN {refused('Limit must be positive', 'VARCHAR[]')}"
    f" WHEN n > 2147483647 THEN {refused('Limit is too large', 'VARCHAR[]')}"
    f" WHEN d = '' THEN {_NO_DELIMITER}"
    " WHEN len(string_split(s, d)) <= n THEN string_split(s, d)"
    " ELSE array_append(string_split(s, d)[:n - 1], trino_join_by(string_split(s, d)[n:], d))"
    " END",
)
_LOW_INDEX: Final = refused("Index must be greater than zero", "VARCHAR")
macro(
    "trino_split_part",
    "(s, d, n) AS CASE WHEN s IS NULL OR d IS NULL OR n IS NULL THEN NULL"
    f" WHEN n <= 0 THEN {_LOW_INDEX}"
    " WHEN d = '' THEN nullif(substring(s, least(n, 2147483647), 1), '')"
    " ELSE string_split(s, d)[n] END",
)


def _split(call: Call) -> str:
    if len(call.arguments) == 3:
        return once("trino_split_limit")(call)
    if isinstance(call.constants[1], str) and call.constants[1]:
        return f"string_split({call.arguments[0]}, {call.arguments[1]})"
    return once("trino_split")(call)


scalar(
    "split",
    "(varchar(x), varchar(y)) -> array(varchar(x))",
    "(varchar(x), varchar(y), bigint) -> array(varchar(x))",
    sql=_split,
    doc="The parts of a string between delimiters; with a limit the last part is the rest.",
)
scalar(
    "split_part",
    "(varchar(x), varchar(y), bigint) -> varchar(x)",
    sql=once("trino_split_part"),
    doc="The nth part of a string between delimiters; NULL when there are fewer.",
)


def _entries(kind: str, quote: str, made: str) -> str:
    """A macro's text that splits a string into entries `e`, checks them and makes a map."""
    checks = {
        "s IS NULL OR d IS NULL OR k IS NULL": "NULL",
        "d = ''": refused("entryDelimiter is empty", kind),
        "k = ''": refused("keyValueDelimiter is empty", kind),
        "d = k": refused("entryDelimiter and keyValueDelimiter must not be the same", kind),
        "s = ''": f"CAST(MAP {{}} AS {kind})",
    }
    cases = " ".join(f"WHEN {when} THEN {then}" for when, then in checks.items())
    entries = (
        "list_transform(CASE WHEN ends_with(s, d) THEN string_split(s, d)[:-2]"
        " ELSE string_split(s, d) END, lambda t: string_split(t, k))"
    )
    bad = refused_by(
        f"'Key-value delimiter must appear exactly once in each entry. Bad input: {quote}'"
        f" || trino_join_by(list_filter(e, lambda x: len(x) <> 2)[1], k) || '{quote}'",
        kind,
    )
    return (
        f"(s, d, k) AS CASE {cases} ELSE list_transform({row_by_row(entries)}, lambda e:"
        f" CASE WHEN len(list_filter(e, lambda x: len(x) <> 2)) > 0 THEN {bad} {made} END)[1] END"
    )


_KEYS: Final = "list_transform(e, lambda x: x[1])"
_TWICE: Final = refused_by(
    "'Duplicate keys (' || list_filter(e, lambda x, i:"
    f" list_position({_KEYS}, x[1]) <> i)[1][1] || ') are not allowed'",
    "MAP(VARCHAR, VARCHAR)",
)
macro(
    "trino_split_to_map",
    _entries(
        "MAP(VARCHAR, VARCHAR)",
        "''",
        f"WHEN len(list_distinct({_KEYS})) < len(e) THEN {_TWICE}"
        f" ELSE map({_KEYS}, list_transform(e, lambda x: x[2]))",
    ),
)
macro(
    "trino_split_to_multimap",
    _entries(
        "MAP(VARCHAR, VARCHAR[])",
        "",
        f"ELSE trino_multimap({_KEYS}, {_KEYS}, list_transform(e, lambda x: x[2]))",
    ),
)
scalar(
    "split_to_map",
    "(varchar, varchar, varchar) -> map(varchar, varchar)",
    sql=once("trino_split_to_map"),
    doc="The map of entries, each a key and a value with a delimiter between them.",
)
scalar(
    "split_to_multimap",
    "(varchar, varchar, varchar) -> map(varchar, array(varchar))",
    sql=once("trino_split_to_multimap"),
    doc="The map of entries in which a key that comes again keeps all its values.",
)


def _concat_ws(call: Call) -> str:
    separator, *parts = call.arguments
    if call.constants[0] is None:
        return "CAST(NULL AS VARCHAR)"
    if not parts:
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", "There must be two or more arguments")
    array = call.types[1].name == "array"
    texts = parts[0] if array else f"[{', '.join(parts)}]"
    if isinstance(call.constants[0], str):
        return bound((texts,), lambda a: joined(a, separator, call.constants[0]))
    return bound(
        (texts, separator),
        lambda a, d: f"CASE WHEN {d} IS NOT NULL THEN {joined(a, d, call.constants[0])} END",
    )


scalar(
    "concat_ws",
    "(varchar, array(varchar)) -> varchar",
    "(varchar, varchar, ...) -> varchar",
    sql=_concat_ws,
    doc="The strings that are not NULL, with a separator between them.",
    strict=1,
)
