"""The macros that casts are made of: texts to values and back, roundings, time zones.

A macro that parses a text gives NULL for a NULL and raises Trino's error for what is no such value.
"""

from typing import Any, Final

from lakelet.sql.functions.registry import macro, udf
from lakelet.sql.functions.vectorised import of_distinct


def _refused(kind: str, before: str, after: str = "", value: str = "s") -> str:
    """A NULL of a type that raises, where there is a value, with the value between two texts."""
    message = f"'{before}' || {value}" + (f" || '{after}'" if after else "")
    failing = f"trino_fail('INVALID_CAST_ARGUMENT', {message})"
    return f"CAST(CASE WHEN s IS NOT NULL THEN {failing} END AS {kind})"


def _to(name: str) -> str:
    return f"'' to {name}"


_CANNOT: Final = "Cannot cast ''"
_NO_TIMESTAMP: Final = "Value cannot be cast to timestamp: "

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
    macro(
        f"trino_varchar_to_{_name}",
        f"(s) AS coalesce(CASE WHEN regexp_full_match(s, '{_pattern}')"
        f" THEN coalesce(TRY_CAST(s AS {_name.upper()}),"
        f" TRY_CAST(trino_ascii_digits(s) AS {_name.upper()})) END,"
        f" {_refused(_name.upper(), _CANNOT, _to(_type))})",
    )

_DOUBLE: Final = rf"{_SPACE}[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?){_SPACE}"

_HEXADECIMAL: Final = (
    rf"{_SPACE}[+-]?0[xX]([0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+[fFdD]?{_SPACE}"
)

for _name, _type in {"double": "DOUBLE", "real": "FLOAT"}.items():
    # A number too large for the type is infinite, as Java parses it.
    macro(
        f"trino_varchar_to_{_name}",
        f"(s) AS coalesce(CASE WHEN regexp_full_match(s, '{_DOUBLE}') THEN coalesce("
        f"TRY_CAST(regexp_extract(s, '^{_SPACE}([^fFdD\\x00-\\x20]*|[+-]?Infinity)', 1)"
        f" AS {_type}),"
        f" CAST(CASE WHEN regexp_matches(s, '^{_SPACE}-') THEN '-inf' ELSE 'inf' END"
        f" AS {_type})) END,"
        f" CASE WHEN regexp_full_match(s, '{_HEXADECIMAL}')"
        f" THEN CAST(trino_hexadecimal_double(s) AS {_type}) END,"
        f" {_refused(_type, _CANNOT, _to(_name.upper()))})",
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
macro(
    "trino_varchar_to_boolean",
    "(s) AS CASE WHEN lower(s) IN ('true', 't', '1') THEN true"
    " WHEN lower(s) IN ('false', 'f', '0') THEN false"
    f" ELSE {_refused('BOOLEAN', _CANNOT, _to('BOOLEAN'))} END",
)
macro(
    "trino_varchar_to_uuid",
    "(s) AS coalesce(CASE WHEN length(s) = 36 THEN TRY_CAST(s AS UUID) END,"
    f" {_refused('UUID', 'Cannot cast value to UUID: ')})",
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
# Seven significant digits, half to even: the pattern of Trino's RealOperators.
# Seven digits of the number that the shortest text stands for.
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

# Dates and times ----------------------------------------------------------------------------

_DATE: Final = r"[+-]?\d{1,9}-\d{1,2}-\d{1,2}"
_CLOCK: Final = r"\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?"
# DuckDB takes neither a plus before a year nor 24:00.
_NOT_24: Final = r"^\s*[^ ]*\s*24:"

macro("trino_unsigned", "(s) AS ltrim(s, '+')")
macro(
    "trino_varchar_to_date",
    f"(s) AS coalesce(CASE WHEN regexp_full_match(s, '\\s*{_DATE}\\s*')"
    " THEN TRY_CAST(trino_unsigned(trim(s)) AS DATE) END,"
    f" {_refused('DATE', 'Value cannot be cast to date: ')})",
)
macro(
    "trino_timestamp_text",
    f"(s) AS CASE WHEN regexp_full_match(s, '{_DATE}( {_CLOCK})?')"
    " AND NOT regexp_matches(s, ' 24:') THEN trino_unsigned(s) END",
)
macro(
    "trino_time_text",
    f"(s) AS CASE WHEN regexp_full_match(s, '{_CLOCK}') AND s[1:2] <> '24' THEN s END",
)
# What stands in front of a zone; the zone itself, '' for none.
macro(
    "trino_before_zone",
    rf"(s) AS rtrim(regexp_extract(s, '^({_DATE}( {_CLOCK})?)(\s.*|[A-Za-z+-].*)?$', 1))",
)
macro(
    "trino_zone_text",
    rf"(s) AS trim(regexp_extract(s, '^({_DATE}( {_CLOCK})?)(\s.*|[A-Za-z+-].*)?$', 5))",
)
for _name, _type in {"timestamp": "TIMESTAMP", "timestamp_ns": "TIMESTAMP_NS"}.items():
    macro(
        f"trino_varchar_to_{_name}",
        f"(s) AS coalesce(CASE WHEN trino_zone_text(trim(s)) = ''"
        " OR trino_zone(trino_zone_text(trim(s))) IS NOT NULL"
        f" THEN TRY_CAST(trino_timestamp_text(trino_before_zone(trim(s))) AS {_type}) END,"
        f" {_refused(_type, _NO_TIMESTAMP, value='trim(s)')})",
    )
for _name, _type in {"time": "TIME", "time_ns": "TIME_NS"}.items():
    macro(
        f"trino_varchar_to_{_name}",
        f"(s) AS coalesce(TRY_CAST(trino_time_text(s) AS {_type}),"
        f" {_refused(_type, 'Value cannot be cast to time: ')})",
    )

macro(
    "trino_to_nanoseconds",
    r"(s) AS CASE WHEN regexp_matches(s, '\.\d{9}0*[1-9]')"
    " THEN CAST(trino_fail('NOT_SUPPORTED', 'Times to the picosecond: ' || s) AS VARCHAR)"
    " ELSE s END",
)

macro("trino_floor_mod", "(a, b) AS ((a % b) + b) % b")
macro(
    "trino_round_micros",
    "(e, unit) AS (e + unit // 2) - trino_floor_mod(e + unit // 2, unit)",
)
macro(
    "trino_round_timestamp",
    "(t, unit) AS make_timestamp(trino_round_micros(epoch_us(t), unit))",
)
macro(
    "trino_round_timestamp_ns",
    "(t, unit) AS make_timestamp_ns(trino_round_micros(epoch_ns(t), unit))",
)
macro(
    "trino_time_of",
    "(e) AS CAST(make_timestamp(e) AS TIME)",
)
macro(
    "trino_time_ns_of",
    "(e) AS CAST(strftime(make_timestamp_ns(e), '%H:%M:%S.%n') AS TIME_NS)",
)
macro(
    "trino_round_time",
    "(t, unit) AS trino_time_of(trino_round_micros(epoch_us(t), unit) % 86400000000)",
)
macro(
    "trino_round_time_ns",
    "(t, unit) AS trino_time_ns_of(trino_round_micros(epoch_ns(t), unit) % 86400000000000)",
)
macro(
    "trino_date_to_varchar",
    "(d) AS CASE WHEN year(d) BETWEEN 0 AND 9999 THEN strftime(d, '%Y-%m-%d')"
    " ELSE trino_year(year(d)) || strftime(d, '-%m-%d') END",
)
macro(
    "trino_year",
    "(y) AS trino_minus_sign(y) || CASE WHEN abs(y) < 1000"
    " THEN lpad(CAST(abs(y) AS VARCHAR), 4, '0') ELSE CAST(abs(y) AS VARCHAR) END",
)
macro(
    "trino_any_timestamp_to_varchar",
    "(t, p) AS CASE WHEN year(t) > 9999 THEN '+' ELSE '' END"
    " || trino_date_to_varchar(CAST(t AS DATE))"
    " || left(rpad(strftime(t, ' %H:%M:%S.%n'), 22, '0'), CASE WHEN p = 0 THEN 9 ELSE 10 + p END)",
)
# In years of four digits DuckDB's own text, which is much faster, lacks but zeros at its end.
macro(
    "trino_timestamp_to_varchar",
    "(t, p) AS CASE"
    " WHEN p > 6 OR epoch_us(t) NOT BETWEEN -30610224000000000 AND 253402300799999999"
    " THEN trino_any_timestamp_to_varchar(t, p)"
    " WHEN epoch_us(t) % 1000000 = 0"
    " THEN CAST(t AS VARCHAR) || left('.000000', CASE WHEN p = 0 THEN 0 ELSE p + 1 END)"
    " WHEN epoch_us(t) % CAST(10 ** (7 - p) AS BIGINT) <> 0 THEN CAST(t AS VARCHAR)"
    " ELSE left(CAST(t AS VARCHAR) || '00000', 20 + p) END",
)
macro(
    "trino_time_to_varchar",
    "(t, p) AS left(rpad(CASE WHEN instr(CAST(t AS VARCHAR), '.') = 0 THEN CAST(t AS VARCHAR)"
    " || '.' ELSE CAST(t AS VARCHAR) END, 21, '0'), CASE WHEN p = 0 THEN 8 ELSE 9 + p END)",
)
macro(
    "trino_day_second_to_varchar",
    "(i) AS trino_minus_sign(i) || printf('%d %02d:%02d:%02d.%03d',"
    " abs(i) // 86400000, abs(i) // 3600000 % 24, abs(i) // 60000 % 60, abs(i) // 1000 % 60,"
    " abs(i) % 1000)",
)
macro(
    "trino_year_month_to_varchar",
    "(i) AS trino_minus_sign(i) || printf('%d-%d', abs(i) // 12, abs(i) % 12)",
)

# Time zones ---------------------------------------------------------------------------------


def _load_zones() -> Any:
    from lakelet.types.zones import zone_id

    return of_distinct(zone_id, "string")


# Zones in Trino's spelling, NULL for what is none; then with the errors of those who need one.
udf("trino_zone", _load_zones, ("VARCHAR",), "VARCHAR")
for _name, _error, _message in (
    (
        "trino_valid_zone",
        "INVALID_FUNCTION_ARGUMENT",
        "chr(39) || z || chr(39) || ' is not a valid time zone'",
    ),
    ("trino_supported_zone", "NOT_SUPPORTED", "'Time zone not supported: ' || z"),
):
    macro(
        _name,
        "(z) AS coalesce(trino_zone(z), CASE WHEN z = '' THEN CAST(trino_fail("
        "'GENERIC_INTERNAL_ERROR', 'Zone id is an empty string') AS VARCHAR)"
        f" WHEN z IS NOT NULL THEN CAST(trino_fail('{_error}', {_message}) AS VARCHAR) END)",
    )

macro(
    "trino_offset_minutes",
    "(z) AS CASE WHEN z[1] = '-' THEN -1 ELSE 1 END * CASE"
    " WHEN instr(z, ':') > 0 THEN CAST(split_part(z[2:], ':', 1) AS INTEGER) * 60"
    " + CAST(split_part(z, ':', 2) AS INTEGER)"
    " WHEN length(z) > 3 THEN CAST(z[2:-3] AS INTEGER) * 60 + CAST(z[-2:] AS INTEGER)"
    " ELSE CAST(z[2:] AS INTEGER) * 60 END",
)
macro(
    "trino_offset_text",
    "(m) AS CASE WHEN m < 0 THEN '-' ELSE '+' END"
    " || printf('%02d:%02d', abs(m) // 60, abs(m) % 60)",
)
macro("trino_is_offset", "(z) AS z[1] IN ('+', '-')")
# DuckDB gives the parts of a struct that is NULL no type: they are cast before anything else.
# The clock of a zone at an instant, and the instant of a clock: a clock that a change of summer
# time skips is moved forward by the gap, one that happens twice is the earlier.
macro(
    "trino_region_local",
    "(t, z) AS timezone(z, CAST(t AS TIMESTAMPTZ))",
)
macro(
    "trino_region_instant",
    "(t, z) AS CASE WHEN trino_region_local(CAST(timezone(z, t) AS TIMESTAMP)"
    " - INTERVAL 1 HOUR, z) = t THEN CAST(timezone(z, t) AS TIMESTAMP) - INTERVAL 1 HOUR"
    " ELSE CAST(timezone(z, t) AS TIMESTAMP) END",
)
macro(
    "trino_local",
    "(t, z) AS CASE WHEN z = 'UTC' THEN CAST(t AS TIMESTAMP) WHEN trino_is_offset(z) THEN"
    " CAST(t AS TIMESTAMP) + to_minutes(trino_offset_minutes(z)) ELSE trino_region_local(t, z) END",
)
macro(
    "trino_instant",
    "(t, z) AS CASE WHEN z = 'UTC' THEN CAST(t AS TIMESTAMP) WHEN trino_is_offset(z) THEN"
    " CAST(t AS TIMESTAMP) - to_minutes(trino_offset_minutes(z))"
    " ELSE trino_region_instant(CAST(t AS TIMESTAMP), z) END",
)
# As far as a timestamp's microseconds were moved, its nanoseconds are.
macro(
    "trino_shifted_ns",
    "(t, moved) AS make_timestamp_ns(epoch_ns(CAST(t AS TIMESTAMP_NS))"
    " + 1000 * (epoch_us(moved) - epoch_us(CAST(t AS TIMESTAMP))))",
)
macro(
    "trino_local_ns",
    "(t, z) AS trino_shifted_ns(t, trino_local(CAST(t AS TIMESTAMP), z))",
)
macro(
    "trino_instant_ns",
    "(t, z) AS trino_shifted_ns(t, trino_instant(CAST(t AS TIMESTAMP), z))",
)
macro(
    "trino_zoned",
    "(t, z) AS CASE WHEN t IS NOT NULL AND z IS NOT NULL"
    " THEN struct_pack(instant := t, zone := z) END",
)
macro(
    "trino_timestamp_tz_add",
    "(t, i) AS trino_zoned(CAST(t.instant AS TIMESTAMP) + to_microseconds(i * 1000), t.zone)",
)
macro(
    "trino_timestamp_tz_add_months",
    "(t, m) AS trino_zoned(trino_instant(trino_local(t.instant, t.zone) + to_months(m), t.zone),"
    " t.zone)",
)
macro(
    "trino_timestamp_tz_ns_add",
    "(t, i) AS trino_zoned(trino_timestamp_ns_add(t.instant, i), t.zone)",
)
macro(
    "trino_timestamp_tz_ns_add_months",
    "(t, m) AS trino_zoned(trino_instant_ns(trino_timestamp_ns_add_months("
    "trino_local_ns(t.instant, t.zone), m), t.zone), t.zone)",
)
macro(
    "trino_time_tz_ns_add",
    "(t, i) AS CASE WHEN t IS NOT NULL AND i IS NOT NULL"
    " THEN struct_pack(local := trino_time_ns_add(t.local, i), zone := t.zone) END",
)
macro(
    "trino_time_tz_add",
    "(t, i) AS CASE WHEN t IS NOT NULL AND i IS NOT NULL THEN struct_pack("
    "local := CAST(t.local AS TIME) + to_microseconds(i * 1000), zone := t.zone) END",
)
for _suffix, _type in {"": "TIMESTAMP", "_ns": "TIMESTAMP_NS"}.items():
    macro(
        f"trino_varchar_to_timestamp_tz{_suffix}",
        "(s) AS coalesce(trino_zoned(trino_instant"
        f"{_suffix}(TRY_CAST(trino_timestamp_text(trino_before_zone(trim(s))) AS {_type}),"
        " trino_zone_or_utc(trino_zone_text(trim(s)))),"
        " trino_zone_or_utc(trino_zone_text(trim(s)))),"
        f" {_refused(f'STRUCT(instant {_type}, zone VARCHAR)', _NO_TIMESTAMP, value='trim(s)')})",
    )
macro("trino_zone_or_utc", "(z) AS CASE WHEN z = '' THEN 'UTC' ELSE trino_zone(z) END")

# Times with a zone ---------------------------------------------------------------------------

macro(
    "trino_time_zoned",
    "(t, m) AS CASE WHEN t IS NOT NULL AND m IS NOT NULL"
    " THEN struct_pack(local := t, zone := CAST(m AS SMALLINT)) END",
)
macro(
    "trino_offset_at",
    "(t, z) AS (epoch_us(trino_local(t, z)) - epoch_us(t)) // 60000000",
)
# Times of day take the offset that a zone has when the statement starts.
macro(
    "trino_offset_now",
    "(z) AS CASE WHEN z = 'UTC' THEN 0 WHEN trino_is_offset(z) THEN trino_offset_minutes(z)"
    " ELSE trino_offset_at(CAST(timezone('UTC', now()) AS TIMESTAMP), z) END",
)
macro("trino_on_day", "(t, day) AS make_timestamp(day * 86400000000 + epoch_us(t))")
macro("trino_on_day_ns", "(t, day) AS make_timestamp_ns(day * 86400000000000 + epoch_ns(t))")

_TIME_TZ: Final = rf"^({_CLOCK})\s*([+-]\d\d:\d\d)?$"
for _suffix, _type in {"": "TIME", "_ns": "TIME_NS"}.items():
    _zoned = f"STRUCT(local {_type}, zone SMALLINT)"
    macro(
        f"trino_varchar_to_time_tz{_suffix}",
        "(s) AS coalesce(CASE WHEN trino_time_tz_minutes(s) BETWEEN -840 AND 840"
        f" THEN trino_time_zoned(TRY_CAST(trino_time_text(regexp_extract(s, '{_TIME_TZ}', 1))"
        f" AS {_type}), trino_time_tz_minutes(s)) END,"
        f" {_refused(_zoned, 'Value cannot be cast to time with time zone: ')})",
    )
macro(
    "trino_time_tz_minutes",
    f"(s) AS CASE WHEN regexp_extract(s, '{_TIME_TZ}', 4) = '' THEN 0"
    f" ELSE trino_offset_minutes(regexp_extract(s, '{_TIME_TZ}', 4)) END",
)

# Addresses, UUIDs, maps ----------------------------------------------------------------------


def _load_address() -> Any:
    import pyarrow

    from lakelet.errors import TrinoError
    from lakelet.types.literals import packed_address

    def packed(text: str | None) -> bytes | None:
        try:
            return None if text is None else packed_address(text)
        except ValueError:
            raise TrinoError(
                "INVALID_CAST_ARGUMENT", f"Cannot cast value to IPADDRESS: {text}"
            ) from None

    return lambda texts: pyarrow.array(map(packed, texts.to_pylist()), pyarrow.binary())


def _load_address_text() -> Any:
    import pyarrow

    from lakelet.types.literals import address_text

    return lambda packed: pyarrow.array(
        (None if each is None else address_text(each) for each in packed.to_pylist()),
        pyarrow.string(),
    )


udf("trino_varchar_to_ipaddress", _load_address, ("VARCHAR",), "BLOB")
udf("trino_ipaddress_to_varchar", _load_address_text, ("BLOB",), "VARCHAR")
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
macro(
    "trino_time_instant",
    "(t) AS (epoch_us(CAST(t.local AS TIME)) - CAST(t.zone AS BIGINT) * 60000000"
    " + 86400000000) % 86400000000",
)

# Texts that results show ---------------------------------------------------------------------

macro("trino_spaced_hex", "(b) AS rtrim(regexp_replace(lower(hex(b)), '(..)', '\\1 ', 'g'))")
macro("trino_java_object", "(b) AS '[B@' || left(md5(CAST(b AS VARCHAR)), 8)")
macro(
    "trino_join",
    "(parts) AS array_to_string(list_transform(parts, lambda e: coalesce(e, 'null')), ', ')",
)
