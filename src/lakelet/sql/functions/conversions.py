"""The macros that casts are made of: texts to values and back; those of dates and times are in
`datetime.conversions`.

A macro that parses a text gives NULL for a NULL and raises Trino's error for what is no such value.
"""

from typing import Any, Final

from lakelet.sql.functions.registry import macro, udf
from lakelet.sql.functions.vectorised import of_distinct


def refused_value(kind: str, before: str, after: str = "", value: str = "s") -> str:
    """A NULL of a type that raises, where there is a value, with the value between two texts."""
    message = f"'{before}' || {value}" + (f" || '{after}'" if after else "")
    failing = f"trino_fail('INVALID_CAST_ARGUMENT', {message})"
    return f"CAST(CASE WHEN s IS NOT NULL THEN {failing} END AS {kind})"


def reading(name: str, read: str, refusal: str) -> None:
    """Registers `trino_NAME(s)`, which refuses a text that is no such value, and
    `trino_try_NAME(s)`, which answers NULL: a TRY about the first would go through its rows one by
    one as soon as it meets such a text."""
    # What is asked of Python is asked for NULLs too, unless none comes to it.
    macro(f"trino_try_{name}", f"(s) AS CASE WHEN s IS NOT NULL THEN {read} END")
    macro(f"trino_{name}", f"(s) AS coalesce(trino_try_{name}(s), {refusal})")


def _to(name: str) -> str:
    return f"'' to {name}"


_CANNOT: Final = "Cannot cast ''"

# Texts to numbers and booleans ---------------------------------------------------------------

# Java reads the digits of every script: full-width, Arabic, Persian, Devanagari, Bengali, Thai.
_DIGITS: Final = "".join(
    chr(zero + digit) for zero in (0xFF10, 0x660, 0x6F0, 0x966, 0x9E6, 0xE50) for digit in range(10)
)
macro("trino_ascii_digits", f"(s) AS translate(s, '{_DIGITS}', '{'0123456789' * 6}')")

_SPACE: Final = r"[\x00-\x20]*"

for _name, _type in {
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INT",
    "bigint": "BIGINT",
}.items():
    _pattern = rf"{_SPACE}[+-]?\p{{Nd}}+{_SPACE}"
    reading(
        f"varchar_to_{_name}",
        f"CASE WHEN regexp_full_match(s, '{_pattern}')"
        f" THEN coalesce(TRY_CAST(s AS {_name.upper()}),"
        f" TRY_CAST(trino_ascii_digits(s) AS {_name.upper()})) END",
        refused_value(_name.upper(), _CANNOT, _to(_type)),
    )

_DOUBLE: Final = rf"{_SPACE}[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?){_SPACE}"

_HEXADECIMAL: Final = (
    rf"{_SPACE}[+-]?0[xX]([0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+[fFdD]?{_SPACE}"
)

for _name, _type in {"double": "DOUBLE", "real": "FLOAT"}.items():
    # A number too large for the type is infinite, as Java parses it.
    reading(
        f"varchar_to_{_name}",
        f"coalesce(CASE WHEN regexp_full_match(s, '{_DOUBLE}') THEN coalesce("
        f"TRY_CAST(regexp_extract(s, '^{_SPACE}([^fFdD\\x00-\\x20]*|[+-]?Infinity)', 1)"
        f" AS {_type}),"
        f" CAST(CASE WHEN regexp_matches(s, '^{_SPACE}-') THEN '-inf' ELSE 'inf' END"
        f" AS {_type})) END, CASE WHEN regexp_full_match(s, '{_HEXADECIMAL}')"
        f" THEN CAST(trino_hexadecimal_double(s) AS {_type}) END)",
        refused_value(_type, _CANNOT, _to(_name.upper())),
    )


def _load_hexadecimal() -> Any:
    return of_distinct(lambda text: float.fromhex(text.strip().rstrip("fFdD")), "double")


udf("trino_hexadecimal_double", _load_hexadecimal, ("VARCHAR",), "DOUBLE")

macro(
    "trino_varchar_is_decimal",
    r"(s) AS regexp_full_match(s, '[+-]?(\p{Nd}+\.?\p{Nd}*|\.\p{Nd}+)([eE][+-]?\p{Nd}+)?')",
)
macro(
    "trino_bad_decimal",
    "(s, type) AS CASE WHEN s IS NOT NULL THEN trino_fail('INVALID_CAST_ARGUMENT',"
    " 'Cannot cast VARCHAR ''' || s || ''' to ' || type || CASE WHEN"
    " trino_varchar_is_decimal(s) THEN '. Value too large.'"
    " ELSE '. Value is not a number.' END) END",
)
reading(
    "varchar_to_boolean",
    "CASE WHEN lower(s) IN ('true', 't', '1') THEN true"
    " WHEN lower(s) IN ('false', 'f', '0') THEN false END",
    refused_value("BOOLEAN", _CANNOT, _to("BOOLEAN")),
)
reading(
    "varchar_to_uuid",
    "CASE WHEN length(s) = 36 THEN TRY_CAST(s AS UUID) END",
    refused_value("UUID", "Cannot cast value to UUID: "),
)

macro(
    "trino_int_bits_to_real",
    "(i) AS CAST(CASE WHEN (i & 2139095040) = 2139095040"
    " THEN CASE WHEN (i & 8388607) <> 0 THEN 'nan' WHEN i < 0 THEN '-inf' ELSE 'inf' END"
    " ELSE CAST((CASE WHEN i < 0 THEN -1 ELSE 1 END) * CASE WHEN (i & 2139095040) = 0"
    " THEN (i & 8388607) * pow(2.0, -149)"
    " ELSE ((i & 8388607) + 8388608) * pow(2.0, ((i & 2139095040) >> 23) - 150) END AS VARCHAR)"
    " END AS FLOAT)",
)

# Numbers to texts ---------------------------------------------------------------------------

# All from the shortest text that reads back the same: `1e-07`, `0.00123`, `123.5`.
macro(
    "trino_exponent",
    "(t) AS CASE WHEN contains(t, 'e') THEN CAST(split_part(t, 'e', 2) AS INTEGER)"
    " WHEN t[1] = '0' THEN length(ltrim(t[3:], '0')) - length(t) + 1 ELSE instr(t, '.') - 2 END",
)
macro(
    "trino_mantissa",
    "(d) AS d[1] || '.' || CASE WHEN length(d) > 1 THEN d[2:] ELSE '0' END",
)
macro(
    "trino_shortest_digits",
    "(t) AS rtrim(ltrim(replace(split_part(t, 'e', 1), '.', ''), '0'), '0')",
)
macro("trino_minus_sign", "(x) AS CASE WHEN x < 0 THEN '-' ELSE '' END")
# The lambdas keep the text and its digits from being made anew wherever they are used.
macro(
    "trino_scientific",
    "(x) AS trino_minus_sign(x) || list_transform([CAST(abs(x) AS VARCHAR)], lambda t:"
    " list_transform([trino_shortest_digits(t)], lambda d: trino_mantissa(d))[1]"
    " || 'E' || trino_exponent(t))[1]",
)
macro(
    "trino_special_number",
    "(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END",
)
macro(
    "trino_double_to_varchar",
    "(x) AS CASE WHEN x = 0 THEN replace(CAST(x AS VARCHAR), '.0', 'E0')"
    " WHEN NOT isfinite(x) THEN trino_special_number(x)"
    " WHEN abs(x) <= 5e-324 THEN trino_minus_sign(x) || '4.9E-324' ELSE trino_scientific(x) END",
)
# Seven significant digits, half to even, of the number that the shortest text stands for: the
# pattern of Trino's RealOperators.
macro(
    "trino_real_to_varchar",
    "(x) AS CASE WHEN x = 0 THEN replace(CAST(x AS VARCHAR), '.0', 'E0')"
    " WHEN NOT isfinite(x) THEN trino_special_number(x)"
    " WHEN abs(x) < 2e-45 THEN trino_minus_sign(x) || '1.4E-45'"
    " ELSE trino_minus_sign(x) || list_transform(["
    "printf('%.6e', CAST(CAST(abs(x) AS VARCHAR) AS DOUBLE))], lambda t:"
    " trino_mantissa(rtrim(replace(split_part(t, 'e', 1), '.', ''), '0')) || 'E'"
    " || CAST(split_part(t, 'e', 2) AS INTEGER))[1] END",
)
# Double.toString of Java.
macro(
    "trino_java_double",
    "(x) AS CASE WHEN NOT isfinite(x) THEN trino_special_number(x)"
    " WHEN x = 0 OR (abs(x) >= 1e-3 AND abs(x) < 1e7) THEN CAST(x AS VARCHAR)"
    " WHEN abs(x) <= 5e-324 THEN trino_minus_sign(x) || '4.9E-324'"
    " WHEN abs(x) < 2e-45 AND typeof(x) = 'FLOAT' THEN trino_minus_sign(x) || '1.4E-45'"
    " ELSE trino_scientific(x) END",
)

# Numbers to numbers -------------------------------------------------------------------------

macro(
    "trino_double_to_bigint",
    "(x) AS CASE WHEN x >= -9223372036854775808e0 AND x < 9223372036854775808e0"
    " THEN CAST(round(x) AS BIGINT) WHEN x IS NOT NULL THEN CAST(trino_fail("
    "'INVALID_CAST_ARGUMENT', 'Unable to cast ' || trino_java_double(x) || ' to bigint')"
    " AS BIGINT) END",
)
macro(
    "trino_real_to_bigint",
    "(x) AS CASE WHEN isnan(x) THEN CAST(trino_fail('INVALID_CAST_ARGUMENT',"
    " 'Cannot cast real NaN to bigint') AS BIGINT)"
    " WHEN x >= 9223372036854775808e0 THEN 9223372036854775807"
    " WHEN x < -9223372036854775808e0 THEN CAST(-9223372036854775808 AS BIGINT)"
    " ELSE CAST(round(x) AS BIGINT) END",
)
for _name, _bits in {"tinyint": 8, "smallint": 16, "integer": 32}.items():
    _low, _high = -(2 ** (_bits - 1)), 2 ** (_bits - 1) - 1
    macro(
        f"trino_floating_to_{_name}",
        f"(x, source) AS CASE WHEN round(x) BETWEEN {_low} AND {_high}"
        f" THEN CAST(round(x) AS {_name.upper()})"
        f" WHEN isnan(x) THEN CAST(trino_fail('INVALID_CAST_ARGUMENT',"
        f" 'Cannot cast ' || source || ' NaN to {_name}') AS {_name.upper()})"
        f" WHEN x IS NOT NULL THEN CAST(trino_fail('NUMERIC_VALUE_OUT_OF_RANGE',"
        f" 'Out of range for {_name}: ' || trino_java_double(x)) AS {_name.upper()}) END",
    )
macro(
    "trino_double_to_real",
    "(x) AS CASE WHEN isnan(x) THEN CAST('nan' AS FLOAT)"
    " WHEN x >= 3.4028235677973366e38 THEN CAST('inf' AS FLOAT)"
    " WHEN x <= -3.4028235677973366e38 THEN CAST('-inf' AS FLOAT) ELSE CAST(x AS FLOAT) END",
)

# Addresses, UUIDs, maps ----------------------------------------------------------------------


def _load_address() -> Any:
    from lakelet.errors import TrinoError
    from lakelet.types.literals import packed_address

    def packed(text: str) -> bytes:
        try:
            return packed_address(text)
        except ValueError:
            raise TrinoError(
                "INVALID_CAST_ARGUMENT", f"Cannot cast value to IPADDRESS: {text}"
            ) from None

    return of_distinct(packed, "binary")


def _load_address_text() -> Any:
    from lakelet.types.literals import address_text

    return of_distinct(address_text, "string")


udf("trino_read_ipaddress", _load_address, ("VARCHAR",), "BLOB")
udf("trino_write_ipaddress", _load_address_text, ("BLOB",), "VARCHAR")
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_MAPPED: Final = "00000000000000000000FFFF"
macro("trino_octet", "(s, i) AS CAST(split_part(s, '.', i) AS UTINYINT)")
macro(
    "trino_varchar_to_ipaddress",
    rf"(s) AS CASE WHEN regexp_full_match(s, '{_OCTET}(?:\.{_OCTET}){{3}}')"
    f" THEN from_hex('{_MAPPED}' || printf('%02x%02x%02x%02x', trino_octet(s, 1),"
    " trino_octet(s, 2), trino_octet(s, 3), trino_octet(s, 4)))"
    " WHEN s IS NOT NULL THEN trino_read_ipaddress(s) END",
)
macro("trino_octet_at", "(h, i) AS CAST(CAST('0x' || h[i:i + 1] AS UTINYINT) AS VARCHAR)")
macro(
    "trino_ipaddress_to_varchar",
    f"(b) AS CASE WHEN starts_with(hex(b), '{_MAPPED}') THEN trino_octet_at(hex(b), 25) || '.'"
    " || trino_octet_at(hex(b), 27) || '.' || trino_octet_at(hex(b), 29) || '.'"
    " || trino_octet_at(hex(b), 31) WHEN b IS NOT NULL THEN trino_write_ipaddress(b) END",
)
macro(
    "trino_varbinary_to_ipaddress",
    "(b) AS CASE octet_length(b) WHEN 16 THEN b WHEN 4 THEN"
    " from_hex('00000000000000000000FFFF') || b ELSE CASE WHEN b IS NOT NULL THEN CAST(CAST("
    "trino_fail('INVALID_CAST_ARGUMENT', 'Invalid IP address binary length: ' || octet_length(b))"
    " AS VARCHAR) AS BLOB) END END",
)
macro(
    "trino_varbinary_to_uuid",
    "(b) AS CASE WHEN octet_length(b) = 16 THEN CAST(lower(hex(b)) AS UUID)"
    " WHEN b IS NOT NULL THEN CAST(CAST(trino_fail('INVALID_CAST_ARGUMENT',"
    " 'Invalid UUID binary length: ' || octet_length(b)) AS VARCHAR) AS UUID) END",
)
# Entries whose keys a cast has made equal.
macro(
    "trino_distinct_keys",
    "(e) AS CASE WHEN len(list_distinct(list_transform(e, lambda x: x.k))) < len(e)"
    " THEN list_filter(e, lambda x: trino_fail('INVALID_CAST_ARGUMENT', 'duplicate keys') = 0)"
    " ELSE e END",
)

# Texts that results show ---------------------------------------------------------------------

macro("trino_spaced_hex", "(b) AS rtrim(regexp_replace(lower(hex(b)), '(..)', '\\1 ', 'g'))")
macro("trino_java_object", "(b) AS '[B@' || left(md5(CAST(b AS VARCHAR)), 8)")
macro(
    "trino_join",
    "(parts) AS array_to_string(list_transform(parts, lambda e: coalesce(e, 'null')), ', ')",
)
