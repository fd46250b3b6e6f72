"""greatest and least: NULL when an argument is, NaN only when there is nothing else."""

from lakelet.sql.emitter.comparison import compare
from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.registry import Call, Emit, scalar
from lakelet.types import Type


def _extreme(sign: str) -> Emit:
    def emit(call: Call) -> str:
        def fold(*values: str) -> str:
            found = values[0]
            for value in values[1:]:
                found = _better(sign, found, value, call.result)
            known = " AND ".join(f"{value} IS NOT NULL" for value in values)
            return f"CASE WHEN {known} THEN {found} END"

        return bound(call.arguments, fold)

    return emit


def _better(sign: str, first: str, second: str, of: Type) -> str:
    chosen = f"CASE WHEN {compare(sign, first, second, of)} THEN {first} ELSE {second} END"
    if of.name not in ("double", "real"):
        return chosen
    return (
        f"CASE WHEN isnan({first}) THEN {second} WHEN isnan({second}) THEN {first}"
        f" ELSE {chosen} END"
    )


scalar(
    "greatest",
    "(E:orderable, ...) -> E",
    sql=_extreme(">="),
    doc="The greatest of the values.",
)
scalar("least", "(E:orderable, ...) -> E", sql=_extreme("<="), doc="The least of the values.")
