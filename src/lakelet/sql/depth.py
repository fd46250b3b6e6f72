"""Room on the stack for statements as deep as Trino takes them."""

import sys
from typing import Final

FRAMES: Final = 12_000
"""Enough for 700 parentheses and for 1,000 sums in a row, both of which Trino takes."""

DEEPEST: Final = 2_500
"""Levels of an expression that are analysed: Trino gives up between 2,000 and 3,000."""


def make_room() -> None:
    """Raises the interpreter's limit, once and for all: threads may be deep at the same time.

    Calls between Python functions take no room on the machine's own stack.
    """
    if sys.getrecursionlimit() < FRAMES:
        sys.setrecursionlimit(FRAMES)
