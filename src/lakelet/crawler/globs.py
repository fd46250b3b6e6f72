"""Glue's globs, which exclude objects and tables from a crawl ("Include and exclude patterns", Glue
developer guide).

`*` and `?` stay in a folder, `**` does not; `[…]` and `{…,…}` choose, `\\` quotes.
"""

import re
from collections.abc import Callable, Iterable

from lakelet.errors import InvalidInput

_TOKEN = re.compile(r"\*\*|\[!?\]?[^\]]*\]|\\.|.", re.DOTALL)
_WILDCARDS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
_OUTSIDE = {**_WILDCARDS, "{": "(?:"}
_IN_GROUP = {**_WILDCARDS, "}": ")", ",": "|"}


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether any of the patterns means a path.

    Raises InvalidInput for a pattern that is no glob.
    """
    wanted = [_compiled(pattern) for pattern in patterns]
    return lambda path: any(each.fullmatch(path) for each in wanted)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(_translated(pattern), re.DOTALL)
    except (ValueError, re.error) as error:
        raise InvalidInput(f"{pattern} is no glob: {error}", subject=pattern) from error


def _translated(pattern: str) -> str:
    """The regular expression of a glob. Raises ValueError for groups and brackets left open."""
    written, signs = [], _OUTSIDE
    for token in _TOKEN.findall(pattern):
        if token == "[":
            raise ValueError("a [ is not closed")
        if token == "{" and signs is _IN_GROUP:
            raise ValueError("groups can't be nested")
        written.append(signs[token] if token in signs else _literal(token))
        if token in "{}":
            signs = _IN_GROUP if token == "{" else _OUTSIDE
    if signs is _IN_GROUP:
        raise ValueError("a { is not closed")
    return "".join(written)


def _literal(token: str) -> str:
    """A character, quoted or not, or the choice of one, which is never the slash."""
    if len(token) == 1:
        return re.escape(token)
    if token.startswith("\\"):
        return re.escape(token[1:])
    negated, chosen = ("^", token[2:-1]) if token[1] == "!" else ("", token[1:-1])
    escaped = "".join(each if each == "-" else re.escape(each) for each in chosen)
    return f"(?!/)[{negated}{escaped}]"
