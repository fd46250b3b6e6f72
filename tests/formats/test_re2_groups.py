"""RE2's groups of plain patterns are those of Java's expressions (`java_util_regex`)."""

import random

import pyarrow
import pytest

from lakelet.formats.text.re2_groups import Re2Groups, re2_groups
from lakelet.sql.functions.java.util_regex import compiled

ATOMS = ("a", "b", ".", r"\d", r"\w", r"\s", r"\S", "[ab]", "[^a]", "[0-9]", r"\.", "-", " ", r"\b")
QUANTIFIERS = ("", "", "", "", "*", "+", "?", "*?", "+?", "??", "{1,2}", "{2}")
OPENINGS = ("(", "(", "(?:", "(?i:", "(?<x>")
FLAGS = ("s", "si", "f", "fn")


def _pattern(chance: random.Random, depth: int = 0) -> str:
    out = ""
    for _ in range(chance.randint(1, 4)):
        nested = depth < 2 and chance.random() < 0.35
        inside = f"{chance.choice(OPENINGS)}{_pattern(chance, depth + 1)})" if nested else ""
        out += (inside or chance.choice(ATOMS)) + chance.choice(QUANTIFIERS)
    return out + (f"|{chance.choice(ATOMS)}" if chance.random() < 0.2 else "")


@pytest.mark.parametrize("seed", range(4))
def test_plain_patterns_have_the_same_groups(seed: int) -> None:
    chance = random.Random(seed)
    texts = ["".join(chance.choices("ab01. -A_", k=chance.randint(0, 7))) for _ in range(60)]
    plain = 0
    for _ in range(1500):
        pattern, flags = _pattern(chance), chance.choice(FLAGS)
        if pattern.count("(?<x>") > 1:
            continue
        found = re2_groups(pattern, flags)
        if found is None:
            continue
        plain += 1
        given = _given(found, texts)
        assert given == [_expected(pattern, flags, text) for text in texts], (pattern, flags)
    assert plain > 50


def _given(found: Re2Groups, texts: list[str]) -> list[list[str | None]]:
    columns = [each.to_pylist() for each in found.of(pyarrow.array(texts))]
    return [list(each) for each in zip(*columns, strict=True)]


def _expected(pattern: str, flags: str, text: str) -> list[str | None]:
    wanted = compiled(pattern, flags)
    match = wanted.search(text) if "f" in flags else wanted.fullmatch(text)
    if match is None:
        return [None] * (len(wanted.groupindex) if "n" in flags else wanted.groups)
    if "n" in flags:
        return [match[number] for number in sorted(wanted.groupindex.values())]
    return list(match.groups())


@pytest.mark.parametrize(
    "pattern",
    [
        r'^([^ ]*) ([^ ]*) \[([^\]]*)\] "([^"]*)" (-|[0-9]*)$',
        r"([^,]*),([^,]*),(\d+)(?:,(\w+))?",
        r"(?<year>\d{4})-(?<month>\d\d)(T.*)?",
    ],
)
def test_patterns_of_logs_are_plain(pattern: str) -> None:
    found = re2_groups(pattern, "s")
    assert found is not None
    texts = ['a b [c] "d" -', 'a b [c] "" 12', "x,y,1", "x,,12,z", "2024-05", "2024-05T1", ""]
    given = _given(found, texts)
    assert given == [_expected(pattern, "s", text) for text in texts]
    assert any(any(each) for each in given)


@pytest.mark.parametrize(
    "pattern",
    [
        *(r"(a)*", r"((a)|b)+", r"(a*)?", r"(a*)|b", r"(a)(?=b)", r"(?!a)(b)", r"(a)\1", "(a)++"),
        *(
            r"(a$|b)c",
            r"(^a)",
            r"([a&&b])",
            r"([[a]b])",
            "(ä)",
            r"(\p{L})",
            r"(a){300}",
            "a",
            "(",
            ")",
        ),
        *(r"(?s)(.)", r"(?<!a)(b)", r"(\Qa\E)", r"(?>a)(b)", r"(a{,2})", r"(\x41)"),
    ],
)
def test_other_patterns_are_left(pattern: str) -> None:
    assert re2_groups(pattern, "s") is None
