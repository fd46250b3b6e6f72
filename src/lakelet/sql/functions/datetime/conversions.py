"""The macros that casts of dates and times are made of: texts, roundings, time zones.

A macro that parses a text gives NULL for a NULL and raises Trino's error for what is no such value.
"""

from typing import Any, Final

from lakelet.sql.functions.conversions import reading, refused_value
from lakelet.sql.functions.registry import macro, udf
from lakelet.sql.functions.vectorised import of_distinct

# Texts, roundings ---------------------------------------------------------------------------

_NO_TIMESTAMP: Final = "Value cannot be cast to timestamp: "
_DATE: Final = r"[+-]?\d{1,9}-\d{1,2}-\d{1,2}"
_DATED: Final = _DATE.replace("{1,9}", "{4,9}")
"""The date of a timestamp, whose year has four digits and more."""
_PLAIN: Final = r"\d{4}-\d{2}-\d{2}( ([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,6})?)?"
"""A timestamp as most write it, of which nothing has to be asked."""
_CLOCK: Final = r"\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?"

# DuckDB takes neither a plus before a year nor 24:00.
macro("trino_unsigned", "(s) AS ltrim(s, '+')")
reading(
    "varchar_to_date",
    f"CASE WHEN regexp_full_match(s, '\\s*{_DATE}\\s*')"
    " THEN TRY_CAST(trino_unsigned(trim(s)) AS DATE) END",
    refused_value("DATE", "Value cannot be cast to date: "),
)
macro(
    "trino_timestamp_text",
    f"(s) AS CASE WHEN regexp_full_match(s, '{_DATED}( {_CLOCK})?')"
    " AND NOT regexp_matches(s, ' 24:') THEN trino_unsigned(s) END",
)
macro(
    "trino_time_text",
    f"(s) AS CASE WHEN regexp_full_match(s, '{_CLOCK}') AND s[1:2] <> '24'"
    " AND length(split_part(s, '.', 2)) <= 12 THEN s END",
)
# What stands in front of a zone; the zone itself, '' for none.
macro(
    "trino_before_zone",
    rf"(s) AS rtrim(regexp_extract(s, '^({_DATED}( {_CLOCK})?)(\s.*|[A-Za-z+-].*)?$', 1))",
)
macro(
    "trino_zone_text",
    rf"(s) AS trim(regexp_extract(s, '^({_DATED}( {_CLOCK})?)(\s.*|[A-Za-z+-].*)?$', 5))",
)
# What is read of a text, and the type that it is held in; `_ps` are counts of picoseconds.
_READ_TIMESTAMP: Final = {
    "": ("TRY_CAST({} AS TIMESTAMP)", "TIMESTAMP"),
    "_ps": ("trino_read_timestamp_ps({})", "HUGEINT"),
}
_READ_TIME: Final = {
    "": ("TRY_CAST({} AS TIME)", "TIME"),
    "_ps": ("trino_read_time_ps({})", "BIGINT"),
}
macro(
    "trino_read_fraction",
    "(s) AS CAST(rpad(split_part(s, '.', 2), 12, '0') AS BIGINT)"
    " + CAST(substr(split_part(s, '.', 2), 13, 1) >= '5' AS BIGINT)",
)
macro(
    "trino_read_timestamp_ps",
    "(s) AS trino_picoseconds(TRY_CAST(split_part(s, '.', 1) AS TIMESTAMP))"
    " + trino_read_fraction(s)",
)
macro(
    "trino_read_time_ps",
    "(s) AS epoch_us(TRY_CAST(split_part(s, '.', 1) AS TIME)) * 1000000 + trino_read_fraction(s)",
)
for _suffix, (_read, _type) in _READ_TIMESTAMP.items():
    _first = (
        "" if _suffix else f"regexp_full_match(s, '{_PLAIN}') THEN TRY_CAST(s AS TIMESTAMP) WHEN "
    )
    _clock = _read.format("trino_timestamp_text(trino_before_zone(trim(s)))")
    # A clock that the zone's skips is moved.
    _moved = f"trino_local{_suffix}(trino_instant{_suffix}(m.c, m.z), m.z)"
    reading(
        f"varchar_to_timestamp{_suffix}",
        f"CASE WHEN {_first}trino_zone_text(trim(s)) = '' THEN {_clock}"
        " WHEN trino_zone(trino_zone_text(trim(s))) IS NOT NULL THEN"
        f" list_transform([{{'c': {_clock}, 'z': trino_zone(trino_zone_text(trim(s)))}}],"
        f" lambda m: {_moved})[1] END",
        refused_value(_type, _NO_TIMESTAMP, value="trim(s)"),
    )
for _suffix, (_read, _type) in _READ_TIME.items():
    reading(
        f"varchar_to_time{_suffix}",
        _read.format("trino_time_text(s)"),
        refused_value(_type, "Value cannot be cast to time: "),
    )

macro("trino_floor_mod", "(a, b) AS ((a % b) + b) % b")
# Picoseconds since 1970 and timestamps, picoseconds of a day and times. Before 1970 they are
# rounded down; what makes them positive meanwhile lies beyond every year that there is. Macros
# write their arguments as often as they name them, so that these name theirs once.
macro(
    "trino_whole_units",
    "(c, unit) AS (c + 10000000000000000000000000::HUGEINT) // unit"
    " - 10000000000000000000000000::HUGEINT // unit",
)
macro("trino_picoseconds", "(t) AS CAST(epoch_us(t) AS HUGEINT) * 1000000")
macro(
    "trino_timestamp_of_ps",
    "(c) AS make_timestamp(CAST(trino_whole_units(c, 1000000) AS BIGINT))",
)
macro("trino_time_of_ps", "(c) AS trino_time_of(c // 1000000)")
macro("trino_clock_of_ps", "(c) AS CAST(trino_floor_mod(c, 86400000000000000) AS BIGINT)")
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
    "trino_round_time",
    "(t, unit) AS trino_time_of(trino_round_micros(epoch_us(t), unit) % 86400000000)",
)
macro("trino_round_timestamp_ps", "(c, unit) AS trino_round_micros(c, unit)")
macro("trino_round_time_ps", "(c, unit) AS trino_round_micros(c, unit) % 86400000000000000")
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
    " WHEN epoch_us(t) NOT BETWEEN -30610224000000000 AND 253402300799999999"
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
    "trino_ps_digits",
    "(c, p) AS left(lpad(CAST(trino_floor_mod(c, 1000000) AS VARCHAR), 6, '0'), p - 6)",
)
macro(
    "trino_timestamp_ps_to_varchar",
    "(c, p) AS list_transform([c], lambda c: list_transform([trino_timestamp_of_ps(c)],"
    " lambda t: trino_timestamp_to_varchar(t, 6) || trino_ps_digits(c, p))[1])[1]",
)
macro(
    "trino_time_ps_to_varchar",
    "(c, p) AS trino_time_to_varchar(trino_time_of_ps(c), 6) || trino_ps_digits(c, p)",
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
for _name, _none, _error, _message in (
    (
        "trino_valid_zone",
        "GENERIC_INTERNAL_ERROR",
        "INVALID_FUNCTION_ARGUMENT",
        "chr(39) || z || chr(39) || ' is not a valid time zone'",
    ),
    (
        "trino_supported_zone",
        "INVALID_FUNCTION_ARGUMENT",
        "NOT_SUPPORTED",
        "'Time zone not supported: ' || z",
    ),
):
    macro(
        _name,
        "(z) AS coalesce(trino_zone(z), CASE WHEN z = '' THEN CAST(trino_fail("
        f"'{_none}', 'Zone id is an empty string') AS VARCHAR)"
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
# The clock of a zone at an instant, and the instant of a clock: a clock that a change of summer
# time skips is moved forward by the gap, one that happens twice is the earlier. A cast between
# moments with and without a zone asks a calendar for each, where their microseconds are the same.
macro(
    "trino_region_local",
    "(t, z) AS timezone(z, make_timestamptz(epoch_us(CAST(t AS TIMESTAMP))))",
)
macro(
    "trino_region_instant",
    "(t, z) AS CASE WHEN trino_region_local(make_timestamp(epoch_us(timezone(z, t)))"
    " - INTERVAL 1 HOUR, z) = t THEN make_timestamp(epoch_us(timezone(z, t))) - INTERVAL 1 HOUR"
    " ELSE make_timestamp(epoch_us(timezone(z, t))) END",
)
# DuckDB gives the parts of a struct that is NULL no type: they are cast before anything else.
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
# A count of picoseconds whose microseconds were moved to a timestamp keeps what is below them.
macro("trino_moved_ps", "(c, moved) AS trino_picoseconds(moved) + trino_floor_mod(c, 1000000)")
macro(
    "trino_local_ps",
    "(c, z) AS list_transform([{'c': c, 't': trino_timestamp_of_ps(c), 'z': z}],"
    " lambda m: trino_moved_ps(m.c, trino_local(m.t, m.z)))[1]",
)
macro(
    "trino_instant_ps",
    "(c, z) AS list_transform([{'c': c, 't': trino_timestamp_of_ps(c), 'z': z}],"
    " lambda m: trino_moved_ps(m.c, trino_instant(m.t, m.z)))[1]",
)
macro(
    "trino_zoned",
    "(t, z) AS CASE WHEN t IS NOT NULL AND z IS NOT NULL"
    " THEN struct_pack(instant := t, zone := z) END",
)
# What a zone's clock shows, as a moment of that zone.
for _suffix in _READ_TIMESTAMP:
    macro(
        f"trino_zoned_clock{_suffix}",
        "(c, z) AS list_transform([{'c': c, 'z': z}][1:1],"
        f" lambda m: trino_zoned(trino_instant{_suffix}(m.c, m.z), m.z))[1]",
    )
# A text that ends in Z, +hhmm or +hh:mm: what stands before that, and it as +hh:mm.
macro(
    "trino_before_offset",
    "(s) AS left(s, CASE WHEN ends_with(s, 'Z') THEN -1 WHEN s[-3] = ':' THEN -6 ELSE -5 END)",
)
macro(
    "trino_last_offset",
    "(s) AS CASE WHEN ends_with(s, 'Z') THEN '+00:00' WHEN s[-3] = ':' THEN right(s, 6)"
    " ELSE s[-5:-3] || ':' || right(s, 2) END",
)
macro(
    # As `trino_zoned_clock`, of an offset's text.
    "trino_zoned_by",
    "(c, z) AS CASE WHEN c IS NOT NULL THEN struct_pack(instant := c - to_minutes("
    "(CAST(z[2:3] AS INTEGER) * 60 + CAST(z[5:] AS INTEGER)) * CASE z[1] WHEN '-' THEN -1 ELSE 1"
    " END), zone := CASE WHEN ends_with(z, '00:00') THEN 'UTC' ELSE z END) END",
)
macro(
    "trino_timestamp_tz_add",
    "(t, i) AS trino_zoned(CAST(t.instant AS TIMESTAMP) + to_microseconds(i * 1000), t.zone)",
)
macro(
    "trino_timestamp_tz_add_months",
    "(t, m) AS trino_zoned_clock(trino_local(t.instant, t.zone) + to_months(m), t.zone)",
)
macro(
    "trino_timestamp_tz_ps_add",
    "(t, i) AS trino_zoned(trino_timestamp_ps_add(t.instant, i), t.zone)",
)
macro(
    "trino_timestamp_tz_ps_add_months",
    "(t, m) AS trino_zoned_clock_ps("
    "trino_timestamp_ps_add_months(trino_local_ps(t.instant, t.zone), m), t.zone)",
)
macro(
    "trino_time_tz_ps_add",
    "(t, i) AS CASE WHEN t IS NOT NULL AND i IS NOT NULL"
    " THEN struct_pack(local := trino_time_ps_add(t.local, i), zone := t.zone) END",
)
macro(
    "trino_time_tz_add",
    "(t, i) AS CASE WHEN t IS NOT NULL AND i IS NOT NULL THEN struct_pack("
    "local := CAST(t.local AS TIME) + to_microseconds(i * 1000), zone := t.zone) END",
)
for _suffix, (_read, _type) in _READ_TIMESTAMP.items():
    _zoned = f"STRUCT(instant {_type}, zone VARCHAR)"
    reading(
        f"varchar_to_timestamp_tz{_suffix}",
        f"trino_zoned_clock{_suffix}("
        f"{_read.format('trino_timestamp_text(trino_before_zone(trim(s)))')},"
        " trino_zone_or_utc(trino_zone_text(trim(s))))",
        refused_value(_zoned, _NO_TIMESTAMP, value="trim(s)"),
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
macro("trino_on_day_ps", "(c, day) AS CAST(day AS HUGEINT) * 86400000000000000 + c")

_TIME_TZ: Final = rf"^({_CLOCK})\s*([+-]\d\d:\d\d)?$"
for _suffix, (_read, _type) in _READ_TIME.items():
    _time = _read.format(f"trino_time_text(regexp_extract(s, '{_TIME_TZ}', 1))")
    _zoned = f"STRUCT(local {_type}, zone SMALLINT)"
    reading(
        f"varchar_to_time_tz{_suffix}",
        "CASE WHEN trino_time_tz_minutes(s) BETWEEN -840 AND 840"
        f" THEN trino_time_zoned({_time}, trino_time_tz_minutes(s)) END",
        refused_value(_zoned, "Value cannot be cast to time with time zone: "),
    )
macro(
    "trino_time_tz_minutes",
    f"(s) AS CASE WHEN regexp_extract(s, '{_TIME_TZ}', 4) = '' THEN 0"
    f" ELSE trino_offset_minutes(regexp_extract(s, '{_TIME_TZ}', 4)) END",
)
macro(
    "trino_time_instant",
    "(t) AS (epoch_us(CAST(t.local AS TIME)) - CAST(t.zone AS BIGINT) * 60000000"
    " + 86400000000) % 86400000000",
)
macro(
    "trino_time_instant_ps",
    "(t) AS trino_floor_mod(t.local - CAST(t.zone AS BIGINT) * 60000000000000, 86400000000000000)",
)
