"""URLs: their parts, as java.net.URI finds them, and their percent encoding."""

import re
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.registry import Call, macro, scalar, udf
from lakelet.sql.functions.vectorised import once, rowwise

# The grammar of java.net.URI: RFC 2396 with brackets, and other characters than ASCII's that are
# neither blank nor control.
_OTHER: Final = r"[^\x00-\x{9F}\pZ]"
_ESCAPED: Final = "%[0-9A-Fa-f]{2}"


def _of(characters: str) -> str:
    return rf"(?:[A-Za-z0-9_.!~()*\x27{characters}-]|{_ESCAPED}|{_OTHER})"


_IPV6: Final = r"\[[0-9A-Fa-f:.]+(?:%[0-9A-Za-z]+)?\]"
_PATH: Final = _of(":@&=+$,;/")
_URIC: Final = _of(r";/?:@&=+$,\[\]")
_USER: Final = _of(";:&=+$,")
_AUTHORITY: Final = rf"(?:{_of('$,;:@&=+')}+|(?:{_USER}*@)?{_IPV6}(?::[0-9]*)?)"
_SCHEME: Final = "[A-Za-z][A-Za-z0-9+.-]*"
_QUERY: Final = rf"(?:\?(?:{_URIC})*)?"
_HIERARCHY: Final = rf"(?://{_AUTHORITY}(?:/{_PATH}*)?|///{_PATH}*|/(?:{_of(':@&=+$,;')}{_PATH}*)?)"
_FIRST: Final = rf"{_of('@&=+$,;')}+"
# An authority may only be empty before something.
_NO_AUTHORITY: Final = rf"//(?:\?{_URIC}*(?:#{_URIC}*)?|#{_URIC}*)"
_URI: Final = (
    rf"(?:{_SCHEME}:)?{_NO_AUTHORITY}"
    rf"|(?:{_SCHEME}:(?:{_HIERARCHY}{_QUERY}|{_of(';?:@&=+$,')}{_URIC}*)"
    rf"|(?:{_HIERARCHY}|{_FIRST}(?:/{_PATH}*)?)?{_QUERY})(?:#{_URIC}*)?"
)

_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_TOP: Final = "[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_BYTE: Final = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_HOST: Final = rf"(?:{_LABEL}\.)*{_TOP}\.?|{_BYTE}\.{_BYTE}\.{_BYTE}\.{_BYTE}|{_IPV6}"
_NAMED: Final = rf"(?:{_LABEL}\.)*{_TOP}(?::[0-9]{{0,9}})?"
"""A host's name, and its port or none."""
_SERVER: Final = rf"(?:{_USER}*@)?({_HOST})(?::([0-9]{{0,9}}))?"


# Parts of a URI that is one; each is empty when it is missing.
macro("trino_is_uri", f"(s) AS regexp_full_match(s, {quote(_URI)})")
macro("trino_url_scheme", rf"(s) AS regexp_extract(s, '^({_SCHEME}):', 1)")
macro(
    "trino_url_authority",
    rf"(s) AS regexp_extract(s, '^(?:{_SCHEME}:)?//([^/?#]*)', 1)",
)
macro(
    "trino_url_raw_path",
    rf"(s) AS CASE WHEN regexp_matches(s, '^{_SCHEME}:[^/]') THEN ''"
    rf" ELSE regexp_replace(regexp_extract(s, '^[^?#]*'), '^(?:{_SCHEME}:)?(?://[^/]*)?', '') END",
)
macro(
    "trino_url_raw_query",
    rf"(s) AS CASE WHEN regexp_matches(s, '^{_SCHEME}:[^/]') THEN ''"
    r" ELSE regexp_replace(split_part(s, '#', 1), '^[^?]*\??', '') END",
)
macro(
    "trino_url_server",
    f"(s, part) AS CASE WHEN regexp_full_match(trino_url_authority(s), {quote(_NAMED)})"
    " THEN split_part(trino_url_authority(s), ':', part)"
    f" WHEN regexp_full_match(trino_url_authority(s), {quote(_SERVER)})"
    f" THEN regexp_extract(trino_url_authority(s), {quote('^' + _SERVER + '$')}, part) ELSE '' END",
)


def unescaped(text: str) -> str:
    """Without its escapes, of which Java takes half a surrogate pair for one wrong character."""
    from urllib.parse import unquote

    return unquote(_SURROGATE.sub("%EF%BF%BD", text), errors="replace")


_SURROGATE: Final = re.compile("%[Ee][Dd]%[ABab][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]")


def _load_unescaped() -> Any:
    return rowwise(unescaped, "string")


def _load_decode() -> Any:
    def decode(text: str) -> str:
        _check_escapes(text)
        return unescaped(text.replace("+", " "))

    return rowwise(decode, "string")


def _check_escapes(text: str) -> None:
    """Refuses what Java's URLDecoder refuses."""
    at = text.find("%")
    while at >= 0:
        digits = text[at + 1 : at + 3]
        if len(digits) < 2:
            raise TrinoError(
                "INVALID_FUNCTION_ARGUMENT",
                "URLDecoder: Incomplete trailing escape (%) pattern",
            )
        for digit in digits:
            if digit not in "0123456789abcdefABCDEF":
                raise TrinoError(
                    "INVALID_FUNCTION_ARGUMENT",
                    "URLDecoder: Illegal hex characters in escape (%) pattern"
                    f' - not a hexadecimal digit: "{digit}" = {ord(digit)}',
                )
        at = text.find("%", at + 3)


udf("trino_percent_decode", _load_unescaped, ("VARCHAR",), "VARCHAR")
udf("trino_form_decode", _load_decode, ("VARCHAR",), "VARCHAR")
# Escapes of whole characters, in the bytes of UTF-8: DuckDB decodes these, Python all others.
_NEXT: Final = "%[89ABab][0-9A-Fa-f]"
_DECODED: Final = (
    r"(?:[^%]|%0[1-9A-Fa-f]|%[1-7][0-9A-Fa-f]"
    rf"|%(?:[Cc][2-9A-Fa-f]|[Dd][0-9A-Fa-f]){_NEXT}"
    rf"|%(?:[Ee]0%[ABab][0-9A-Fa-f]|[Ee][1-9A-CEFa-cef]{_NEXT}|[Ee][Dd]%[89][0-9A-Fa-f]){_NEXT}"
    rf"|%(?:[Ff]0%[9ABab][0-9A-Fa-f]|[Ff][1-3]{_NEXT}|[Ff]4%8[0-9A-Fa-f]){_NEXT}{_NEXT})*"
)
macro("trino_url_is_plain", f"(s) AS regexp_full_match(s, {quote(f'(?s){_DECODED}')})")
macro(
    "trino_unescaped",
    "(s) AS CASE WHEN NOT contains(s, '%') THEN s"
    " WHEN trino_url_is_plain(s) THEN url_decode(s) ELSE trino_percent_decode(s) END",
)
macro(
    "trino_url_decode",
    "(s) AS CASE WHEN NOT contains(s, '%') THEN replace(s, '+', ' ')"
    " WHEN trino_url_is_plain(s) THEN url_decode(replace(s, '+', ' '))"
    " ELSE trino_form_decode(s) END",
)
macro(
    "trino_url_form_value",
    "(s) AS CASE WHEN NOT contains(s, '%') THEN replace(s, '+', ' ')"
    " WHEN trino_url_is_plain(s) THEN url_decode(replace(s, '+', ' '))"
    " ELSE trino_percent_decode(replace(s, '+', ' ')) END",
)
macro(
    "trino_url_encode",
    "(s) AS CASE WHEN regexp_full_match(s, '[A-Za-z0-9_.*-]*') THEN s ELSE"
    " replace(replace(replace(url_encode(s), '%20', '+'), '%2A', '*'), '~', '%7E') END",
)


def _unescaped(raw: str) -> str:
    return bound((raw,), "trino_unescaped({})".format, once=True)


for _part, _found in {
    "protocol": "trino_url_scheme(s)",
    "host": "trino_url_server(s, 1)",
    "path": _unescaped("trino_url_raw_path(s)"),
    "query": _unescaped("trino_url_raw_query(s)"),
    "fragment": _unescaped("regexp_replace(s, '^[^#]*#?', '')"),
    "port": "TRY_CAST(trino_url_server(s, 2) AS BIGINT)",
}.items():
    macro(f"trino_url_extract_{_part}", f"(s) AS CASE WHEN trino_is_uri(s) THEN {_found} END")
    scalar(
        f"url_extract_{_part}",
        f"(varchar(x)) -> {'bigint' if _part == 'port' else 'varchar(x)'}",
        sql=once(f"trino_url_extract_{_part}"),
        doc=f"The {_part} of a URL; NULL when it is none.",
    )
macro(
    "trino_url_extract_parameter",
    "(s, n) AS CASE WHEN trino_is_uri(s) THEN trino_url_parameter(trino_url_raw_query(s), n) END",
)
# Of a query's first parameter of a name, by a pattern: NULL when there is none.
macro(
    "trino_url_parameter_by",
    "(q, pattern) AS CASE WHEN regexp_matches(q, pattern) THEN regexp_extract(q, pattern, 1) END",
)


def _load_parameter() -> Any:
    def parameter(query: str, wanted: str) -> str | None:
        for each in query.split("&"):
            name, _, value = each.partition("=")
            if each and name == wanted:
                return unescaped(value.replace("+", " "))
        return None

    return rowwise(parameter, "string")


def _emit_parameter(call: Call) -> str:
    name = call.constants[1]
    if not isinstance(name, str) or not re.fullmatch(r"[\w.-]+", name, re.ASCII):
        return once("trino_url_extract_parameter")(call)
    pattern = quote(f"(?:^|&){re.escape(name)}(?:=([^&]*))?(?:&|$)")

    def body(url: str) -> str:
        value = f"trino_url_parameter_by(trino_url_raw_query({url}), {pattern})"
        decoded = bound((value,), "trino_url_form_value({})".format, once=True)
        return f"CASE WHEN trino_is_uri({url}) THEN {decoded} END"

    return bound(call.arguments[:1], body)


udf("trino_url_parameter", _load_parameter, ("VARCHAR", "VARCHAR"), "VARCHAR", total=True)
scalar(
    "url_extract_parameter",
    "(varchar(x), varchar(y)) -> varchar(x)",
    sql=_emit_parameter,
    doc="The first parameter of a name in a URL's query; NULL when there is none.",
)
scalar(
    "url_decode",
    "(varchar(x)) -> varchar(x)",
    sql=once("trino_url_decode"),
    doc="The string without its percent encoding.",
)
scalar(
    "url_encode",
    "(varchar(x)) -> varchar(min(2147483647, x * 12))",
    sql=once("trino_url_encode"),
    doc="The string percent-encoded, as a form's value.",
)
