"""Strings: their case, parts, padding and searching. Positions count code points."""

from typing import Any, Final

from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.registry import Call, Emit, macro, scalar, udf
from lakelet.sql.functions.vectorised import (
    by_kind,
    once,
    padded,
    refused,
    refused_by,
    rowwise,
    strict,
)

# Case, length and order ---------------------------------------------------------------------

# DuckDB's upper case of ß is ẞ; Java keeps it.
macro(
    "trino_upper",
    "(s) AS CASE WHEN contains(s, 'ß')"
    " THEN replace(upper(replace(s, 'ß', '\uffff')), '\uffff', 'ß') ELSE upper(s) END",
)
# DuckDB reverses graphemes, Trino code points.
macro(
    "trino_reverse",
    "(s) AS CASE WHEN strlen(s) = length(s) THEN reverse(s)"
    " ELSE array_to_string(list_reverse(string_split(s, '')), '') END",
)
macro(
    "trino_reverse_binary",
    "(b) AS unhex(array_to_string(list_reverse(regexp_extract_all(hex(b), '..')), ''))",
)

scalar(
    "lower",
    "(char(x)) -> char(x)",
    "(varchar(x)) -> varchar(x)",
    sql="lower({0})",
    doc="The string in lower case.",
)
scalar(
    "upper",
    "(char(x)) -> char(x)",
    "(varchar(x)) -> varchar(x)",
    sql=once("trino_upper"),
    doc="The string in upper case.",
)
scalar(
    "length",
    "(char(x)) -> bigint",
    "(varbinary) -> bigint",
    "(varchar(x)) -> bigint",
    sql=by_kind(
        varchar="length({0})",
        char=lambda call: f"length({padded(call)})",
        varbinary="octet_length({0})",
    ),
    doc="How many characters a string, or how many bytes a binary has.",
)
scalar(
    "reverse",
    "(array(E)) -> array(E)",
    "(char(x)) -> char(x)",
    "(varbinary) -> varbinary",
    "(varchar(x)) -> varchar(x)",
    sql=by_kind(
        array="list_reverse({0})",
        varchar=once("trino_reverse"),
        char=lambda call: f"rtrim(trino_reverse({padded(call)}), ' ')",
        varbinary="trino_reverse_binary({0})",
    ),
    doc="The elements, characters or bytes backwards.",
)

# Parts --------------------------------------------------------------------------------------

# A start below zero counts from the end; one outside of the string gives nothing.
macro(
    "trino_substr",
    "(s, i) AS CASE WHEN i > length(s) OR i = 0 OR i < -length(s) THEN left(s, 0)"
    " ELSE substring(s, i) END",
)
macro(
    "trino_substr_length",
    "(s, i, n) AS CASE WHEN i > length(s) OR i = 0 OR n <= 0 OR i < -length(s) THEN left(s, 0)"
    " ELSE substring(s, i, least(n, 2147483647)) END",
)
macro(
    "trino_substr_binary",
    "(b, i) AS CASE WHEN i = 0 OR i < -octet_length(b) THEN CAST('' AS BLOB)"
    " ELSE array_slice(b, i, octet_length(b)) END",
)
macro(
    "trino_substr_binary_length",
    "(b, i, n) AS CASE WHEN i = 0 OR n <= 0 OR i < -octet_length(b) THEN CAST('' AS BLOB)"
    " ELSE array_slice(b, CASE WHEN i < 0 THEN octet_length(b) + i + 1 ELSE i END,"
    " CASE WHEN i < 0 THEN octet_length(b) + i ELSE i - 1 END + n) END",
)


def _is_binary(call: Call) -> bool:
    return call.types[0].name == "varbinary"


def _substr(call: Call) -> str:
    arguments = (padded(call), *call.arguments[1:])
    name = "trino_substr"
    if _is_binary(call):
        name = "trino_substr_binary"
    elif all(isinstance(each, int) and 0 < each <= 2147483647 for each in call.constants[1:]):
        return f"substring({', '.join(arguments)})"
    name += "_length" if len(arguments) == 3 else ""
    return bound(arguments, lambda *each: f"{name}({', '.join(each)})")


_SUBSTR: Final = tuple(
    f"({subject}, bigint{length}) -> varchar(x)"
    for subject in ("char(x)", "varchar(x)")
    for length in ("", ", bigint")
)
_PART: Final = (
    "The part from a position (from 1, or below zero from the end), of a length if one is given."
)
scalar(
    "substr",
    "(varbinary, bigint) -> varbinary",
    "(varbinary, bigint, bigint) -> varbinary",
    *_SUBSTR,
    sql=strict(_substr),
    doc=_PART,
)
scalar("substring", *_SUBSTR, sql=strict(_substr), doc=_PART)

# Trimming and padding -----------------------------------------------------------------------

# What Java's Character.isWhitespace holds true of.
_BLANKS: Final = (
    "'\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009"
    "\u200a\u2028\u2029\u205f\u3000'"
)


# DuckDB looks for many characters one by one: first whether the ends are bare anyway, then whether
# blanks of the commonest kind alone are about them.
_BARE: Final = "[!-~]"
for _name, _ends, _blank in (
    ("trim", (1, -1), f" *{_BARE}(?s:.*{_BARE})? *"),
    ("ltrim", (1,), f" *{_BARE}(?s:.*)"),
    ("rtrim", (-1,), f"(?s:.*){_BARE} *"),
):
    _bare = " AND ".join(f"s[{i}] BETWEEN '!' AND '~'" for i in _ends)
    macro(
        f"trino_{_name}",
        f"(s) AS CASE WHEN {_bare} THEN s WHEN regexp_full_match(s, '{_blank}')"
        f" THEN {_name}(s, ' ') ELSE {_name}(s, {_BLANKS}) END",
    )


def _trim(name: str) -> Emit:
    def emit(call: Call) -> str:
        text, *characters = call.arguments
        if not characters:
            return once(f"trino_{name}")(call)
        trimmed = f"{name}({text}, {characters[0]})"
        # What a char loses may bare blanks, and it has none at its end.
        inner = call.types[0].name == "char" and name != "ltrim"
        return f"rtrim({trimmed}, ' ')" if inner else trimmed

    return emit


for _name, _where in {
    "trim": "at both ends",
    "ltrim": "at its beginning",
    "rtrim": "at its end",
}.items():
    scalar(
        _name,
        "(char(x)) -> varchar(x)",
        "(char(x), CodePoints) -> varchar(x)",
        "(varchar(x)) -> varchar(x)",
        "(varchar(x), CodePoints) -> varchar(x)",
        sql=_trim(_name),
        doc=f"The string without white space, or the characters given, {_where}.",
    )

_RANGE: Final = "Target length must be in the range [0..2147483647]"
# What a text of Trino's can hold at most, and how many code points fit into it for certain.
_SLICE: Final = 2_147_483_639
_CERTAIN: Final = _SLICE // 4


def _too_large(kind: str) -> str:
    message = f"'Cannot allocate slice larger than {_SLICE} bytes'"
    return refused_by(message, kind, "GENERIC_INTERNAL_ERROR")


_BYTES: Final = (
    "strlen(s) + (n - length(s)) // length(p) * strlen(p)"
    " + strlen(left(p, (n - length(s)) % length(p)))"
)
for _side, _joined in {"lpad": "{0} || b", "rpad": "b || {0}"}.items():
    macro(
        f"trino_{_side}",
        "(s, n, p) AS CASE WHEN s IS NULL OR p IS NULL THEN NULL"
        f" WHEN n NOT BETWEEN 0 AND 2147483647 THEN {refused(_RANGE, 'VARCHAR')}"
        f" WHEN p = '' THEN {refused('Padding string must not be empty', 'VARCHAR')}"
        f" WHEN n > {_CERTAIN} AND {_BYTES} > {_SLICE} THEN {_too_large('VARCHAR')}"
        f" ELSE {_side}(s, CAST(n AS INTEGER), p) END",
    )
    # What is constant is computed before its case is known to apply.
    _times = f"CASE WHEN n > {_SLICE} THEN 0 ELSE 1 + n // octet_length(p) END"
    _filling = f"array_slice(repeat(p, {_times}), 1, n - octet_length(b))"
    macro(
        f"trino_{_side}_binary",
        "(b, n, p) AS CASE WHEN b IS NULL OR p IS NULL THEN NULL"
        f" WHEN n NOT BETWEEN 0 AND 2147483647 THEN {refused(_RANGE, 'BLOB')}"
        f" WHEN octet_length(p) = 0 THEN {refused('Padding bytes must not be empty', 'BLOB')}"
        f" WHEN n > {_SLICE} AND octet_length(b) < n THEN {_too_large('BLOB')}"
        " WHEN n = 0 THEN CAST('' AS BLOB) WHEN n <= octet_length(b) THEN array_slice(b, 1, n)"
        f" ELSE {_joined.format(_filling)} END",
    )


def _pad(side: str) -> Emit:
    def emit(call: Call) -> str:
        name = f"trino_{side}_binary" if _is_binary(call) else f"trino_{side}"
        arguments = (padded(call), *call.arguments[1:])
        return bound(arguments, lambda *each: f"{name}({', '.join(each)})")

    return emit


scalar(
    "lpad",
    "(varbinary, bigint, varbinary) -> varbinary",
    "(char(x), bigint, varchar(y)) -> varchar",
    "(varchar(x), bigint, varchar(y)) -> varchar",
    sql=_pad("lpad"),
    doc="The string or binary filled at its beginning, or cut at its end, to a length.",
)
scalar(
    "rpad",
    "(varbinary, bigint, varbinary) -> varbinary",
    "(varchar(x), bigint, varchar(y)) -> varchar",
    sql=_pad("rpad"),
    doc="The string or binary filled or cut at its end to a length.",
)

# Searching and replacing --------------------------------------------------------------------

_NO_INSTANCE: Final = refused("'instance' must be a positive or negative number.", "BIGINT")
macro(
    "trino_strpos",
    "(s, p, n) AS CASE WHEN s IS NULL OR p IS NULL OR n IS NULL THEN NULL"
    f" WHEN n = 0 THEN {_NO_INSTANCE} WHEN p = '' THEN 1"
    " ELSE coalesce(list_filter(range(1, length(s) - length(p) + 2),"
    " lambda i: substring(s, i, length(p)) = p)[n], 0) END",
)


def _strpos(call: Call) -> str:
    if len(call.arguments) == 2 or call.constants[2] == 1:
        return f"strpos({call.arguments[0]}, {call.arguments[1]})"
    return once("trino_strpos")(call)


scalar(
    "strpos",
    "(varchar(x), varchar(y)) -> bigint",
    "(varchar(x), varchar(y), bigint) -> bigint",
    sql=_strpos,
    doc="Where a string stands in another, the first or the nth time (below zero: from the end);"
    " 0 when it does not.",
)
scalar(
    "index",
    "(varchar, varchar) -> bigint",
    sql="strpos({0}, {1})",
    doc="Where a string first stands in another; 0 when it does not.",
)
scalar(
    "starts_with",
    "(varchar(x), varchar(y)) -> boolean",
    sql="starts_with({0}, {1})",
    doc="Whether a string begins with another.",
)

macro(
    "trino_replace",
    "(s, p, r) AS CASE WHEN p = '' THEN r || CASE WHEN s = '' THEN '' ELSE"
    " array_to_string(list_transform(string_split(s, ''), lambda c: c || r), '') END"
    " ELSE replace(s, p, r) END",
)


def _replace(call: Call) -> str:
    if len(call.arguments) == 2:
        return f"replace({call.arguments[0]}, {call.arguments[1]}, '')"
    if isinstance(call.constants[1], str) and call.constants[1]:
        return f"replace({', '.join(call.arguments)})"
    return once("trino_replace")(call)


scalar(
    "replace",
    "(varchar(x), varchar(y)) -> varchar(x)",
    "(varchar(x), varchar(y), varchar(z)) -> varchar(min(2147483647, x + z * (x + 1)))",
    sql=_replace,
    doc="The string with every instance of another removed or replaced.",
)
scalar(
    "translate",
    "(varchar(x), varchar(y), varchar(z)) -> varchar",
    sql="translate({0}, {1}, {2})",
    doc="The string with each character of a list replaced by its counterpart, or removed.",
)

# Characters ---------------------------------------------------------------------------------

_NO_CODE_POINT: Final = refused_by("'Not a valid Unicode code point: ' || n", "VARCHAR")
macro(
    "trino_chr",
    f"(n) AS CASE WHEN n NOT BETWEEN 0 AND 1114111 OR n BETWEEN 55296 AND 57343"
    f" THEN {_NO_CODE_POINT} ELSE chr(CAST(n AS INTEGER)) END",
)
macro(
    "trino_codepoint",
    "(s) AS CASE WHEN s = '' THEN"
    f" {refused('Input string must be a single character string', 'INTEGER')}"
    " ELSE unicode(s) END",
)
scalar(
    "chr",
    "(bigint) -> varchar(1)",
    sql=once("trino_chr"),
    doc="The character of a Unicode code point.",
)
scalar(
    "codepoint",
    "(varchar(1)) -> integer",
    sql=once("trino_codepoint"),
    doc="The Unicode code point of a character.",
)


def _load_normalize() -> Any:
    from unicodedata import normalize

    return rowwise(lambda text, form: normalize(form, text), "string")


udf("trino_normalize", _load_normalize, ("VARCHAR", "VARCHAR"), "VARCHAR")


def _normalize(call: Call) -> str:
    if call.constants[1] == "NFC":
        return f"nfc_normalize({call.arguments[0]})"
    return f"trino_normalize({', '.join(call.arguments)})"


scalar(
    "normalize",
    "(varchar(x), varchar(y)) -> varchar",
    sql=_normalize,
    doc="The string in a Unicode normalization form (NFC, NFD, NFKC, NFKD).",
)
