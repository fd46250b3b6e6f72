"""Patterns that RE2 takes are answered as by the `regex` library, which takes all."""

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError
from lakelet.sql.functions.java.joni import compiled, translate
from lakelet.sql.functions.text import regexp
from tests.sql.shortcuts.answering import differences, emission

_ATOMS = (
    *("a", "b", "s", "st", "K", "ä", "ß", " ", "-", "0", ".", "\\d", "\\w", "\\s", "\\S", "\\D"),
    *("[ab]", "[^a]", "[a-f\\d]", "[^\\s,]", "\\b", "\\B", "^", "$", "\\Z", "\\z", "\\."),
    *("\\p{L}", "\n"),
)
_QUANTIFIERS = ("", "", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,3}?", "{0}")
_LETTERS = (*"abcsStkK07 -.,\n", "ä", "ß", "\ufb01", "\u212a")
_TEXTS_OF_A_PATTERN = 60


def _pattern(choose: random.Random) -> str:
    flags = choose.choice(("", "", "", "(?i)"))
    return flags + _alternatives(choose, 2)


def _alternatives(choose: random.Random, depth: int) -> str:
    number = choose.choice((1, 1, 1, 2, 3))
    return "|".join(_sequence(choose, depth) for _ in range(number))


def _sequence(choose: random.Random, depth: int) -> str:
    return "".join(_quantified(choose, depth) for _ in range(choose.randrange(1, 4)))


def _quantified(choose: random.Random, depth: int) -> str:
    if depth and choose.random() < 0.35:
        opening = choose.choice(("(", "(", "(?:", "(?i:", "(?<n>"))
        atom = f"{opening}{_alternatives(choose, depth - 1)})"
    else:
        atom = choose.choice(_ATOMS)
    places = ("^", "$", "\\b", "\\B", "\\Z", "\\z")
    return atom if atom in places else atom + choose.choice(_QUANTIFIERS)


def _texts(choose: random.Random) -> list[str | None]:
    found: list[str | None] = [None, "", "\n", "a", "abc", "a\n"]
    for _ in range(_TEXTS_OF_A_PATTERN):
        found.append("".join(choose.choice(_LETTERS) for _ in range(choose.randrange(9))))
    for _ in range(_TEXTS_OF_A_PATTERN):
        found.append("".join(choose.choice(_LETTERS[:-4]) for _ in range(choose.randrange(9))))
    return found


def patterns(seed: int, number: int) -> Iterator[tuple[str, list[str | None]]]:
    """Patterns for RE2 and texts for each."""
    choose = random.Random(seed)
    while number:
        pattern = _pattern(choose)
        try:
            compiled(pattern)
        except TrinoError:
            continue
        if translate(pattern).re2 is not None:
            yield pattern, _texts(choose)
            number -= 1


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDb]:
    engine = DuckDb(threads=1)
    yield engine
    engine.close()


def calls(pattern: str) -> Iterator[tuple[str, tuple[Any, ...], Callable[[str], Any]]]:
    """The functions that take a pattern, what stands behind the text, and the answers."""
    yield "regexp_like", (), lambda text: regexp._like(text, pattern)
    yield "regexp_count", (), lambda text: regexp._count(text, pattern)
    yield "regexp_split", (), lambda text: regexp._split(text, pattern)
    yield "regexp_position", (), lambda text: regexp._position(text, pattern, 1, 1)
    for n in range(compiled(pattern).groups + 1):
        yield "regexp_extract", (n,), partial(_called, regexp._extract, pattern, n)
        yield "regexp_extract_all", (n,), partial(_called, regexp._extract_all, pattern, n)
        new = f"<\\\\${n}\\$>"
        yield "regexp_replace", (new,), partial(_called, regexp._replace, pattern, new)


def _called(function: Callable[..., Any], pattern: str, more: Any, text: str) -> Any:
    return function(text, pattern, more)


@pytest.mark.parametrize("seed", range(6))
def test_patterns(engine: DuckDb, seed: int) -> None:
    for pattern, texts in patterns(seed, 15):
        for name, more, function in calls(pattern):
            sql = emission(name, pattern, *more)
            if sql.startswith(f"trino_{name}("):
                continue  # no shortcut
            assert differences(engine, sql, function, texts) == [], (name, pattern, more, sql)


@pytest.mark.parametrize(
    "pattern", ["[ab]", "[^a]", "\\d", "[\\]\\^a]", "[\\s\\x41-\\x4b]", "\\W", "[a-]"]
)
def test_characters_that_are_taken_away(engine: DuckDb, pattern: str) -> None:
    texts = [*_texts(random.Random(pattern)), "]^a\\-A"]
    sql = emission("regexp_replace", pattern)
    assert "+'" in sql
    expected = partial(_called, regexp._replace, pattern, "")
    assert differences(engine, sql, expected, texts) == []
