"""SQL/JSON: its functions and JSON_TABLE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lakelet.sql.syntax.nodes import Expression, Identifier


@dataclass(frozen=True, slots=True, eq=False)
class JsonValue:
    """A value that goes into a JSON function; `format` is its encoding when FORMAT JSON stands."""

    expression: Expression
    format: str | None


@dataclass(frozen=True, slots=True, eq=False)
class JsonPathCall:
    """JSON_EXISTS, JSON_VALUE and JSON_QUERY.

    `on_empty` and `on_error` are "NULL", "ERROR", "EMPTY ARRAY" … or a default's expression.
    """

    at: int
    function: str
    input: JsonValue
    path_at: int
    path: str
    passing: tuple[tuple[Identifier, JsonValue], ...]
    returning: str | None
    format: str | None
    wrapper: str | None
    quotes: str | None
    on_empty: str | Expression | None
    on_error: str | Expression | None
    path_name: Identifier | None = None


@dataclass(frozen=True, slots=True, eq=False)
class JsonObject:
    """JSON_OBJECT."""

    at: int
    members: tuple[tuple[Expression, JsonValue], ...]
    null_on_null: bool
    unique_keys: bool
    returning: str | None
    format: str | None


@dataclass(frozen=True, slots=True, eq=False)
class JsonArray:
    """JSON_ARRAY."""

    at: int
    items: tuple[JsonValue, ...]
    null_on_null: bool
    returning: str | None
    format: str | None


@dataclass(frozen=True, slots=True, eq=False)
class JsonTableOrdinality:
    """name FOR ORDINALITY."""

    at: int
    name: Identifier


@dataclass(frozen=True, slots=True, eq=False)
class JsonTableColumn:
    """name type [FORMAT JSON] [PATH path] …; `call` is the JSON_VALUE or JSON_QUERY over a row's
    item that it stands for."""

    at: int
    name: Identifier
    call: JsonPathCall


@dataclass(frozen=True, slots=True, eq=False)
class JsonTablePath:
    """A path with its columns: that of JSON_TABLE itself, or NESTED PATH."""

    at: int
    path_at: int
    path: str
    name: Identifier | None
    columns: tuple[JsonTableOrdinality | JsonTableColumn | JsonTablePath, ...]


@dataclass(frozen=True, slots=True, eq=False)
class JsonTablePlan:
    """How rows of paths are combined: `operator` is OUTER, INNER, UNION or CROSS over parts, or
    PATH for the path `name`."""

    at: int
    operator: str
    parts: tuple[JsonTablePlan, ...] = ()
    name: Identifier | None = None


@dataclass(frozen=True, slots=True, eq=False)
class JsonTable:
    """JSON_TABLE(…); `plan` is the specific plan, `default_plan` the words of PLAN DEFAULT."""

    at: int
    input: JsonValue
    root: JsonTablePath
    passing: tuple[tuple[Identifier, JsonValue], ...]
    plan: JsonTablePlan | None
    default_plan: tuple[str, ...] | None
    error_on_error: bool
