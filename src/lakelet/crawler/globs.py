"""Glue's globs, which exclude objects and tables from a crawl ("Include and exclude patterns", Glue
developer guide).

`*` and `?` stay in a folder, `**` does not; `[…]` and `{…,…}` choose, `\\` quotes.

All patterns are one automaton, made deterministic as paths are read: a path takes one step a
character, whatever stars and groups the patterns have.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from lakelet.errors import InvalidInput

_TOKEN = re.compile(r"\*\*|\[!?\]?[^\]]*\]|\\.|.", re.DOTALL)
_RANGE = re.compile(r"(.)(?:-(.))?", re.DOTALL)
_KEPT: Final = 1_000
"""Sets of places that are kept at a time: patterns may have more than memory has room for."""

Test = Callable[[str], bool]
Places = frozenset[int]


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether any of the patterns means a path.

    Raises InvalidInput for a pattern that is no glob.
    """
    automaton = _Automaton()
    for pattern in patterns:
        try:
            _add(automaton, pattern)
        except ValueError as error:
            raise InvalidInput(f"{pattern} is no glob: {error}", subject=pattern) from error
    return _Steps(automaton).means


@dataclass(slots=True)
class _Automaton:
    """Places between the characters of patterns, from place 0 on.

    `tests` tell which character leads from a place to which other one, `free` where one is as well
    as at a place, `ends` where a pattern has ended.
    """

    tests: list[list[tuple[Test, int]]] = field(default_factory=lambda: [[]])
    free: list[list[int]] = field(default_factory=lambda: [[]])
    ends: set[int] = field(default_factory=set)

    def place(self, *before: int) -> int:
        """A new place, at which one is as well as at some others."""
        self.tests.append([])
        self.free.append([])
        made = len(self.tests) - 1
        for each in before:
            self.free[each].append(made)
        return made

    def reached(self, places: Iterable[int]) -> Places:
        """All places at which one is as well as at these."""
        found, left = set[int](), [*places]
        while left:
            place = left.pop()
            if place not in found:
                found.add(place)
                left += self.free[place]
        return frozenset(found)

    def after(self, places: Places, character: str) -> Places:
        """The places that a character leads to."""
        led = (to for place in places for test, to in self.tests[place] if test(character))
        return self.reached(led)


class _State(dict[str, "_State"]):
    """A set of places, and the states that characters lead to, as far as they were asked for."""

    __slots__ = ("is_end", "places", "steps")

    def __init__(self, steps: "_Steps", places: Places) -> None:
        super().__init__()
        self.steps = steps
        self.places = places
        self.is_end = not places.isdisjoint(steps.automaton.ends)

    def __missing__(self, character: str) -> "_State":
        found = self[character] = self.steps.state(
            self.steps.automaton.after(self.places, character)
        )
        return found


class _Steps:
    """The states of an automaton that paths have led to."""

    def __init__(self, automaton: _Automaton) -> None:
        self.automaton = automaton
        self._states: dict[Places, _State] = {}
        self._first = automaton.reached([0])

    def means(self, path: str) -> bool:
        state = self.state(self._first)
        for character in path:
            state = state[character]
        return state.is_end

    def state(self, places: Places) -> _State:
        found = self._states.get(places)
        if found is None:
            if len(self._states) >= _KEPT:
                for each in self._states.values():
                    each.clear()
                self._states.clear()
            found = self._states[places] = _State(self, places)
        return found


def _add(automaton: _Automaton, pattern: str) -> None:
    """Raises ValueError for groups and brackets that are left open, empty or no ranges."""
    here = automaton.place(0)
    opened: int | None = None
    ended: list[int] = []  # the choices of a group
    for token in _TOKEN.findall(pattern):
        if token == "[":
            raise ValueError("a [ is not closed")
        if token == "{":
            if opened is not None:
                raise ValueError("groups can't be nested")
            opened, ended = here, []
            here = automaton.place(opened)
        elif token == "," and opened is not None:
            ended.append(here)
            here = automaton.place(opened)
        elif token == "}" and opened is not None:
            here = automaton.place(*ended, here)
            opened = None
        else:
            here = _followed(automaton, here, token)
    if opened is not None:
        raise ValueError("a { is not closed")
    automaton.ends.add(here)


def _followed(automaton: _Automaton, here: int, token: str) -> int:
    """The place behind a wildcard or character."""
    if token in ("*", "**"):
        there = automaton.place(here)
        automaton.tests[there].append((_any if token == "**" else _in_folder, there))
    else:
        there = automaton.place()
        automaton.tests[here].append((_in_folder if token == "?" else _test(token), there))
    return there


def _any(_: str) -> bool:
    return True


def _in_folder(character: str) -> bool:
    return character != "/"


def _test(token: str) -> Test:
    """Whether a character is the one, quoted or not, or among those to choose from, where the slash
    never is."""
    if len(token) == 1 or token.startswith("\\"):
        return token[-1].__eq__
    negated = token[1] == "!"
    ranges = _ranges(token[1 + negated : -1])
    return lambda character: (
        character != "/"
        and any(first <= character <= last for first, last in ranges) is not negated
    )


def _ranges(chosen: str) -> list[tuple[str, str]]:
    """The first and last characters of what is between brackets. Raises ValueError."""
    if not chosen:
        raise ValueError("nothing is between brackets")
    ranges = _RANGE.findall(chosen)
    for first, last in ranges:
        if last and last < first:
            raise ValueError(f"{first}-{last} is no range")
    return [(first, last or first) for first, last in ranges]
