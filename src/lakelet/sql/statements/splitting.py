"""Several statements in one text, with semicolons between them."""

import re
from collections.abc import Iterator
from typing import Final

from lakelet.sql.statements import is_of_trino

_OTHERS: Final = r"""|"(?:""|[^"])*"|`[^`]*`|--[^\n]*|/\*.*?\*/|;|[^'"`;/-]+|."""
_OF_TRINO: Final = re.compile(r"'(?:''|[^'])*'" + _OTHERS, re.DOTALL)
_OF_HIVE: Final = re.compile(r"'(?:\\.|''|[^'\\])*'" + _OTHERS, re.DOTALL)
"""Pieces of statements: a backslash is only in Hive's texts an escape."""

_NOTHING: Final = re.compile(r"(?>\s|--[^\n]*|/\*.*?\*/)*", re.DOTALL)


def split(text: str) -> Iterator[str]:
    """The statements of a text, with the comments in and before each and without semicolons.

    A semicolon in a literal, a quoted name or a comment parts nothing.
    """
    start, at, pieces = 0, 0, _pieces(text, 0)
    while found := pieces.match(text, at):
        at = found.end()
        if found[0] == ";":
            yield from _told(text[start : found.start()])
            start, pieces = at, _pieces(text, at)
    yield from _told(text[start:])


def _pieces(text: str, at: int) -> re.Pattern[str]:
    """What the statement that begins there is made of."""
    return _OF_TRINO if is_of_trino(text, at) else _OF_HIVE


def _told(statement: str) -> Iterator[str]:
    if not _NOTHING.fullmatch(statement):
        yield statement.strip()
