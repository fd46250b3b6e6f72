"""The texts of single values as Trino's text writers make them, in SQL.

Each function takes SQL that is short enough to be repeated, and gives VARCHAR; NULL for NULL.
"""

from typing import Final

from lakelet.types import Type
from lakelet.types.quoting import quoted

_FIRST_PLAIN: Final = "DATE '1000-01-01'"
_LAST_PLAIN: Final = "DATE '9999-12-31'"


def day(sql: str) -> str:
    """A date; its year is not padded (Joda's `y`), and negative before year 1."""
    padded = f"CAST({sql} AS VARCHAR)"
    odd = f"CAST(year({sql}) AS VARCHAR) || strftime({sql}, '-%m-%d')"
    plain = f"{sql} BETWEEN {_FIRST_PLAIN} AND {_LAST_PLAIN}"
    return f"CASE WHEN {plain} THEN {padded} WHEN {sql} IS NOT NULL THEN {odd} END"


def moment(sql: str, between: str = " ", end: str = "") -> str:
    """A timestamp, its fraction without zeros at the end."""
    plain = f"CAST({sql} AS VARCHAR)"
    if between != " ":
        plain = f"replace({plain}, ' ', {quoted(between)})"
    date = day(f"CAST({sql} AS DATE)")
    odd = f"({date}) || {quoted(between)} || CAST(CAST({sql} AS TIME) AS VARCHAR)"
    found = (
        f"CASE WHEN CAST({sql} AS DATE) BETWEEN {_FIRST_PLAIN} AND {_LAST_PLAIN} THEN {plain}"
        f" ELSE {odd} END"
    )
    return f"{found} || {quoted(end)}" if end else found


def padded(sql: str, of: Type) -> str:
    """A char with its blanks."""
    return f"rpad({sql}, {of.length}, ' ')"


def decimal(sql: str, of: Type) -> str:
    """A decimal with all its digits, a zero before the point where DuckDB leaves it out."""
    plain = f"CAST({sql} AS VARCHAR)"
    if of.precision > of.scale:
        return plain
    return f"regexp_replace({plain}, '^(-?)\\.', '\\10.')"


def java_decimal(sql: str, of: Type) -> str:
    """A decimal as Java's BigDecimal.toString shows it: `1E-7` below a millionth."""
    plain = decimal(sql, of)
    if of.scale <= 6:
        return plain
    digits = f"regexp_replace({plain}, '^-?0*\\.0*', '')"
    power = f"({of.scale} + 1 - length({digits}))"
    rest = f"CASE WHEN length({digits}) > 1 THEN '.' || substr({digits}, 2) ELSE '' END"
    sign = f"CASE WHEN {sql} < 0 THEN '-' ELSE '' END"
    short = f"{sign} || left({digits}, 1) || {rest} || 'E-' || {power}"
    return (
        f"CASE WHEN {sql} = 0 THEN '0E-{of.scale}'"
        f" WHEN abs({sql}) < 0.000001 THEN {short} ELSE {plain} END"
    )


def partition_value(sql: str, of: Type) -> str:
    """A partition key's value in its folder's name, before it is escaped."""
    if of.name == "decimal" and of.scale:
        return f"rtrim(rtrim({decimal(sql, of)}, '0'), '.')"
    if of.name in ("double", "real"):
        return f"trino_java_double({sql})"
    if of.name == "char":
        return padded(sql, of)
    if of.name == "date":
        return _hive_day(sql)
    if of.name == "timestamp":
        return f"{_hive_day(sql)} || strftime({sql}, ' %H:%M:%S') || {_fraction(sql)}"
    return f"CAST({sql} AS VARCHAR)"


def _hive_day(sql: str) -> str:
    """A day of a partition: its year within its era (Java's `yyyy`), with a sign from 10000 on."""
    year = f"year({sql})"
    of_era = f"CASE WHEN {year} < 1 THEN 1 - {year} ELSE {year} END"
    padded_year = f"lpad(CAST({of_era} AS VARCHAR), 4, '0')"
    shown = f"CASE WHEN {year} > 9999 THEN '+' || {year} ELSE {padded_year} END"
    return f"({shown} || strftime({sql}, '-%m-%d'))"


def _fraction(sql: str) -> str:
    """The part of a second, without zeros at its end."""
    return f"rtrim(rtrim(strftime({sql}, '.%f'), '0'), '.')"
