"""The rows of JSON_TABLE: the items of its paths, combined by its plan (`analyzer.json_tables`)."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from lakelet.errors import TrinoError
from lakelet.sql.functions.json.path import Scope, parse
from lakelet.sql.functions.json.queries import (
    item_text,
    options_of,
    path_call,
    read_json,
    variables_of,
)
from lakelet.sql.functions.registry import scalar, udf
from lakelet.sql.functions.vectorised import rowwise

Row = dict[int, tuple[str, int]]
"""By the number of a path: an item's text, and which item it is, from 1."""


def _table(text: str, path: str, options: str, passed: str) -> list[dict[str, Any]]:
    """The rows of one input."""
    chosen = options_of(options)
    try:
        variables = variables_of(chosen, passed)
        found = list(_rows(chosen["plan"], read_json(text), variables))
    except TrinoError:
        if chosen["on_error"] == "ERROR":
            raise
        return []
    paths = range(chosen["paths"])
    return [
        {
            "items": [row[i][0] if i in row else None for i in paths],
            "ordinals": [row[i][1] if i in row else None for i in paths],
        }
        for row in found
    ]


def _rows(plan: list[Any], context: Any, variables: dict[str, Any]) -> Iterator[Row]:
    if plan[0] == "UNION":
        for each in plan[1:]:
            yield from _rows(each, context, variables)
    elif plan[0] == "CROSS":
        sides = [list(_rows(each, context, variables)) for each in plan[1:]]
        for rows in product(*sides):
            yield {number: item for row in rows for number, item in row.items()}
    else:
        yield from _path_rows(plan, context, variables)


def _path_rows(plan: list[Any], context: Any, variables: dict[str, Any]) -> Iterator[Row]:
    number, path, operator, child = plan
    for ordinal, item in enumerate(parse(path)(Scope(context, variables)), 1):
        own: Row = {number: (item_text(item), ordinal)}
        below = list(_rows(child, item, variables)) if child is not None else [{}]
        if not below and operator == "OUTER":
            below = [{}]
        for row in below:
            yield {**own, **row}


def _load() -> Any:
    import pyarrow

    of = pyarrow.list_(
        pyarrow.struct(
            [
                ("items", pyarrow.list_(pyarrow.string())),
                ("ordinals", pyarrow.list_(pyarrow.int64())),
            ]
        )
    )
    return rowwise(_table, of)


udf(
    "trino_json_table",
    _load,
    ("VARCHAR",) * 4,
    "STRUCT(items VARCHAR[], ordinals BIGINT[])[]",
)
scalar(
    "json_table",
    "(T, ...) -> varchar",
    sql=lambda call: path_call("json_table", call),
    strict=0,
    doc="Rows of what paths find in JSON.",
)
