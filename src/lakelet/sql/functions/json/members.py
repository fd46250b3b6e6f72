"""SQL/JSON's paths of an object's members alone (`lax $.a.b`), which DuckDB follows by itself.

Where it would find another value than Trino, or Trino looks closer, the function in Python is
asked: texts that are no JSON in some place, escapes, a name that stands twice (Trino takes the last
member, DuckDB the first), numbers with a point, arrays on the way.
"""

import re
from typing import Final

from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.registry import Call, macro

_PATH: Final = re.compile(r"\s*lax\s*\$\s*((?:\.(?:[A-Za-z_]\w*|\"[A-Za-z_ ][\w -]*\"))+)\s*")
_MEMBER: Final = re.compile(r"\.\"?([^.\"]+)")
_WHOLE: Final = ("tinyint", "smallint", "integer", "bigint", "double", "real")

macro(
    "trino_json_named",
    "(x, name) AS (strlen(x) - strlen(replace(x, name, ''))) // strlen(name)",
)
macro(
    # Whether JSON as DuckDB wrote it is what Trino writes: no two members have one name.
    "trino_json_unchanged",
    "(v) AS NOT trino_json_rewritten(v) AND CASE strlen(v) - strlen(replace(v, '{', ''))"
    " WHEN 0 THEN true WHEN 1 THEN json_type(v) = 'OBJECT'"
    " AND list_unique(json_keys(v)) = len(json_keys(v)) ELSE false END",
)
macro("trino_json_simple", r"(x) AS NOT contains(x, '\') AND trino_json_sound(x)")


def members(call: Call) -> tuple[str, ...]:
    """The names that a constant path follows; none for a path of another kind."""
    path = call.constants[1]
    match = _PATH.fullmatch(path) if isinstance(path, str) and path.isascii() else None
    return tuple(_MEMBER.findall(match[1])) if match and len(call.arguments) == 5 else ()


def found(subject: str, names: tuple[str, ...], branches: str, absent: str, slow: str) -> str:
    """What an expression says of the value at a path: `branches` by its type, `absent` where no
    member has one of the names, else `slow`. In them `{type}` is DuckDB's word for the type,
    `{text}` the text of a scalar, `{json}` that of JSON, `{slow}` the last resort."""
    at = f"{subject}, {quote('/' + '/'.join(names))}"
    counts = [
        f"trino_json_named({subject}, {quote(f'{chr(34)}{name}{chr(34)}')})" for name in names
    ]
    none = " OR ".join(f"{count} = 0" for count in dict.fromkeys(counts))
    once = " AND ".join(f"{count} = 1" for count in counts)
    known = branches.format(
        type=f"json_type({at})",
        text=f"json_extract_string({at})",
        json=f"CAST(json_extract({at}) AS VARCHAR)",
        slow=slow,
    )
    return (
        f"CASE WHEN {subject} IS NULL THEN NULL WHEN NOT trino_json_simple({subject}) THEN {slow}"
        f" WHEN {none} THEN {absent} WHEN {once} THEN CASE {known} ELSE {slow} END ELSE {slow} END"
    )


def value_branches(returning: str) -> str:
    """JSON_VALUE's states of the scalars whose text is the one that Trino makes."""
    known = ["{type} = 'VARCHAR'"]
    if returning in ("varchar", *_WHOLE):
        # Numbers that a bigint surely holds; the others are none to Trino.
        known.append("({type} IN ('BIGINT', 'UBIGINT') AND strlen({text}) < 19)")
    if returning in ("varchar", "boolean"):
        known.append("{type} = 'BOOLEAN'")
    if returning in ("double", "real"):
        known.append("({type} = 'DOUBLE' AND regexp_matches({text}, '[.eE]'))")
    return (
        f"WHEN {' OR '.join(known)} THEN {state('value', '{text}')}"
        f" WHEN {{type}} = 'NULL' THEN {state('value', 'CAST(NULL AS VARCHAR)')}"
    )


QUERY_BRANCH: Final = (
    "WHEN {type} IS NOT NULL THEN coalesce(list_transform([{json}][1:1],"
    " lambda _v: CASE WHEN trino_json_unchanged(_v) THEN _v END)[1], {slow})"
)
"""JSON_QUERY's answer without a wrapper."""


def state(name: str, text: str) -> str:
    """SQL of what JSON_VALUE's function in Python answers."""
    return f"struct_pack(state := '{name}', text := {text})"
