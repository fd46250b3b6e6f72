"""What Trino says that it expected where a text is no SQL: `mismatched input 'x'. Expecting: …`.

From where its parser gave up Trino goes on through the grammar, along every way that the tokens
leave open, and lists what could stand where the furthest of them ends (ErrorHandler of its
parser). Some rules have names in that list, `<expression>` among them, and hide what they begin
with. Only texts that are refused are looked at here: slowly, and as ANTLR would read them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lakelet.sql.syntax.expecting.grammar import CLASSES, State, Step, grammar
from lakelet.sql.syntax.expecting.parsing import Failure, failure
from lakelet.sql.syntax.expecting.prediction import TooFarError
from lakelet.sql.syntax.lexer import Token

__all__ = ["Expectation", "expectation"]

_NAMED: Final = {
    "expression": "<expression>",
    "boolean_expression": "<expression>",
    "value_expression": "<expression>",
    "primary_expression": "<expression>",
    "predicate": "<predicate>",
    "identifier": "<identifier>",
    "string": "<string>",
    "query": "<query>",
    "type": "<type>",
}
_SHOWN: Final = {
    "INTEGER_VALUE": "<integer>",
    "END_OF_TEXT": "<EOF>",
    "<>": "NEQ",
    "TEXT_STRING": "'STRING'",
}
_KINDS: Final = {
    "quoted": "QUOTED_IDENTIFIER",
    "empty": "QUOTED_IDENTIFIER",
    "backquoted": "BACKQUOTED_IDENTIFIER",
    "digits": "DIGIT_IDENTIFIER",
    "string": "STRING",
    "unicode": "UNICODE_STRING",
    "binary": "BINARY_LITERAL",
    "integer": "INTEGER_VALUE",
    "decimal": "DECIMAL_VALUE",
    "double": "DOUBLE_VALUE",
    "end": "END_OF_TEXT",
}
_MOST_TOKENS: Final = 40_000
"""Longer texts are not gone through again."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The error stands at token `at`; token `met` stands where one of `expected` could."""

    at: int
    met: int
    expected: tuple[str, ...]


def expectation(tokens: Sequence[Token], start: str) -> Expectation | None:
    """What is wrong with a text that should be the rule `start`; None where the grammar takes it,
    and where it is too long or too deep to tell."""
    if len(tokens) > _MOST_TOKENS:
        return None
    terminals = [_terminal(token) for token in tokens]
    try:
        found = failure(terminals, start)
        if found is None:
            return None
        search = _Search(terminals[: found.last + 1])
        search.run(found)
    except (RecursionError, TooFarError):
        return None
    return Expectation(found.noticed, search.furthest, tuple(sorted(search.candidates)))


def _terminal(token: Token) -> str:
    """What a token is to the grammar."""
    if token.kind == "word":
        word = "TEXT_STRING" if token.key == "STRING" else token.key
        return word if word in grammar().words else "IDENTIFIER"
    return _KINDS.get(token.kind, token.key)


class _Search:
    """Every way on; keeps what was wanted where the furthest of them ended."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.furthest = -1
        self.candidates: set[str] = set()
        self._known: dict[tuple[State, int], tuple[int, ...]] = {}

    def run(self, found: Failure) -> None:
        """From where the parser stood, out of each rule that it was in."""
        state, stack = found.state, found.stack
        begin = grammar().begins[state.rule]
        if _begins_with(begin, state):
            state = begin
        ends = self._ends(state, found.index, False, 0)
        while ends and stack.after:
            ((following, stack),) = stack.after
            after = [self._ends(following, end, False, 0) for end in ends]
            ends = tuple(dict.fromkeys(end for each in after for end in each))

    def _ends(self, start: State, at: int, hidden: bool, precedence: int) -> tuple[int, ...]:
        """Where what begins in a state can end. What was wanted is told once, when a way is gone
        for the first time, hidden or not."""
        key = start, at
        if key in self._known:
            return self._known[key]
        ends: dict[int, None] = {}
        waiting = [(start, at, hidden)]
        while waiting:
            state, index, silent = waiting.pop()
            if state.kind == "begin" and state.rule in _NAMED:
                if not silent:
                    self._want(index, (_NAMED[state.rule],))
                silent = True
            if state.kind == "end":
                ends[index] = None
            for step in state.steps:
                if step.level is None or precedence < step.level:
                    waiting += self._step(step, index, silent)
        self._known[key] = tuple(ends)
        return self._known[key]

    def _step(self, step: Step, index: int, silent: bool) -> list[tuple[State, int, bool]]:
        """Where a step leads."""
        if step.through is not None:
            ends = self._ends(step.through, index, silent, step.precedence)
            return [(step.to, end, False) for end in ends]
        if not step.tokens:
            return [(step.to, index, silent)]
        if self.tokens[index] in step.tokens and index < len(self.tokens) - 1:
            return [(step.to, index + 1, False)]
        if not silent:
            self._want(index, map(_shown, step.tokens))
        return []

    def _want(self, index: int, names: Iterable[str]) -> None:
        if index > self.furthest:
            self.furthest = index
            self.candidates.clear()
        if index == self.furthest:
            self.candidates.update(names)


def _begins_with(begin: State, state: State) -> bool:
    """Whether a rule can come to a state before any token."""
    waiting, seen = [begin], {begin}
    while waiting:
        for step in waiting.pop().steps:
            to = step.through or step.to
            if not step.tokens and to not in seen:
                seen.add(to)
                waiting.append(to)
    return state in seen


def _shown(terminal: str) -> str:
    if terminal in _SHOWN:
        return _SHOWN[terminal]
    return terminal if terminal in CLASSES else f"'{terminal}'"
