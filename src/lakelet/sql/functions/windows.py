"""Functions over a window's rows: ranks, and values of other rows."""

from lakelet.sql.functions.registry import Call, Emit, window
from lakelet.sql.functions.vectorised import refused

for _name, _result, _doc in (
    ("row_number", "bigint", "The number of the row in its window, from 1."),
    ("rank", "bigint", "The rank of the row: peers share one, and the next is behind them all."),
    ("dense_rank", "bigint", "The rank of the row: peers share one, and no rank is left out."),
    ("percent_rank", "double", "The rank as a share, from 0 to 1."),
    ("cume_dist", "double", "The share of rows that do not come after the row and its peers."),
):
    window(_name, f"() -> {_result}", sql=f"{_name}(){{over}}", doc=_doc)


def _ntile(call: Call) -> str:
    (count,) = call.arguments
    fails = refused("Buckets must be greater than 0", "BIGINT")
    if isinstance(call.constants[0], int) and call.constants[0] > 0:
        return f"ntile({count}){call.over}"
    return f"ntile(CASE WHEN {count} <= 0 THEN {fails} ELSE {count} END){call.over}"


def _nth_value(call: Call) -> str:
    value, place = call.arguments
    if not isinstance(call.constants[1], int) or call.constants[1] < 1:
        fails = refused("Offset must be at least 1", "BIGINT")
        place = f"CASE WHEN {place} < 1 THEN {fails} ELSE {place} END"
    return f"nth_value({value}, {place}{call.order}){call.over}"


def _shifted(name: str) -> Emit:
    """lag and lead; how far away must be a number that is not negative."""

    def emit(call: Call) -> str:
        value, *rest = call.arguments
        if rest and not (isinstance(call.constants[1], int) and call.constants[1] >= 0):
            far = rest[0]
            missing = refused("Offset must not be null", "BIGINT")
            negative = refused("Offset must be at least 0", "BIGINT")
            rest[0] = (
                f"CASE WHEN {far} IS NULL THEN {missing}"
                f" WHEN {far} < 0 THEN {negative} ELSE {far} END"
            )
        return f"{name}({', '.join((value, *rest))}{call.order}){call.over}"

    return emit


window(
    "ntile",
    "(bigint) -> bigint",
    sql=_ntile,
    doc="The number of the row's bucket when the rows are cut into that many even ones.",
)
for _name, _doc in (
    ("lag", "The value some rows before, one unless told, or a default where there is none."),
    ("lead", "The value some rows behind, one unless told, or a default where there is none."),
):
    window(
        _name,
        "(T) -> T",
        "(T, bigint) -> T",
        "(T, bigint, T) -> T",
        sql=_shifted(_name),
        doc=_doc,
    )
window(
    "first_value",
    "(T) -> T",
    sql="first_value({0}{order}){over}",
    doc="The first value of the frame.",
)
window(
    "last_value", "(T) -> T", sql="last_value({0}{order}){over}", doc="The last value of the frame."
)
window(
    "nth_value",
    "(T, bigint) -> T",
    sql=_nth_value,
    doc="The value of the frame's row of that number, from 1.",
)
