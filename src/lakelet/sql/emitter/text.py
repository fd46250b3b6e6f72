"""The text of a value as Athena's results show it, made in DuckDB a column at a time.

Scalars read as Trino's CAST to varchar, but for doubles (Java's `0.1`, `1.0E20`) and binaries
(`01 02`); arrays are `[a, null]`, maps `{k=1}` by key, rows `{id=1, name=x}` or `{1, x}`; texts
inside them have no quotes. Measured on Athena: docs of result files by aoyagikouhei/athena-local.
"""

from typing import Final

from lakelet.sql.emitter.casts import cast
from lakelet.sql.functions.binding import bound, parameter
from lakelet.types.duckdb import quoted, row_fields
from lakelet.types.model import VARCHAR, Type


def display(sql: str, of: Type) -> str:
    """The VARCHAR that results show; NULL for NULL."""
    if of.name == "varbinary":
        return bound((sql,), "trino_spaced_hex({})".format)
    return _display(sql, of)


def _display(sql: str, of: Type) -> str:
    composed = _COMPOSED.get(of.name)
    if composed is not None:
        return composed(sql, of)
    if of.name in ("double", "real"):
        return bound((sql,), "trino_java_double({})".format)
    if of.name in ("varchar", "json"):
        return sql
    if of.name in _OBJECTS:
        return bound((sql,), "trino_java_object({})".format)
    return cast(sql, of, VARCHAR)


_OBJECTS: Final = (
    "varbinary",
    "HyperLogLog",
    "P4HyperLogLog",
    "SetDigest",
    "tdigest",
    "qdigest",
    "Geometry",
    "SphericalGeography",
    "KdbTree",
    "BingTile",
    "color",
)
"""Types that have no text but Java's name of the object; its number is made from the content."""


def _array(sql: str, of: Type) -> str:
    name = parameter(sql)
    element = _display(name, of.element)
    return f"'[' || trino_join(list_transform({sql}, lambda {name}: {element})) || ']'"


def _map(sql: str, of: Type) -> str:
    name = parameter(sql)
    key, value = _display(f"{name}.key", of.key), _display(f"{name}.value", of.value)
    pair = f"{key} || '=' || coalesce({value}, 'null')"
    entries = f"list_sort(map_entries({sql}))"
    return f"'{{' || trino_join(list_transform({entries}, lambda {name}: {pair})) || '}}'"


def _row(sql: str, of: Type) -> str:
    def body(row: str) -> str:
        parts = (
            f"{_label(name)}coalesce({_display(f'{row}.{quoted(field)}', part)}, 'null')"
            for name, field, part in zip(of.fields, row_fields(of), of.arguments, strict=True)
        )
        inside = " || ', ' || ".join(parts)
        return f"CASE WHEN {row} IS NOT NULL THEN '{{' || {inside} || '}}' END"

    return bound((sql,), body)


def _label(name: str | None) -> str:
    return "'" + name.replace("'", "''") + "=' || " if name else ""


_COMPOSED: Final = {"array": _array, "map": _map, "row": _row}
