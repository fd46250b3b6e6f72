"""Durations in units (`3.5h`) and in words."""

from typing import Final

from lakelet.sql.functions.registry import macro, scalar

_DURATION: Final = r"^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*$"

macro(
    "trino_duration_unit",
    "(u) AS CASE u WHEN 'ns' THEN 0.000001 WHEN 'us' THEN 0.001 WHEN 'ms' THEN 1"
    " WHEN 's' THEN 1000 WHEN 'm' THEN 60000 WHEN 'h' THEN 3600000 WHEN 'd' THEN 86400000 END",
)
macro(
    "trino_parse_duration",
    f"(s) AS CASE WHEN s IS NOT NULL THEN coalesce(CAST(floor("
    f"TRY_CAST(regexp_extract(s, '{_DURATION}', 1) AS DOUBLE)"
    f" * trino_duration_unit(regexp_extract(s, '{_DURATION}', 2)) + 0.5) AS BIGINT),"
    " CAST(trino_fail('INVALID_FUNCTION_ARGUMENT',"
    " 'duration is not a valid data duration string: ' || s) AS BIGINT)) END",
)
macro(
    "trino_counted",
    "(n, unit) AS CASE WHEN n > 0 THEN n || ' ' || unit || CASE n WHEN 1 THEN '' ELSE 's' END END",
)
macro(
    "trino_human_seconds",
    "(n) AS CASE WHEN n = 0 THEN '0 seconds' ELSE concat_ws(', ',"
    " trino_counted(n // 604800, 'week'), trino_counted(n // 86400 % 7, 'day'),"
    " trino_counted(n // 3600 % 24, 'hour'), trino_counted(n // 60 % 60, 'minute'),"
    " trino_counted(n % 60, 'second')) END",
)
macro(
    "trino_human_readable_seconds",
    "(x) AS CASE WHEN isfinite(x) THEN trino_human_seconds(CAST(round(abs(x)) AS BIGINT))"
    " WHEN NOT isfinite(x) THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT',"
    " 'Invalid argument found: ' || trino_special_number(x)) AS VARCHAR) END",
)
scalar(
    "parse_duration",
    "(varchar(x)) -> interval day to second",
    sql="trino_parse_duration({0})",
    doc="The interval that a number with a unit gives (`3.5h`).",
)
scalar(
    "human_readable_seconds",
    "(double) -> varchar",
    sql="trino_human_readable_seconds({0})",
    doc="Seconds in words, from weeks to seconds.",
)
