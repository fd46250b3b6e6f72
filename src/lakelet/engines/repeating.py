"""Which queries answer the same each time, as long as the files that they read stay the same."""

from lakelet.sql import Analysis, tree


def is_repeatable(analysis: Analysis) -> bool:
    """Whether nothing in a query is left to chance or the moment: no LIMIT without an order, no
    sample, no function such as rand() or now()."""
    if analysis.timed:
        return False
    for node in tree.descendants(analysis.query):
        if isinstance(node, tree.Sample):
            return False
        if isinstance(node, tree.Query) and node.limit is not None and not node.order_by:
            return False
        function = getattr(node, "function", None)
        if function is not None and not function.deterministic:
            return False
    return True
