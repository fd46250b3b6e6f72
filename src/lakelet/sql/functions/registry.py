"""What a function is to lakelet: one entry with its signatures, its documentation and its SQL.

An entry's SQL is, in order of preference, a template over DuckDB's own functions, a template over
a `macro`, or a vectorised `udf`. Macros and UDFs have names that begin with `trino_`; the engine
makes those that a statement's final text mentions, so an entry need not list what it uses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from lakelet.types import Type

Kind = Literal["scalar", "aggregate", "window", "operator"]


class NotConstant:
    """Stands in `Call.constants` for an argument whose value only the rows tell."""


NOT_CONSTANT: Final = NotConstant()


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a function, as its `emit` sees it.

    `arguments` are DuckDB expressions, each already of the type in `types` (the signature's, after
    coercion); `constants` holds the Python value of each argument that is a literal. An aggregate
    writes `distinct` ("DISTINCT " or nothing) before and `order` (" ORDER BY …" or nothing) after
    the arguments of DuckDB's aggregate, and `over` (" FILTER (…) OVER (…)", either, both or
    nothing) behind its closing parenthesis. `reads_tables` says whether its rows come from tables,
    and not from the statement itself.
    """

    name: str
    arguments: tuple[str, ...]
    types: tuple[Type, ...]
    result: Type
    constants: tuple[Any, ...]
    distinct: str = ""
    order: str = ""
    over: str = ""
    reads_tables: Callable[[], bool] = bool


Emit = Callable[[Call], str]


@dataclass(frozen=True, slots=True)
class Function:
    """A Trino function.

    `signatures` are texts like `(array(T), bigint) -> T`: capital letters are type variables,
    small letters inside decimal, char and varchar are numbers (a result may calculate with them:
    `decimal(min(38, p+1), s)`), `T:orderable` and `T:comparable` constrain a variable where it
    first stands, and `, ...` after the last argument repeats it. `sql` is a template with `{0}`,
    `{1}` … or `{*}` (all of them, comma-separated); an aggregate's or window function's has
    `{distinct}`, `{order}` and `{over}` too: `sum({distinct}{0}{order}){over}`. A scalar function
    is NULL where any of its arguments is, or any of its first ones, as many as `strict` says. One
    of which many rows may fail in a TRY has `attempt`, what is NULL then.
    """

    name: str
    kind: Kind
    signatures: tuple[str, ...]
    emit: Emit
    description: str
    deterministic: bool = True
    strict: int | None = None
    attempt: Emit | None = None


@dataclass(frozen=True, slots=True)
class Macro:
    """A DuckDB macro; `text` is what stands behind CREATE MACRO."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Udf:
    """A vectorised Python function over Arrow arrays.

    `load` imports and returns it, so that its libraries cost nothing until a query needs them.
    `arguments` and `result` are DuckDB types. NULLs reach it: it answers for them. One that is
    `total` fails for no value of a column, so that DuckDB may ask it for values of no row.
    """

    name: str
    load: Callable[[], Callable[..., Any]]
    arguments: tuple[str, ...]
    result: str
    total: bool = False


FUNCTIONS: dict[str, Function] = {}
MACROS: dict[str, Macro] = {}
UDFS: dict[str, Udf] = {}


def scalar(
    name: str,
    *signatures: str,
    sql: str | Emit,
    doc: str,
    deterministic: bool = True,
    strict: int | None = None,
    attempt: Emit | None = None,
) -> None:
    """Registers a scalar function."""
    nature = (deterministic, strict, attempt)
    _register(Function(name, "scalar", signatures, _emit(sql), doc, *nature))


def aggregate(name: str, *signatures: str, sql: str | Emit, doc: str) -> None:
    """Registers an aggregate; it may be used over a window too."""
    _register(Function(name, "aggregate", signatures, _emit(sql), doc))


def window(name: str, *signatures: str, sql: str | Emit, doc: str) -> None:
    """Registers a function that needs OVER."""
    _register(Function(name, "window", signatures, _emit(sql), doc))


def operator(
    name: str, *signatures: str, sql: str | Emit, doc: str, strict: int | None = None
) -> None:
    """Registers what an operator does; `name` is the operator's sign (`+`)."""
    _register(
        Function(name, "operator", signatures, _emit(sql), doc, strict=strict),
    )


def alias(name: str, of: str) -> None:
    """Registers a second name of a function."""
    _register(replace(FUNCTIONS[of], name=name))


def macro(name: str, text: str) -> None:
    """Registers a DuckDB macro: `macro("trino_lpad", "(s, n, p) AS …")`."""
    _named(name)
    MACROS[name] = Macro(name, text)


def udf(
    name: str,
    load: Callable[[], Callable[..., Any]],
    arguments: Sequence[str],
    result: str,
    *,
    total: bool = False,
) -> None:
    """Registers a vectorised Python function under the name that templates call."""
    _named(name)
    UDFS[name] = Udf(name, load, tuple(arguments), result, total)


def _register(function: Function) -> None:
    if function.name in FUNCTIONS:
        raise ValueError(f"function {function.name} is registered twice")
    FUNCTIONS[function.name] = function


def _named(name: str) -> None:
    if not name.startswith("trino_") or name in MACROS or name in UDFS:
        raise ValueError(f"{name} must begin with trino_ and be registered once")


def _emit(sql: str | Emit) -> Emit:
    if callable(sql):
        return sql

    template = sql.replace("{*}", "{all}")

    def fill(call: Call) -> str:
        return template.format(
            *call.arguments,
            all=", ".join(call.arguments),
            distinct=call.distinct,
            order=call.order,
            over=call.over,
        )

    return fill
