"""Functions over a window's rows: ranks, and values of other rows."""

from lakelet.sql.functions.registry import window

for _name, _result, _doc in (
    ("row_number", "bigint", "The number of the row in its window, from 1."),
    ("rank", "bigint", "The rank of the row: peers share one, and the next is behind them all."),
    ("dense_rank", "bigint", "The rank of the row: peers share one, and no rank is left out."),
    ("percent_rank", "double", "The rank as a share, from 0 to 1."),
    ("cume_dist", "double", "The share of rows that do not come after the row and its peers."),
):
    window(_name, f"() -> {_result}", sql=f"{_name}(){{over}}", doc=_doc)

window(
    "ntile",
    "(bigint) -> bigint",
    sql="ntile({0}){over}",
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
        sql=f"{_name}({{*}}{{order}}){{over}}",
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
    sql="nth_value({0}, {1}{order}){over}",
    doc="The value of the frame's row of that number, from 1.",
)
