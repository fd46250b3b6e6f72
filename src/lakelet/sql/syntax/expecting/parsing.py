"""Where ANTLR's parser gives up in a text that is none of the language."""

from collections.abc import Sequence
from dataclasses import dataclass

from lakelet.sql.syntax.expecting.grammar import State, grammar
from lakelet.sql.syntax.expecting.prediction import (
    BOTTOM,
    MOST_EXACT,
    Stack,
    TooFarError,
    predictor,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """`state` in the rules of `stack` is where the parser stood before the token at `index`;
    `noticed` is the token at which it knew, `last` the last one that it had looked at."""

    state: State
    stack: Stack
    index: int
    noticed: int
    last: int


def failure(tokens: Sequence[str], start: str) -> Failure | None:
    """Where a text's tokens cease to be the rule `start`; None where they are it.

    Raises TooFarError where that cannot be told in reasonable time.
    """
    return _Parser(tokens).parse(grammar().begins[start])


class _Parser:
    """A walk along the states; `earlier` is the last place that could have gone on otherwise,
    which ANTLR remembers for its messages until a choice takes the token before it."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tokens
        self.index = 0
        self.last = 0
        self.exactly = 0
        self.stack = BOTTOM
        self.precedences = [0]
        self.earlier: tuple[State, Stack] | None = None
        self.predictor = predictor()

    def parse(self, state: State) -> Failure | None:
        while state.kind != "end" or self.stack is not BOTTOM:
            found = self._next(state)
            if isinstance(found, Failure):
                return found
            state = found
        return None

    def _next(self, state: State) -> State | Failure:
        if state.kind == "end":
            self.precedences.pop()
            ((state, self.stack),) = self.stack.after
            return state
        if state.kind in ("choice", "loop", "repeat", "back"):
            return self._choose(state)
        step = state.steps[0]
        if step.through is not None:
            self.stack = self.predictor.push(step.to, self.stack)
            self.precedences.append(step.precedence)
            return step.through
        if step.tokens:
            if self.tokens[self.index] not in step.tokens:
                at, stack = self.earlier or (state, self.stack)
                return self._failed(at, stack, self.index)
            self.index += 1
        return step.to

    def _choose(self, state: State) -> State | Failure:
        """The state behind a choice. A loop that was run through chooses as at its entry."""
        token = self.tokens[self.index]
        if token in state.next:
            self.earlier = None
        elif None in state.next:
            self.earlier = self.earlier or (state, self.stack)
        else:
            self.last = self.index + 1
            return self._failed(state, self.stack, self.index)
        ends_loop = state.kind == "back" and len(state.steps) == 1
        decision = state.steps[0].to if ends_loop else state
        if len(decision.steps) == 1:
            return decision.steps[0].to
        if decision.decided is not None:
            return self._decided(state, decision, decision.decided)
        choice, looked, exactly = self.predictor.choose(
            decision, self.tokens, self.index, self.stack, self.precedences[-1]
        )
        self.exactly += exactly
        if self.exactly > MOST_EXACT:
            raise TooFarError
        self.last = max(self.last, looked)
        if choice is None:
            return self._failed(state, self.stack, looked)
        return decision.steps[choice].to

    def _decided(
        self, state: State, decision: State, firsts: Sequence[frozenset[str]]
    ) -> State | Failure:
        """A choice by one token. What may be missing is, where no step takes it."""
        token = self.tokens[self.index]
        for step, first in zip(decision.steps, firsts, strict=True):
            if token in first:
                return step.to
        if decision.kind == "choice" and not decision.optional:
            return self._failed(state, self.stack, self.index)
        return decision.steps[-1].to

    def _failed(self, state: State, stack: Stack, noticed: int) -> Failure:
        last = min(max(self.last, self.index, noticed), len(self.tokens) - 1)
        return Failure(state, stack, self.index, noticed, last)
