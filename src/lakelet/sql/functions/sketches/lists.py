"""Arrow functions over a group's values, which come as a list."""

from collections.abc import Callable
from typing import Any

from lakelet.errors import TrinoError


def of_lists(function: Callable[..., Any], result: Any) -> Callable[..., Any]:
    """The Arrow function that applies `function` to each list, an Arrow array, and to the values
    of other arguments beside it; NULL in any gives NULL. `result` is an Arrow type or its name.
    """
    import pyarrow

    of = pyarrow.type_for_alias(result) if isinstance(result, str) else result

    def run(chunked: Any, *others: Any) -> Any:
        lists = chunked.combine_chunks()
        offsets, values = lists.offsets.to_pylist(), lists.values
        present = lists.is_valid().to_pylist()
        beside = [each.to_pylist() for each in others]
        found = []
        for i, valid in enumerate(present):
            rest = [column[i] for column in beside]
            known = valid and None not in rest
            part = values[offsets[i] : offsets[i + 1]]
            found.append(function(part, *rest) if known else None)
        return pyarrow.array(found, of)

    return run


def internal(message: str) -> TrinoError:
    """GENERIC_INTERNAL_ERROR."""
    return TrinoError("GENERIC_INTERNAL_ERROR", message)
