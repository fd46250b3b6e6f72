"""The FILTER and OVER clauses of an aggregate, with a condition more."""

from lakelet.sql.functions.registry import Call


def present(call: Call, key: str) -> str:
    """FILTER and OVER with one condition more: that a value is not NULL."""
    return condition(call, f"{key} IS NOT NULL")


def condition(call: Call, test: str) -> str:
    """FILTER and OVER with one condition more."""
    if " FILTER (WHERE " in call.over:
        return call.over.replace(" FILTER (WHERE ", f" FILTER (WHERE {test} AND ", 1)
    return f" FILTER (WHERE {test}){call.over}"
