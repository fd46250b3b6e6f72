"""What a clause cannot hold."""

from typing import Any

from lakelet.sql.analyzer.expressions import ExpressionAnalyzer
from lakelet.sql.analyzer.formatting import describe


def refuse_aggregates(analyzer: ExpressionAnalyzer, clause: str, node: Any) -> None:
    """EXPRESSION_NOT_SCALAR when a clause holds aggregates or window functions."""
    found = [*analyzer.aggregates, *analyzer.windows, *analyzer.groupings]
    if found:
        shown = ", ".join(map(describe, found))
        raise analyzer.error(
            "EXPRESSION_NOT_SCALAR",
            f"{clause} cannot contain aggregations, window functions or grouping operations:"
            f" [{shown}]",
            node,
        )
