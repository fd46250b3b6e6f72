"""Lines of JSON: Hive's JsonSerDe and OpenX's.

Trino's rules, measured: Hive's writes every member, texts with `\\u001F` and surrogate pairs, and
no NaN; OpenX's leaves NULL out of objects, writes decimals and binaries as texts, whole doubles as
integers, and moments in UTC's ISO form.
"""

from collections.abc import Callable
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats.writers import lines, texts
from lakelet.formats.writers.writing import WriteRequest, Writing
from lakelet.types import Type
from lakelet.types.duckdb import row_fields
from lakelet.types.quoting import identifier, parameter, quoted


def hive(request: WriteRequest) -> Writing:
    """JsonSerDe's files."""
    return lines.writing(_Hive().members(_columns(request)), request, "Json")


def openx(request: WriteRequest) -> Writing:
    """OpenX JsonSerDe's files."""
    return lines.writing(_OpenX().members(_columns(request)), request, "OpenX Json")


def _columns(request: WriteRequest) -> list[tuple[str, str, Type]]:
    return [(name, identifier(name), of) for name, of in request.columns]


_QUOTED: Final = "CAST(to_json({}) AS VARCHAR)"
_BEYOND: Final = "[\\x{10000}-\\x{10FFFF}]"
"""Characters that UTF-16 writes as two."""


class _Hive:
    """Values as JSON; `null` for NULL."""

    unsupported_key = "Unsupported map key type: {}"

    def __init__(self) -> None:
        self._scalars: dict[str, Callable[[str, Type], str]] = {
            "varchar": lambda sql, of: self.string(sql),
            "char": lambda sql, of: self.string(texts.padded(sql, of)),
            "varbinary": lambda sql, of: self.string(self.binary(sql)),
            "decimal": self.decimal,
            "double": lambda sql, of: self.double(sql),
            "real": lambda sql, of: self.real(sql),
            "date": lambda sql, of: _in_quotes(texts.day(sql)),
            "timestamp": lambda sql, of: _in_quotes(self.moment(sql)),
        }

    def value(self, sql: str, of: Type, depth: int = 0) -> str:
        """A value as JSON; NULL for NULL."""
        composed = {"array": self._array, "map": self._map, "row": self._row}.get(of.name)
        if composed is not None:
            return composed(sql, of, depth)
        scalar = self._scalars.get(of.name)
        return scalar(sql, of) if scalar else f"CAST({sql} AS VARCHAR)"

    def or_null(self, sql: str, of: Type, depth: int) -> str:
        return f"coalesce({self.value(sql, of, depth)}, 'null')"

    def members(self, columns: list[tuple[str, str, Type]], depth: int = 0) -> str:
        """An object of named values."""
        starts = ["{", *[","] * (len(columns) - 1)]
        parts = ", ".join(
            f"{quoted(start + _label(name))}, {self.or_null(sql, of, depth)}"
            for start, (name, sql, of) in zip(starts, columns, strict=True)
        )
        return f"concat({parts}, '}}')"

    def string(self, sql: str) -> str:
        plain = _QUOTED.format(f"({sql})")
        return (
            f"CASE WHEN {_is_ascii(sql)} THEN {plain}"
            f" WHEN regexp_matches({sql}, {quoted(_BEYOND)}) THEN '\"' || array_to_string("
            f"list_transform(regexp_extract_all({sql}, '(?s).'), lambda c: CASE WHEN ord(c) > 65535"
            " THEN printf('\\u%X\\u%X', 55232 + ord(c) // 1024, 56320 + ord(c) % 1024)"
            f" ELSE {_QUOTED.format('c')}[2:-2] END), '') || '\"' ELSE {plain} END"
        )

    def binary(self, sql: str) -> str:
        """Bytes taken as UTF-8, as Trino does."""
        return f"trino_utf8({sql})"

    def decimal(self, sql: str, of: Type) -> str:
        return texts.java_decimal(sql, of)

    def double(self, sql: str) -> str:
        return self._finite(sql, "Invalid value to Insert: ")

    def real(self, sql: str) -> str:
        return self._finite(sql, "Invalid value to Insert Real: ")

    def _finite(self, sql: str, message: str) -> str:
        failure = f"trino_fail('HIVE_UNSERIALIZABLE_JSON_VALUE', '{message}' || {_java(sql)})"
        return (
            f"CASE WHEN isfinite({sql}) THEN {_java(sql)}"
            f" WHEN {sql} IS NOT NULL THEN CAST({failure} AS VARCHAR) END"
        )

    def moment(self, sql: str) -> str:
        return texts.moment(sql)

    def key(self, sql: str, of: Type) -> str:
        """A map's key: its text in quotes. Raises TrinoError for a key that is no scalar."""
        if of.name in ("array", "map", "row"):
            raise TrinoError("GENERIC_INTERNAL_ERROR", self.unsupported_key.format(of))
        if of.name in ("double", "real"):
            return f"'\"' || {_java(sql)} || '\"'"
        value = self.value(sql, of)
        return value if of.name in _TEXTS else f"'\"' || trim({value}, '\"') || '\"'"

    def _array(self, sql: str, of: Type, depth: int) -> str:
        name = parameter("v", depth)
        inside = self.or_null(name, of.element, depth + 1)
        return f"'[' || {_joined(sql, name, inside)} || ']'"

    def _map(self, sql: str, of: Type, depth: int) -> str:
        name = parameter("v", depth)
        value = self.or_null(f"{name}.value", of.value, depth + 1)
        pair = f"{self.key(f'{name}.key', of.key)} || ':' || {value}"
        return f"'{{' || {_joined(f'map_entries({sql})', name, pair)} || '}}'"

    def _row(self, sql: str, of: Type, depth: int) -> str:
        fields = [
            ((name or field).lower(), f"{sql}.{identifier(field)}", part)
            for name, field, part in zip(of.fields, row_fields(of), of.arguments, strict=True)
        ]
        return f"CASE WHEN {sql} IS NOT NULL THEN {self.members(fields, depth)} END"


class _OpenX(_Hive):
    """Values as org.json writes them."""

    def members(self, columns: list[tuple[str, str, Type]], depth: int = 0) -> str:
        parts = [
            f"{quoted(_label(name))} || {self.value(sql, of, depth)}" for name, sql, of in columns
        ]
        return f"'{{' || concat_ws(',', {', '.join(parts)}) || '}}'"

    def string(self, sql: str) -> str:
        text = f"replace({_QUOTED.format(f'({sql})')}, '</', '<\\/')"
        lower = f"replace(replace({text}, '\\u001', '\\u001'), '\\u000', '\\u000')"
        for digit in "ABCDEF":
            for row in "01":
                lower = f"replace({lower}, '\\u00{row}{digit}', '\\u00{row}{digit.lower()}')"
        return f"CASE WHEN contains({text}, '\\u00') THEN {lower} ELSE {text} END"

    def binary(self, sql: str) -> str:
        return f"to_base64({sql})"

    def decimal(self, sql: str, of: Type) -> str:
        return f"'\"' || ({texts.java_decimal(sql, of)}) || '\"'"

    def double(self, sql: str) -> str:
        return f"CASE WHEN {sql} = 0 AND signbit({sql}) THEN '-0' ELSE {self._whole(sql)} END"

    def real(self, sql: str) -> str:
        return self._whole(sql)

    def _whole(self, sql: str) -> str:
        """A number without a fraction is an integer while a long holds it."""
        whole = f"trunc({sql}) = {sql} AND abs({sql}) < 9223372036854775807"
        return (
            f"CASE WHEN {whole} THEN CAST(CAST({sql} AS BIGINT) AS VARCHAR) ELSE {_java(sql)} END"
        )

    def moment(self, sql: str) -> str:
        return texts.moment(sql, "T", "Z")


_TEXTS: Final = ("varchar", "char", "varbinary", "date", "timestamp")


def _is_ascii(sql: str) -> str:
    """Told in a tenth of the time of a regular expression."""
    return f"strlen({sql}) = length({sql})"


def _in_quotes(sql: str) -> str:
    """A text that holds nothing to escape."""
    return f"'\"' || ({sql}) || '\"'"


def _java(sql: str) -> str:
    return f"trino_java_double({sql})"


def _joined(sql: str, name: str, inside: str) -> str:
    return f"array_to_string(list_transform({sql}, lambda {name}: {inside}), ',')"


def _label(name: str) -> str:
    import orjson

    return f"{orjson.dumps(name).decode()}:"
