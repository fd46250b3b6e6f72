"""The text of a value as Athena's results show it, made in DuckDB a column at a time.

Scalars read as Trino's CAST to varchar, but for doubles (Java's `0.1`, `1.0E20`) and binaries
(`01 02`); arrays are `[a, null]`, maps `{k=1}` by key, rows `{id=1, name=x}` or `{1, x}`; texts
inside them have no quotes. Measured on Athena: docs of result files by aoyagikouhei/athena-local.
"""

from collections.abc import Callable
from typing import Final

from lakelet.sql.emitter.casts import cast
from lakelet.sql.functions.binding import bound, parameter
from lakelet.types.duckdb import row_fields
from lakelet.types.model import VARCHAR, Type
from lakelet.types.quoting import identifier, quoted


def display(sql: str, of: Type) -> str:
    """The VARCHAR that results show; NULL for NULL."""
    if of.name == "varbinary":
        return bound((sql,), "trino_spaced_hex({})".format)
    return _display(sql, of)


def _display(sql: str, of: Type) -> str:
    if of.name == "array":
        return _array(sql, of, _display)
    if of.name == "map":
        return _map(f"list_sort(map_entries({sql}))", of, _display)
    if of.name == "row":
        return _row(sql, of, _display, ("{", "}"), of.fields)
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


def object_text(sql: str, of: Type) -> str:
    """A value as Trino's errors show it: Java's text of the object that stands for it."""
    if of.name == "array":
        return _array(sql, of, object_text)
    if of.name == "map":
        return _map(f"map_entries({sql})", of, object_text)
    if of.name == "row":
        return _row(sql, of, object_text, ("[", "]"), (None,) * len(of.arguments))
    if of.name == "varbinary":
        return f"to_base64({sql})"
    return _display(sql, of)


Part = Callable[[str, Type], str]


def _array(sql: str, of: Type, part: Part) -> str:
    name = parameter(sql)
    element = part(name, of.element)
    return f"'[' || trino_join(list_transform({sql}, lambda {name}: {element})) || ']'"


def _map(entries: str, of: Type, part: Part) -> str:
    name = parameter(entries)
    key, value = part(f"{name}.key", of.key), part(f"{name}.value", of.value)
    pair = f"{key} || '=' || coalesce({value}, 'null')"
    return f"'{{' || trino_join(list_transform({entries}, lambda {name}: {pair})) || '}}'"


def _row(
    sql: str, of: Type, part: Part, brackets: tuple[str, str], names: tuple[str | None, ...]
) -> str:
    def body(row: str) -> str:
        parts = (
            f"{_label(name)}coalesce({part(f'{row}.{identifier(field)}', inner)}, 'null')"
            for name, field, inner in zip(names, row_fields(of), of.arguments, strict=True)
        )
        inside = " || ', ' || ".join(parts)
        opened, closed = brackets
        return f"CASE WHEN {row} IS NOT NULL THEN '{opened}' || {inside} || '{closed}' END"

    return bound((sql,), body)


def _label(name: str | None) -> str:
    return f"{quoted(f'{name}=')} || " if name else ""
