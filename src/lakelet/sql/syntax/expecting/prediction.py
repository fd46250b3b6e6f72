"""Which way a parser goes on at a choice: the one that is left when as many tokens as needed are
looked at, as ANTLR's ALL(*) predicts it.

All ways are gone at once. First without regard to the rules around (what may follow a rule is then
whatever follows it anywhere), which is remembered for every later text; where that leaves two ways
that end alike, once more with the rules that the parser is really in.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from lakelet.sql.syntax.expecting.grammar import Grammar, State, Step, grammar

_REMEMBERED: Final = 50_000
MOST_EXACT: Final = 400
"""As many tokens are looked at with the rules around: a few milliseconds each at the worst."""


class TooFarError(Exception):
    """Which way a parser goes on cannot be told in reasonable time."""


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Where to go on when the innermost rule is over, with what is below; several places where
    ways that differ in that only are gone as one. `over` says that no rule below is known."""

    after: tuple[tuple[State, "Stack"], ...]
    over: bool


BOTTOM: Final = Stack((), True)


@dataclass(frozen=True, slots=True)
class _Way:
    """`choice` is the step it began with; `left` says that it went beyond the rule that the
    choice is in, `loosely` that it did so into a caller at the loosest precedence."""

    state: State
    choice: int
    stack: Stack
    left: bool = False
    loosely: bool = False


@dataclass(slots=True, eq=False)
class _Stage:
    """Ways after some tokens; `choice` where one is left, `torn` where two end alike."""

    ways: tuple[_Way, ...]
    choice: int | None
    torn: bool
    after: dict[str, "_Stage | None"] = field(default_factory=dict)


class Predictor:
    """Choices in one grammar, with what was found out so far."""

    def __init__(self, of: Grammar) -> None:
        self.of = of
        self.stacks: dict[tuple[frozenset[tuple[State, Stack]], bool], Stack] = {}
        self.merged: dict[tuple[Stack, Stack, bool], Stack] = {}
        self._first: dict[tuple[State, int], _Stage] = {}
        self._stages: dict[frozenset[_Way], _Stage] = {}

    def push(self, to: State, below: Stack) -> Stack:
        """The one stack of these parts."""
        return self._stack({to: below}, over=False)

    def _stack(self, after: dict[State, Stack], over: bool) -> Stack:
        key = frozenset(after.items()), over
        if key not in self.stacks:
            self.stacks[key] = Stack(tuple(after.items()), over) if after else BOTTOM
        return self.stacks[key]

    def _merge(self, one: Stack, other: Stack, exact: bool) -> Stack:
        """Both stacks as one. What may go on anywhere takes in what goes on somewhere, unless
        stacks are `exact`. Remembered, since stacks share what is below them."""
        if one is other:
            return one
        if not exact and (one.over or other.over):
            return BOTTOM
        key = one, other, exact
        found = self.merged.get(key)
        if found is None:
            after = dict(one.after)
            for to, below in other.after:
                after[to] = self._merge(after[to], below, exact) if to in after else below
            found = self.merged[key] = self._stack(after, one.over or other.over)
        return found

    def choose(
        self, at: State, tokens: Sequence[str], index: int, stack: Stack, precedence: int
    ) -> tuple[int | None, int, int]:
        """The step that a choice is decided for, None where no way takes the tokens; the last
        token that was looked at; and how many were with the rules that the parser is in.

        Raises TooFarError where these are more than can be looked at in a second.
        """
        stage = self._begin(at, precedence)
        looked = index - 1
        while stage.choice is None and not stage.torn:
            looked = min(looked + 1, len(tokens) - 1)
            token = tokens[looked]
            if token not in stage.after:
                stage.after[token] = self._step(stage, token)
            following = stage.after[token]
            if following is None:
                return _finished(stage.ways), looked, 0
            stage = following
        if stage.choice is not None:
            return stage.choice, looked, 0
        choice, exactly = self._choose_exactly(at, tokens, index, stack, precedence)
        last = max(looked, exactly) if choice is not None else exactly
        return choice, last, exactly - index + 1

    def _begin(self, at: State, precedence: int) -> _Stage:
        key = at, precedence if at.graded else 0
        if key not in self._first:
            ways = self._start(at, BOTTOM, precedence, exact=False)
            if at.graded:
                ways = _graded(ways)
            self._first[key] = self._stage(ways)
        return self._first[key]

    def _stage(self, ways: Iterable[_Way]) -> _Stage:
        known = frozenset(ways)
        if known not in self._stages:
            unique = _unique(known)
            torn = unique is None and _end_alike(known)
            self._stages[known] = _Stage(tuple(known), unique, torn)
        return self._stages[known]

    def _step(self, stage: _Stage, token: str) -> _Stage | None:
        ways = self._reached(stage.ways, token, exact=False)
        return self._stage(ways) if ways else None

    def _choose_exactly(
        self, at: State, tokens: Sequence[str], index: int, stack: Stack, precedence: int
    ) -> tuple[int | None, int]:
        ways = self._start(at, stack, precedence, exact=True)
        furthest = index + MOST_EXACT
        while True:
            if index > furthest:
                raise TooFarError
            reached = self._reached(ways, tokens[index], exact=True)
            if not reached:
                return _finished(ways), index
            choice = _unique(reached)
            if choice is None:
                choice = _alike(reached)
            if choice is not None:
                return choice, index
            ways = reached
            index += index < len(tokens) - 1

    def _start(self, at: State, stack: Stack, precedence: int, exact: bool) -> list[_Way]:
        found = _Found(self, exact)
        for choice, step in enumerate(at.steps):
            found.spread(_Way(step.to, choice, stack), (at.rule, precedence), set())
        return found.ways()

    def _reached(self, ways: Iterable[_Way], token: str, exact: bool) -> list[_Way]:
        moved = [
            _Way(step.to, way.choice, way.stack, way.left, way.loosely)
            for way in ways
            for step in way.state.steps
            if token in step.tokens
        ]
        if len({way.choice for way in moved}) <= 1:
            return moved
        found = _Found(self, exact)
        seen: set[_Way] = set()
        for way in moved:
            found.spread(way, None, seen)
        return found.ways()


class _Found:
    """Ways before their next token, one for each choice in a state."""

    def __init__(self, predictor: Predictor, exact: bool) -> None:
        self.predictor = predictor
        self.exact = exact
        self.by_place: dict[tuple[State, int], _Way] = {}

    def ways(self) -> list[_Way]:
        return list(self.by_place.values())

    def _add(self, way: _Way) -> None:
        key = way.state, way.choice
        known = self.by_place.get(key)
        if known is not None:
            stack = self.predictor._merge(known.stack, way.stack, self.exact)
            left, loosely = known.left or way.left, known.loosely or way.loosely
            way = _Way(way.state, way.choice, stack, left, loosely)
        self.by_place[key] = way

    def spread(self, way: _Way, within: tuple[str, int] | None, seen: set[_Way]) -> None:
        """Adds the ways that a way becomes for nothing. `within` is the rule of the choice and its
        precedence, while that is known."""
        waiting = [(way, 0)]
        while waiting:
            at, depth = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            if at.state.kind == "end":
                waiting += [(each, depth - 1) for each in self._beyond(at)]
                continue
            if any(step.tokens for step in at.state.steps):
                self._add(at)
            for step in at.state.steps:
                if step.tokens or not _is_open(step, depth, within):
                    continue
                if step.through is None:
                    on = _Way(step.to, at.choice, at.stack, at.left, at.loosely)
                    waiting.append((on, depth))
                else:
                    stack = self.predictor.push(step.to, at.stack)
                    on = _Way(step.through, at.choice, stack, at.left, at.loosely)
                    waiting.append((on, depth + 1))

    def _beyond(self, at: _Way) -> list[_Way]:
        """The ways on when a rule is over."""
        found = [_Way(to, at.choice, below, at.left, at.loosely) for to, below in at.stack.after]
        anywhere = self.predictor.of.after[at.state.rule]
        if at.stack.over and (self.exact or not anywhere):
            self._add(at)
        elif at.stack.over:
            found += [
                _Way(to, at.choice, BOTTOM, True, at.loosely or loosely) for to, loosely in anywhere
            ]
        return found


def predictor() -> Predictor:
    """One that remembers, until it is much."""
    found = _shared()
    if len(found.stacks) + len(found.merged) > _REMEMBERED:
        _shared.cache_clear()
        found = _shared()
    return found


@cache
def _shared() -> Predictor:
    return Predictor(grammar())


def _is_open(step: Step, depth: int, within: tuple[str, int] | None) -> bool:
    """Whether a level of precedence can be gone; deeper than the choice all can."""
    return step.level is None or depth != 0 or within is None or step.level >= within[1]


def _finished(ways: Iterable[_Way]) -> int | None:
    """The first choice whose way saw the choice's rule to its end."""
    return min((way.choice for way in ways if way.left), default=None)


def _graded(ways: Sequence[_Way]) -> list[_Way]:
    """Without the ways out of a loop that are ways on in it too."""
    inner = {(way.state, way.stack) for way in ways if way.choice == 0}
    return [
        way for way in ways if way.choice == 0 or way.loosely or (way.state, way.stack) not in inner
    ]


def _unique(ways: Iterable[_Way]) -> int | None:
    choices = {way.choice for way in ways}
    return choices.pop() if len(choices) == 1 else None


def _groups(ways: Iterable[_Way]) -> list[set[int]]:
    """The choices that are in one state with the same stack."""
    found: dict[tuple[State, Stack], set[int]] = {}
    for way in ways:
        found.setdefault((way.state, way.stack), set()).add(way.choice)
    return list(found.values())


def _end_alike(ways: Collection[_Way]) -> bool:
    """Whether no further token can tell ways apart, as far as the rules around do not."""
    if all(way.state.kind == "end" for way in ways):
        return True
    if not any(len(choices) > 1 for choices in _groups(ways)):
        return False
    return not _has_lone_state(ways)


def _has_lone_state(ways: Iterable[_Way]) -> bool:
    found: dict[State, set[int]] = {}
    for way in ways:
        found.setdefault(way.state, set()).add(way.choice)
    return any(len(choices) == 1 for choices in found.values())


def _alike(ways: Iterable[_Way]) -> int | None:
    """The choice that all ways can be taken for; None where they still differ."""
    least = {min(choices) for choices in _groups(ways)}
    return least.pop() if len(least) == 1 else None
