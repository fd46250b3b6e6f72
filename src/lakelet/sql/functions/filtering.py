"""The FILTER and OVER clauses of an aggregate, with a condition more."""

from dataclasses import replace

from lakelet.sql.functions.registry import NOT_CONSTANT, Call


def present(call: Call, *keys: str) -> str:
    """FILTER and OVER with one condition more: that values are not NULL."""
    return condition(call, " AND ".join(f"{key} IS NOT NULL" for key in dict.fromkeys(keys)))


def complete(call: Call) -> Call:
    """A call over the rows of which no argument is NULL; constants need no look."""
    columns = [
        each
        for each, constant in zip(call.arguments, call.constants, strict=True)
        if constant is NOT_CONSTANT or constant is None
    ]
    return replace(call, over=present(call, *columns)) if columns else call


def condition(call: Call, test: str) -> str:
    """FILTER and OVER with one condition more."""
    if " FILTER (WHERE " in call.over:
        return call.over.replace(" FILTER (WHERE ", f" FILTER (WHERE {test} AND ", 1)
    return f" FILTER (WHERE {test}){call.over}"
