"""The JSON paths of custom classifiers: `$`, `.name`, `['name']`, `[n]`, `[*]` and `.*`
("Writing JSON custom classifiers", Glue developer guide)."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lakelet.errors import InvalidInput

Step = str | int | None
"""A member's name, an item's place, or None for all of them."""

_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]*'"]+)|\['(?P<quoted>[^']+)'\]|\[(?P<place>\d+)\]|(?P<all>\[\*\]|\.\*)"""
)


def parsed(path: str) -> tuple[Step, ...]:
    """Raises InvalidInput."""
    place = 1 if path.startswith("$") else -1
    steps: list[Step] = []
    while 0 <= place < len(path):
        match = _STEP.match(path, place)
        if match is None:
            place = -1
            break
        place = match.end()
        name = match["name"] or match["quoted"]
        steps.append(name if name else int(match["place"]) if match["place"] else None)
    if place < 0:
        raise InvalidInput(f"The JSON path {path!r} is not valid")
    return tuple(steps)


def chosen(value: Any, steps: Sequence[Step]) -> Iterator[Any]:
    """The values that a path names."""
    if not steps:
        yield value
        return
    for each in _below(value, steps[0]):
        yield from chosen(each, steps[1:])


def _below(value: Any, step: Step) -> list[Any]:
    if step is None:
        return list(value.values()) if isinstance(value, dict) else _items(value)
    if isinstance(step, int):
        return _items(value)[step : step + 1]
    return [value[step]] if isinstance(value, dict) and step in value else []


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
