"""Which queries answer the same each time, as long as the files that they read stay the same."""

import re

from lakelet.sql import tree

_OF_THE_SESSION = re.compile(r"\b(?:now|(?:current|local)_?(?:time|timestamp|date|user))\b", re.I)


def is_repeatable(text: str, query: tree.Query) -> bool:
    """Whether nothing in a query is left to chance or the moment: no LIMIT without an order, no
    sample, no function such as rand() or now()."""
    if _OF_THE_SESSION.search(text):
        return False
    for node in tree.descendants(query):
        if isinstance(node, tree.Sample):
            return False
        if isinstance(node, tree.Query) and node.limit is not None and not node.order_by:
            return False
        function = getattr(node, "function", None)
        if function is not None and not function.deterministic:
            return False
    return True
