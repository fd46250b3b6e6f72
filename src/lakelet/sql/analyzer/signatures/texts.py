"""Signatures as values: a registry's text, read once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lakelet.types.parsing import SIMPLE


@dataclass(frozen=True, slots=True)
class Pattern:
    """A type with variables: `name` alone may be a type variable, `numbers` are expressions."""

    name: str
    numbers: tuple[str, ...] = ()
    arguments: tuple["Pattern", ...] = ()
    fields: tuple[str | None, ...] = ()

    @property
    def is_variable(self) -> bool:
        return _VARIABLE.fullmatch(self.name) is not None

    def __str__(self) -> str:
        if self.name.endswith(" with time zone"):
            base = self.name.removesuffix(" with time zone")
            return f"{Pattern(base, self.numbers)} with time zone"
        if self.name == "row" and self.fields:
            fields = (f"{n} {a}" if n else str(a) for n, a in self._fields())
            return f"row({','.join(fields)})"
        inside = ",".join((*self.numbers, *map(str, self.arguments)))
        return f"{self.name}({inside})" if inside else self.name

    def _fields(self) -> Iterator[tuple[str | None, "Pattern"]]:
        return zip(self.fields, self.arguments, strict=True)


@dataclass(frozen=True, slots=True)
class Signature:
    """A parsed signature text; `variables` maps type variables to their constraint or ''."""

    arguments: tuple[Pattern, ...]
    result: Pattern
    variables: dict[str, str]
    variadic: bool

    def expanded(self, count: int) -> tuple[Pattern, ...] | None:
        """The patterns for `count` arguments; None when there cannot be so many."""
        fixed = self.arguments
        if not self.variadic:
            return fixed if len(fixed) == count else None
        if count < len(fixed) - 1:
            return None
        return (*fixed[:-1], *(fixed[-1],) * (count - len(fixed) + 1))

    def display(self, name: str) -> str:
        """As Trino lists it in an error: `element_at(array(e), bigint) E`."""
        variables = (f"{v}:{c}" if c else v for v, c in self.variables.items())
        arguments = ", ".join(map(str, self.arguments))
        if name not in _BUILT and not (name == "element_at" and arguments.startswith("map")):
            arguments = arguments.lower()
        return f"{name}({arguments}) {', '.join(variables)}".rstrip()


_BUILT: Final = frozenset(
    (
        *("concat", "flatten", "greatest", "least", "map", "map_concat", "map_filter"),
        *("map_zip_with", "reduce", "reduce_agg", "transform", "transform_keys"),
        *("transform_values", "zip", "zip_with"),
    )
)
"""Functions whose signatures Trino builds piece by piece, so that their types stay as written;
those that it parses from texts are lower-cased (SHOW FUNCTIONS shows both)."""
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]*")
_WORD: Final = re.compile(r"\s*([\w$]+|->|\.\.\.|.)", re.DOTALL)
_NUMBERED: Final = frozenset(
    (
        "char",
        "decimal",
        "time",
        "time with time zone",
        "timestamp",
        "timestamp with time zone",
        "varchar",
    )
)


@lru_cache(maxsize=8192)
def parse_signature(text: str) -> Signature:
    """A registry's signature text, `(array(T:comparable), bigint) -> T`, as a value."""
    return _SignatureParser(text).signature()


class _SignatureParser:
    """A recursive descent over one signature's text; a malformed one is a programming error."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[str] = [word for word in _WORD.findall(text) if word.strip()]
        self.position = 0
        self.variables: dict[str, str] = {}

    def signature(self) -> Signature:
        self.expect("(")
        arguments, variadic = [], False
        while not self.take(")"):
            if self.take("..."):
                variadic = True
            else:
                arguments.append(self.pattern())
            self.take(",")
        self.expect("->")
        result = self.pattern()
        if self.position != len(self.words):
            raise ValueError(f"malformed signature {self.text}")
        return Signature(tuple(arguments), result, self.variables, variadic)

    def peek(self) -> str:
        return self.words[self.position] if self.position < len(self.words) else ""

    def take(self, word: str) -> bool:
        if self.peek() != word:
            return False
        self.position += 1
        return True

    def expect(self, word: str) -> None:
        if not self.take(word):
            raise ValueError(f"malformed signature {self.text}: expected {word}")

    def next(self) -> str:
        self.position += 1
        return self.words[self.position - 1]

    def pattern(self) -> Pattern:
        name = self.next()
        if _VARIABLE.fullmatch(name):
            self.variables.setdefault(name, "")
            if self.take(":"):
                self.variables[name] = self.next()
            return Pattern(name)
        name = self.long_name(name)
        if name == "row":
            return self.row()
        if name in _NUMBERED:
            numbers = self.numbers()
            return Pattern(self.zoned(name), numbers)
        arguments = []
        if self.take("("):
            while not self.take(")"):
                arguments.append(self.pattern())
                self.take(",")
        if not arguments and name.lower() in SIMPLE:
            name = SIMPLE[name.lower()].name
        return Pattern(name, (), tuple(arguments))

    def long_name(self, name: str) -> str:
        if name != "interval":
            return name
        return " ".join((name, self.next(), self.next(), self.next()))

    def zoned(self, name: str) -> str:
        if not self.take("with"):
            return name
        self.position += 2
        return f"{name} with time zone"

    def numbers(self) -> tuple[str, ...]:
        if not self.take("("):
            return ()
        found, depth, current = [], 0, ""
        while depth or self.peek() != ")":
            word = self.next()
            depth += {"(": 1, ")": -1}.get(word, 0)
            if word == "," and not depth:
                found.append(current)
                current = ""
            else:
                current += word
        self.expect(")")
        return (*found, current)

    def row(self) -> Pattern:
        self.expect("(")
        names: list[str | None] = []
        parts = []
        while not self.take(")"):
            named = self.words[self.position + 1] not in ("(", ",", ")", ":")
            names.append(self.next() if named else None)
            parts.append(self.pattern())
            self.take(",")
        return Pattern("row", (), tuple(parts), tuple(names))
