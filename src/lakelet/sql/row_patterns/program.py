"""A row pattern as a program for a matcher that tries the preferred way first.

Instructions: `["row", label]` takes a row that the label's condition holds for, `["split", a, b]`
goes on at a and, when that fails, at b; `["jump", a]`; `["start"]` and `["end"]` hold at the
partition's ends; `["exclude", true]` and `["exclude", false]` stand around rows that are left out;
`["done"]` ends a match.
"""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import permutations
from math import factorial
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.syntax.nodes import patterns as nodes

Instruction = list[Any]

MAX_INSTRUCTIONS: Final = 200_000
"""Of one program; quantifiers and permutations are written out."""


def compiled(pattern: nodes.Pattern, labels: Mapping[str, int]) -> list[Instruction]:
    """The program of a pattern; `labels` numbers the variables.

    Raises TrinoError STACK_OVERFLOW for a pattern that is too large.
    """
    compiler = _Compiler(labels)
    compiler.write(pattern)
    compiler.add("done")
    return compiler.program


def _too_large() -> TrinoError:
    return TrinoError("STACK_OVERFLOW", "row pattern is too large")


class _Compiler:
    def __init__(self, labels: Mapping[str, int]) -> None:
        self.labels = labels
        self.program: list[Instruction] = []

    def add(self, *instruction: Any) -> int:
        if len(self.program) >= MAX_INSTRUCTIONS:
            raise _too_large()
        self.program.append(list(instruction))
        return len(self.program) - 1

    def write(self, node: nodes.Pattern) -> None:
        _WRITERS[type(node)](self, node)

    def _variable(self, node: nodes.Variable) -> None:
        self.add("row", self.labels[canonical(node.name)])

    def _empty(self, node: nodes.Empty) -> None:
        """Nothing."""

    def _anchor(self, node: nodes.Anchor) -> None:
        self.add("start" if node.sign == "^" else "end")

    def _concatenation(self, node: nodes.Concatenation) -> None:
        for each in node.parts:
            self.write(each)

    def _alternation(self, node: nodes.Alternation) -> None:
        self._either([partial(self.write, each) for each in node.parts])

    def _permutation(self, node: nodes.Permutation) -> None:
        if factorial(len(node.parts)) > MAX_INSTRUCTIONS:
            raise _too_large()
        orders = (nodes.Concatenation(node.at, parts) for parts in permutations(node.parts))
        self._either([partial(self._concatenation, each) for each in orders])

    def _either(self, writers: list[Callable[[], None]]) -> None:
        jumps = []
        for each in writers[:-1]:
            split = self.add("split", len(self.program) + 1, 0)
            each()
            jumps.append(self.add("jump", 0))
            self.program[split][2] = len(self.program)
        writers[-1]()
        for jump in jumps:
            self.program[jump][1] = len(self.program)

    def _exclusion(self, node: nodes.Exclusion) -> None:
        self.add("exclude", True)
        self.write(node.pattern)
        self.add("exclude", False)

    def _quantified(self, node: nodes.Quantified) -> None:
        for _ in range(node.low):
            self.write(node.pattern)
        if node.high is None:
            split = self._split()
            self.write(node.pattern)
            self.add("jump", split)
            self._leave([split], node.greedy)
        else:
            splits = []
            for _ in range(node.high - node.low):
                splits.append(self._split())
                self.write(node.pattern)
            self._leave(splits, node.greedy)

    def _split(self) -> int:
        return self.add("split", len(self.program) + 1, 0)

    def _leave(self, splits: list[int], greedy: bool) -> None:
        """What the splits before repetitions do instead; first of all when reluctant."""
        for each in splits:
            instruction = self.program[each]
            instruction[2] = len(self.program)
            if not greedy:
                instruction[1:] = instruction[:0:-1]


def canonical(name: Any) -> str:
    """An identifier's canonical form: in upper case unless it is quoted."""
    return str(name.value if name.quoted else name.value.upper())


_WRITERS: Final[dict[type, Callable[[_Compiler, Any], None]]] = {
    nodes.Variable: _Compiler._variable,
    nodes.Empty: _Compiler._empty,
    nodes.Anchor: _Compiler._anchor,
    nodes.Concatenation: _Compiler._concatenation,
    nodes.Alternation: _Compiler._alternation,
    nodes.Permutation: _Compiler._permutation,
    nodes.Exclusion: _Compiler._exclusion,
    nodes.Quantified: _Compiler._quantified,
}
