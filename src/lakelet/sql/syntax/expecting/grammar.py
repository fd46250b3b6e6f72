"""`trino.ebnf` → states and steps between them, laid out as ANTLR lays them out.

A rule begins in a `State` and ends in another. What can be done in a state are its `steps`, in the
order in which the alternatives were written: go on for nothing, read one of some tokens, or go
through a rule. Rules that begin with themselves become loops with levels of precedence: an
alternative that stands earlier binds tighter.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from lakelet.sql.syntax.lexer import RESERVED

Kind = Literal["", "begin", "end", "choice", "loop", "repeat", "back"]

CLASSES: Final = frozenset(
    (
        "IDENTIFIER",
        "QUOTED_IDENTIFIER",
        "BACKQUOTED_IDENTIFIER",
        "DIGIT_IDENTIFIER",
        "STRING",
        "UNICODE_STRING",
        "BINARY_LITERAL",
        "INTEGER_VALUE",
        "DECIMAL_VALUE",
        "DOUBLE_VALUE",
        "END_OF_TEXT",
    )
)
"""Kinds of tokens; other tokens are words and signs."""

_PART: Final = re.compile(
    r'\s*(?:(?P<sign>"[^"]*")|(?P<list>list\()|(?P<word>[A-Z_0-9]+)|(?P<rule>[a-z_]+)'
    r"|(?P<mark>[()|?*+]))"
)


@dataclass(slots=True, eq=False)
class State:
    """A place in a rule. `kind`: where the rule begins or ends, where a choice is made, a loop is
    entered (`loop`: none or more; `repeat`: one or more) or where one comes back (`back`).

    `decided` is what each step of a choice may begin with, where one token decides; `next` the
    tokens that may come next in the rule, None among them where the rule may be over. A `graded`
    loop goes on by precedence; an `optional` choice may choose nothing, by its last step."""

    rule: str
    kind: Kind = ""
    steps: list["Step"] = field(default_factory=list)
    decided: list[frozenset[str]] | None = None
    next: frozenset[str | None] = frozenset()
    graded: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A way on to `to`: for nothing, by one of `tokens`, or through the rule that `through`
    begins, at a precedence. A step that has a `level` is open at a lower precedence only."""

    to: State
    tokens: frozenset[str] = frozenset()
    through: State | None = None
    precedence: int = 0
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Grammar:
    """Where rules begin; the words it knows; and where a rule's end may go on, with whether the
    rule was entered at its loosest there."""

    begins: dict[str, State]
    words: frozenset[str]
    after: dict[str, list[tuple[State, bool]]]


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of a rule: `kind` is word, rule, sequence, choice or one of ? * +."""

    kind: str
    text: str = ""
    parts: tuple["_Node", ...] = ()


@cache
def grammar() -> Grammar:
    """The whole of it."""
    text = (files(__package__) / "trino.ebnf").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^--.*\n", "", text)
    read = {
        name: _Reader(body).choice()
        for name, body in re.findall(r"(?ms)^([a-z_]+)\s*=(.*?)(?=^[a-z_]+\s*=|\Z)", text)
    }
    words = frozenset(word for node in read.values() for word in _words(node)) - CLASSES
    names = _Node("choice", parts=tuple(_Node("word", w) for w in sorted(words - RESERVED)))
    read["non_reserved"] = names
    begins = {name: State(name, "begin") for name in read}
    states: list[State] = []
    for name, node in read.items():
        states += _Layout(name, begins).rule(node)
    after: dict[str, list[tuple[State, bool]]] = {name: [] for name in read}
    for state in states:
        for step in state.steps:
            if step.through is not None:
                after[step.through.rule].append((step.to, step.precedence == 0))
    found = Grammar(begins, words, after)
    for state in states:
        if state.kind in ("choice", "loop", "repeat", "back"):
            _look_ahead(found, state)
    return found


def _words(node: _Node) -> Iterator[str]:
    if node.kind == "word" and node.text[0].isalpha():
        yield node.text
    for part in node.parts:
        yield from _words(part)


def _look_ahead(of: Grammar, state: State) -> None:
    state.next = frozenset(_Look(of, within=True).at(state))
    if len(state.steps) > 1 and not any(step.level for step in state.steps):
        sets = [frozenset(_Look(of, within=False).at(step.to)) for step in state.steps]
        if sum(map(len, sets)) == len(frozenset().union(*sets)) and all(sets):
            state.decided = [each - {None} for each in sets]  # type: ignore[misc]  # no None left


class _Look:
    """What tokens can come next; beyond the rule too, wherever it stands, if not only `within`."""

    def __init__(self, of: Grammar, within: bool) -> None:
        self.of = of
        self.within = within
        self.seen: set[tuple[State, tuple[State, ...]]] = set()
        self.found: set[str | None] = set()

    def at(self, state: State) -> set[str | None]:
        self._go(state, ())
        return self.found

    def _go(self, state: State, back: tuple[State, ...]) -> None:
        if (state, back) in self.seen:
            return
        self.seen.add((state, back))
        if state.kind == "end":
            self._over(state, back)
        for step in state.steps:
            if step.through is not None:
                self._go(step.through, (step.to, *back))
            elif step.tokens:
                self.found |= step.tokens
            else:
                self._go(step.to, back)

    def _over(self, state: State, back: tuple[State, ...]) -> None:
        if back:
            self._go(back[0], back[1:])
        elif self.within:
            self.found.add(None)
        else:
            for follow, _ in self.of.after[state.rule]:
                self._go(follow, ())


class _Reader:
    """The parts of one rule's text."""

    def __init__(self, text: str) -> None:
        self.parts = [(str(m.lastgroup), m[m.lastgroup or 0]) for m in _PART.finditer(text)]
        self.parts.append(("mark", ")"))
        self.index = 0

    def choice(self) -> _Node:
        found = [self._sequence()]
        while self.parts[self.index] == ("mark", "|"):
            self.index += 1
            found.append(self._sequence())
        return found[0] if len(found) == 1 else _Node("choice", parts=tuple(found))

    def _sequence(self) -> _Node:
        found = []
        while self.parts[self.index] not in (("mark", "|"), ("mark", ")")):
            found.append(self._repeated())
        return found[0] if len(found) == 1 else _Node("sequence", parts=tuple(found))

    def _repeated(self) -> _Node:
        kind, text = self.parts[self.index]
        self.index += 1
        if kind in ("mark", "list"):
            node = self.choice()
            self.index += 1
            if kind == "list":
                again = _Node("sequence", parts=(_Node("word", ","), node))
                node = _Node("sequence", parts=(node, _Node("*", parts=(again,))))
        else:
            node = _Node("rule" if kind == "rule" else "word", text.strip('"'))
        kind, text = self.parts[self.index]
        if kind == "mark" and text in "?*+":
            self.index += 1
            return _Node(text, parts=(node,))
        return node


class _Layout:
    """Lays out the states of one rule."""

    def __init__(self, name: str, begins: dict[str, State]) -> None:
        self.name = name
        self.begins = begins
        self.states = [begins[name]]

    def rule(self, node: _Node) -> list[State]:
        begin, end = self.begins[self.name], self._state("end")
        alternatives = node.parts if node.kind == "choice" else (node,)
        if any(self._is_self(_parts(each)[0]) for each in alternatives):
            self._recursive(begin, end, alternatives)
        else:
            self._node(node, begin, end)
        return self.states

    def _state(self, kind: Kind = "") -> State:
        self.states.append(State(self.name, kind))
        return self.states[-1]

    def _is_self(self, node: _Node) -> bool:
        return node == _Node("rule", self.name)

    def _recursive(self, begin: State, end: State, alternatives: tuple[_Node, ...]) -> None:
        """First what does not begin with the rule itself, then a loop over what may go on."""
        first, entry, body, back = (
            self._state(kind) for kind in ("choice", "loop", "choice", "back")
        )
        begin.steps.append(Step(first))
        entry.steps += (Step(body), Step(end))
        back.steps.append(Step(entry))
        entry.graded = True
        for number, each in enumerate(alternatives):
            parts, tightness = _parts(each), len(alternatives) - number
            if self._is_self(parts[0]):
                start = self._state()
                level = self._state()
                body.steps.append(Step(start))
                start.steps.append(Step(level, level=tightness))
                self._sequence(parts[1:], level, back, tightness + 1)
            else:
                start = self._state()
                first.steps.append(Step(start))
                self._sequence(parts, start, entry, tightness)

    def _node(self, node: _Node, at: State, to: State, precedence: int = 0) -> None:
        match node.kind:
            case "word":
                at.steps.append(Step(to, tokens=frozenset((node.text,))))
            case "rule":
                through = self.begins[node.text]
                at.steps.append(Step(to, through=through, precedence=precedence))
            case "sequence":
                self._sequence(node.parts, at, to)
            case "choice" if all(each.kind == "word" for each in node.parts):
                at.steps.append(Step(to, tokens=frozenset(each.text for each in node.parts)))
            case "choice" | "?":
                self._choice(node, at, to)
            case _:
                self._loop(node, at, to)

    def _sequence(
        self, parts: tuple[_Node, ...], at: State, to: State, precedence: int = 0
    ) -> None:
        """Parts one after the other; `precedence` is that of the rule itself at their end."""
        for i, part in enumerate(parts):
            last = i == len(parts) - 1
            after = to if last else self._state()
            level = precedence if last and self._is_self(part) else 0
            self._node(part, at, after, level)
            at = after

    def _choice(self, node: _Node, at: State, to: State) -> None:
        choice = self._state("choice")
        at.steps.append(Step(choice))
        inner = node.parts[0] if node.kind == "?" else node
        several = inner.kind == "choice" and any(each.kind != "word" for each in inner.parts)
        for each in inner.parts if several else (inner,):
            start = self._state()
            choice.steps.append(Step(start))
            self._node(each, start, to)
        if node.kind == "?":
            choice.optional = True
            choice.steps.append(Step(to))

    def _loop(self, node: _Node, at: State, to: State) -> None:
        """x* chooses before each x; x+ chooses behind each."""
        back, body = self._state("back"), self._state()
        if node.kind == "+":
            entry = self._state("repeat")
            entry.steps.append(Step(body))
            back.steps += (Step(entry), Step(to))
        else:
            entry = self._state("loop")
            entry.steps += (Step(body), Step(to))
            back.steps.append(Step(entry))
        at.steps.append(Step(entry))
        self._node(node.parts[0], body, back)


def _parts(node: _Node) -> tuple[_Node, ...]:
    return node.parts if node.kind == "sequence" else (node,)
