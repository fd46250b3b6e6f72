"""Java's regular expressions over names, as GetTables and ListTableMetadata take them."""

import re
import time
from collections.abc import Callable
from math import prod
from typing import Final

from lakelet.errors import InvalidInput

_QUOTED: Final = re.compile(r"\\Q(.*?)(?:\\E|\Z)", re.DOTALL)
_ANY: Final = re.compile(r"(?<![.\])}\\])\*")
_REPEAT: Final = re.compile(r"\{(\d{1,9})")
_MOST_COPIES: Final = 1_000_000
"""How often a part may be repeated: the library writes each out."""
_SECONDS: Final = 5.0
"""How long the names of a listing may be searched."""


def matches(pattern: str, *, whole: bool = True) -> Callable[[str], bool]:
    """Whether a name is what an expression says, or only holds it; `*` alone stands for any text,
    as in Hive, and what `\\Q` and `\\E` enclose for itself.

    Raises InvalidInput; what it gives does too, where the names take too long.
    """
    import regex

    parts = _QUOTED.split(pattern)
    parts[::2] = [_ANY.sub(".*", part) for part in parts[::2]]
    parts[1::2] = [re.escape(part) for part in parts[1::2]]
    if prod(int(found) or 1 for found in _REPEAT.findall(pattern)) > _MOST_COPIES:
        raise InvalidInput(f"The expression {pattern!r} repeats too much")
    try:
        compiled = regex.compile("".join(parts), regex.IGNORECASE)
    except (regex.error, RecursionError) as error:
        raise InvalidInput(f"The expression {pattern!r} is not valid: {error}") from error
    find = compiled.fullmatch if whole else compiled.search
    ends = time.monotonic() + _SECONDS

    def wanted(name: str) -> bool:
        try:
            return find(name, timeout=max(ends - time.monotonic(), 0.001)) is not None
        except TimeoutError:
            raise InvalidInput(f"The expression {pattern!r} takes too long") from None

    return wanted
