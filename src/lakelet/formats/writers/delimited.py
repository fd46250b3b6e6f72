"""Lines of LazySimpleSerDe and OpenCSVSerde.

Trino's rules, measured: arrays, maps and rows are joined by the delimiters of their depth; only
texts are escaped, and only where the table has an escape character; binaries are base64.
"""

import re
from collections.abc import Callable
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats.writers import lines, texts
from lakelet.formats.writers.writing import WriteRequest, Writing
from lakelet.types import Type
from lakelet.types.duckdb import row_fields
from lakelet.types.quoting import identifier, parameter, quoted

DELIMITER: Final = "\x01"
NULL: Final = "\\N"
_LEVELS: Final = 8
"""Delimiters that LazySimpleSerDe has: depths beyond them can't be written."""


def simple(request: WriteRequest) -> Writing:
    """LazySimpleSerDe's files."""
    texts_of = _Texts(request)
    values = [texts_of.or_null(identifier(name), of, 0) for name, of in request.columns]
    return lines.writing(f", {texts_of.between(0)}, ".join(values), request, "TextFile")


class _Texts:
    """Values as text by a table's delimiters."""

    def __init__(self, request: WriteRequest) -> None:
        given = request.serde
        first = given.get("field.delim") or given.get("serialization.format") or DELIMITER
        second = given.get("collection.delim") or given.get("colelction.delim") or "\x02"
        third = given.get("mapkey.delim") or "\x03"
        rest = (chr(number) for number in range(4, _LEVELS + 1))
        self._delimiters = tuple(map(_character, (first, second, third, *rest)))
        self._null = given.get("serialization.null.format", NULL)
        self._escape = _character(given.get("escape.delim") or "")

    def between(self, level: int) -> str:
        """The delimiter of a depth, as SQL."""
        if level >= len(self._delimiters):
            message = f"Number of nesting levels exceeds {_LEVELS}"
            raise TrinoError("NOT_SUPPORTED", message)
        return quoted(self._delimiters[level])

    def or_null(self, sql: str, of: Type, level: int) -> str:
        """A value's text, or the text of NULL."""
        return f"coalesce({self._text(sql, of, level)}, {quoted(self._null)})"

    def _text(self, sql: str, of: Type, level: int) -> str:
        match of.name:
            case "array":
                name = parameter("v", level)
                inside = self.or_null(name, of.element, level + 1)
                return self._joined(sql, name, inside, level + 1)
            case "map":
                return self._map(sql, of, level)
            case "row":
                return self._row(sql, of, level)
            case "varchar":
                return self._escaped(sql)
            case "char":
                return self._escaped(texts.padded(sql, of))
            case "decimal":
                return texts.decimal(sql, of)
        return _SCALARS.get(of.name, "CAST({} AS VARCHAR)".format)(sql)

    def _map(self, sql: str, of: Type, level: int) -> str:
        name = parameter("v", level)
        key = self.or_null(f"{name}.key", of.key, level + 2)
        value = self.or_null(f"{name}.value", of.value, level + 2)
        pair = f"{key} || {self.between(level + 2)} || {value}"
        return self._joined(f"map_entries({sql})", name, pair, level + 1)

    def _row(self, sql: str, of: Type, level: int) -> str:
        parts = [
            self.or_null(f"{sql}.{identifier(field)}", part, level + 1)
            for field, part in zip(row_fields(of), of.arguments, strict=True)
        ]
        text = f" || {self.between(level + 1)} || ".join(parts)
        return f"CASE WHEN {sql} IS NOT NULL THEN {text} END"

    def _joined(self, sql: str, name: str, inside: str, level: int) -> str:
        return (
            f"array_to_string(list_transform({sql}, lambda {name}: {inside}),"
            f" {self.between(level)})"
        )

    def _escaped(self, sql: str) -> str:
        if not self._escape:
            return sql
        special = dict.fromkeys((*self._delimiters, self._escape))
        pattern = f"([{''.join(map(re.escape, special))}])"
        replaced = self._escape.replace("\\", "\\\\") + "\\1"
        found = " OR ".join(f"contains({sql}, {quoted(each)})" for each in special)  # far faster
        escaped = f"regexp_replace({sql}, {quoted(pattern)}, {quoted(replaced)}, 'g')"
        return f"CASE WHEN {found} THEN {escaped} ELSE {sql} END"


_SCALARS: Final[dict[str, Callable[[str], str]]] = {
    "varbinary": "to_base64({})".format,
    "double": "trino_java_double({})".format,
    "real": "trino_java_double({})".format,
    "date": texts.day,
    "timestamp": texts.moment,
}


def _character(text: str) -> str:
    """Hive takes a delimiter that is a number as that character (`1` is \\x01)."""
    return chr(int(text)) if text.isdigit() and int(text) < 128 else text[:1]


def quoted_csv(request: WriteRequest) -> Writing:
    """OpenCSVSerde's files: every text in quotes, NULL as nothing.

    Raises TrinoError for columns that are not strings.
    """
    other = [f"{name} {of}" for name, of in request.columns if str(of) != "varchar"]
    if other:
        raise TrinoError(
            "NOT_SUPPORTED",
            "Hive CSV storage format only supports VARCHAR (unbounded). Unsupported columns:"
            f" {', '.join(other)}",
        )
    given = request.serde
    between = quoted(given.get("separatorChar") or ",")
    quote, escape = given.get("quoteChar") or '"', given.get("escapeChar") or '"'
    values = [
        f"coalesce({quoted(quote)} || replace({identifier(name)}, {quoted(quote)},"
        f" {quoted(escape + quote)}) || {quoted(quote)}, '')"
        for name, _ in request.columns
    ]
    return lines.writing(f", {between}, ".join(values), request, "CSV")
