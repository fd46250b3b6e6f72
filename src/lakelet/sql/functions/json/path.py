"""The SQL/JSON path language: a path is read once into functions that are applied to each value.

The grammar is that of Trino's JSON functions: lax and strict mode, accessors, filters, methods,
arithmetic and predicates of three values.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.json.items import (
    METHODS,
    Items,
    calculated,
    compared,
    descendants,
    failure,
    key_values,
    kind,
    member,
    members,
    number,
    unwrapped,
    wrong,
)

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<string>\"(?:[^\"]|\"\")*\")"
    r"|(?P<variable>\$[A-Za-z_]\w*)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>==|<>|!=|<=|>=|&&|\|\||\.\.|[-$@.*/%+?()\[\],<>!]))"
)


class Moment(str):
    """A date or time that was passed: it is no JSON; `type` is Trino's name of its type."""

    __slots__ = ("type",)

    type: str


class Nothing:
    """A value that was passed as JSON and is NULL, and what a blank text says."""


NOTHING: Final = Nothing()


@dataclass(frozen=True, slots=True)
class Scope:
    """What `$`, `@`, `last` and `$name` stand for."""

    root: Any
    variables: Mapping[str, Any]
    current: Any = None
    last: int = -1


Path = Callable[[Scope], Items]
Predicate = Callable[[Scope], bool | None]


@lru_cache(maxsize=1024)
def parse(text: str) -> Path:
    """The function that a path is; raises SYNTAX_ERROR."""
    return _Parser(text).whole()


@lru_cache(maxsize=1024)
def variables(text: str) -> tuple[str, ...]:
    """The names after `$` in a path, as they stand in it; raises SYNTAX_ERROR."""
    return tuple(word[1:] for group, word in _Parser(text).tokens if group == "variable")


def _variable(scope: Scope, name: str) -> Items:
    value = scope.variables[name]
    return [] if value is NOTHING else [value]


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        self.lax = True
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                raise TrinoError("SYNTAX_ERROR", f"token recognition error at: '{text[position]}'")
            self.tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            position = match.end()
        self.tokens.append(("end", "<EOF>"))

    def next(self) -> tuple[str, str]:
        self.at += 1
        return self.tokens[self.at - 1]

    def peek(self) -> str:
        return self.tokens[self.at][1]

    def takes(self, *words: str) -> bool:
        ahead = tuple(text for _, text in self.tokens[self.at : self.at + len(words)])
        if ahead != words:
            return False
        self.at += len(words)
        return True

    def expect(self, *words: str) -> None:
        if not self.takes(*words):
            raise self.error()

    def error(self) -> TrinoError:
        return TrinoError("SYNTAX_ERROR", f"mismatched input '{self.peek()}' in a JSON path")

    def whole(self) -> Path:
        self.lax = self.peek() == "lax"
        if not (self.takes("lax") or self.takes("strict")):
            raise self.error()
        path = self.sum()
        self.expect("<EOF>")
        return path

    def sum(self) -> Path:
        left = self.product()
        while self.peek() in ("+", "-"):
            left = self.binary(self.next()[1], left, self.product())
        return left

    def product(self) -> Path:
        left = self.signed()
        while self.peek() in ("*", "/", "%"):
            left = self.binary(self.next()[1], left, self.signed())
        return left

    def binary(self, sign: str, left: Path, right: Path) -> Path:
        def one(items: Items) -> Any:
            items = self.opened(items)
            if len(items) != 1:
                raise failure("arithmetic binary expression requires singleton operands")
            return items[0]

        return lambda scope: [calculated(sign, one(left(scope)), one(right(scope)))]

    def signed(self) -> Path:
        if self.peek() not in ("+", "-"):
            return self.accessed()
        factor = -1 if self.next()[1] == "-" else 1
        path = self.signed()
        return lambda scope: [factor * number(item) for item in self.opened(path(scope))]

    def opened(self, items: Items) -> Items:
        return unwrapped(items) if self.lax else items

    def accessed(self) -> Path:
        path = self.primary()
        while self.peek() in (".", "..", "[", "?"):
            path = self.accessor(self.next()[1], path)
        return path

    def accessor(self, sign: str, path: Path) -> Path:
        if sign == "[":
            return self.elements(path)
        if sign == "?":
            self.expect("(")
            predicate = self.disjunction()
            self.expect(")")
            return lambda scope: [
                item
                for item in self.opened(path(scope))
                if predicate(replace(scope, current=item)) is True
            ]
        if sign == "." and self.takes("*"):
            return self.each(path, lambda item: members(item, self.lax))
        group, name = self.next()
        if group not in ("name", "string"):
            self.at -= 1
            raise self.error()
        if group == "name" and name in _METHOD_NAMES and self.takes("(", ")"):
            return self.method(name, path)
        name = name if group == "name" else _string(name)
        if sign == "..":
            return lambda scope: [
                found for item in path(scope) for found in descendants(item, name)
            ]
        return self.each(path, lambda item: member(item, name, self.lax))

    def each(self, path: Path, function: Callable[[Any], Items]) -> Path:
        return lambda scope: [
            found for item in self.opened(path(scope)) for found in function(item)
        ]

    def method(self, name: str, path: Path) -> Path:
        if name == "type":
            return lambda scope: [kind(item) for item in path(scope)]
        if name == "size":
            return lambda scope: [len(self.array(item)) for item in path(scope)]
        if name == "keyvalue":
            return self.each(path, key_values)
        return self.each(path, lambda item: [METHODS[name](item)])

    def array(self, item: Any) -> Items:
        if isinstance(item, list):
            return item
        if self.lax:
            return [item]
        raise wrong("ARRAY", item)

    def elements(self, path: Path) -> Path:
        if self.takes("*", "]"):
            return lambda scope: [each for item in path(scope) for each in self.array(item)]
        ranges = [self.range()]
        while self.takes(","):
            ranges.append(self.range())
        self.expect("]")

        def apply(scope: Scope) -> Items:
            found = []
            for item in path(scope):
                array = self.array(item)
                inside = replace(scope, last=len(array) - 1)
                for first, last in ranges:
                    found += self.slice(array, _index(first(inside)), _index(last(inside)))
            return found

        return apply

    def range(self) -> tuple[Path, Path]:
        first = self.sum()
        return first, self.sum() if self.takes("to") else first

    def slice(self, array: Items, first: int, last: int) -> Items:
        if not self.lax and not 0 <= first <= last < len(array):
            raise failure(
                f"structural error: invalid array subscript: [{first}, {last}]"
                f" for array of size {len(array)}"
            )
        return array[max(first, 0) : max(last + 1, 0)]

    def primary(self) -> Path:
        group, text = self.next()
        if text == "(":
            path = self.sum()
            self.expect(")")
            return path
        if group in ("number", "string") or text in _WORDS:
            value = _literal(group, text)
            return lambda scope: [value]
        if group == "variable":
            return lambda scope: _variable(scope, text[1:])
        if text in _PLACES:
            return _PLACES[text]
        self.at -= 1
        raise self.error()

    def disjunction(self) -> Predicate:
        left = self.conjunction()
        while self.takes("||"):
            left = _joined(left, self.conjunction(), True)
        return left

    def conjunction(self) -> Predicate:
        left = self.negation()
        while self.takes("&&"):
            left = _joined(left, self.negation(), False)
        return left

    def negation(self) -> Predicate:
        if not self.takes("!"):
            return self.test()
        inner = self.test()
        return lambda scope: None if (held := inner(scope)) is None else not held

    def test(self) -> Predicate:
        if self.takes("exists", "("):
            path = self.sum()
            self.expect(")")
            return _guarded(lambda scope: bool(path(scope)))
        start = self.at
        if self.takes("("):
            try:
                return self.enclosed()
            except TrinoError:
                # It was the parenthesis of an operand.
                self.at = start
        return self.comparison()

    def enclosed(self) -> Predicate:
        inner = self.disjunction()
        self.expect(")")
        if self.takes("is", "unknown"):
            return lambda scope: inner(scope) is None
        return inner

    def comparison(self) -> Predicate:
        left = self.sum()
        if self.takes("starts", "with"):
            return self.any(left, self.primary(), _starts)
        if self.takes("like_regex"):
            raise TrinoError(
                "NOT_SUPPORTED", "like_regex predicate in JSON path is not yet supported"
            )
        sign = self.next()[1]
        if sign not in ("==", "<>", "!=", "<", ">", "<=", ">="):
            self.at -= 1
            raise self.error()
        return self.any(left, self.sum(), lambda one, other: compared(sign, one, other))

    def any(self, left: Path, right: Path, holds: Callable[[Any, Any], bool | None]) -> Predicate:
        def apply(scope: Scope) -> bool | None:
            ones, others = self.opened(left(scope)), self.opened(right(scope))
            held = [holds(one, other) for one in ones for other in others]
            return None if None in held else True in held

        return _guarded(apply)


_METHOD_NAMES: Final = frozenset((*METHODS, "type", "size", "keyvalue"))
_WORDS: Final = {"true": True, "false": False, "null": None}
_PLACES: Final[dict[str, Path]] = {
    "$": lambda scope: [scope.root],
    "@": lambda scope: [scope.current],
    "last": lambda scope: [scope.last],
}


def _string(text: str) -> str:
    return text[1:-1].replace('""', '"')


def _literal(group: str, text: str) -> Any:
    if group == "string":
        return _string(text)
    if group == "name":
        return _WORDS[text]
    if "e" in text.lower():
        return float(text)
    return Decimal(text) if "." in text else int(text)


def _index(items: Items) -> int:
    if len(items) != 1:
        raise failure("array subscript requires a single item")
    return int(number(items[0]))


def _starts(item: Any, start: Any) -> bool | None:
    if not isinstance(item, str) or not isinstance(start, str):
        return None
    return item.startswith(start)


def _joined(left: Predicate, right: Predicate, deciding: bool) -> Predicate:
    def apply(scope: Scope) -> bool | None:
        both = (left(scope), right(scope))
        return deciding if deciding in both else None if None in both else not deciding

    return apply


def _guarded(predicate: Predicate) -> Predicate:
    """An operand that cannot be evaluated makes a predicate unknown."""

    def apply(scope: Scope) -> bool | None:
        try:
            return predicate(scope)
        except TrinoError:
            return None

    return apply
