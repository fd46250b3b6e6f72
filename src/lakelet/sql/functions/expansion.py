"""How large an expression is for DuckDB, which puts the texts of macros in their places.

A macro that names its parameter three times makes three copies of what it is called with, and nine
of what that is called with: planning takes as long, though equal copies are computed once.
"""

import re
from functools import cache, lru_cache
from typing import Final

from lakelet.sql.functions.registry import MACROS

LARGE: Final = 1000
"""The size, in words, from which on planning is felt."""

_WORD: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\.?\w+\(?|[()]|[^\s\w]")


def multiplies(text: str, argument: str) -> bool:
    """Whether an expression is large because it holds copies of an argument, not a name's."""
    if "trino_" not in text or len(argument) < _NAME:
        return False
    whole, part = size(text), size(argument)
    return whole > LARGE and part > _NAME and whole > 2 * part


_NAME: Final = 20


@lru_cache(maxsize=256)
def size(sql: str) -> int:
    """The words of an expression once its macros are expanded."""
    return sum(times * _own(word) for word, times in _words(sql))


def _words(sql: str) -> list[tuple[str, int]]:
    """Each word, and the copies that the macros around it make of it."""
    found, around, times = [], [], 1
    for word in _WORD.findall(sql):
        found.append((word, times))
        if word[-1] == "(":
            around.append(times)
            times *= _copies(word[:-1])
        elif word == ")" and around:
            times = around.pop()
    return found


@cache
def _own(word: str) -> int:
    """The size of a macro's text, its parameters being one word each; 1 for any other word."""
    name = word.removesuffix("(")
    return size(MACROS[name].text) if name in MACROS else 1


@cache
def _copies(name: str) -> int:
    """How often a macro's text comes to name the parameter that it names most."""
    if name not in MACROS:
        return 1
    parameters, text = MACROS[name].text.split(" AS ", 1)
    places = _words(text)
    named = re.findall(r"\w+", parameters)
    return max([1, *(sum(times for word, times in places if word == each) for each in named)])
