"""Hive's and Glue's type words ↔ Trino's types.

The words are those of Athena's DDL (`array<struct<a:int>>`, `string`, `decimal(10,2)`); what
Hive cannot hold is refused as Trino's Hive connector refuses it.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from lakelet.errors import TrinoError
from lakelet.types.model import Type
from lakelet.types.parsing import NUMBER, decimal_type

_SIMPLE: Final = {
    "boolean": Type("boolean"),
    "tinyint": Type("tinyint"),
    "byte": Type("tinyint"),
    "smallint": Type("smallint"),
    "short": Type("smallint"),
    "int": Type("integer"),
    "integer": Type("integer"),
    "bigint": Type("bigint"),
    "long": Type("bigint"),
    "float": Type("real"),
    "real": Type("real"),
    "double": Type("double"),
    "double precision": Type("double"),
    "string": Type("varchar"),
    "varchar": Type("varchar"),
    "binary": Type("varbinary"),
    "date": Type("date"),
    "timestamp": Type("timestamp", (3,)),
    "timestamptz": Type("timestamp with time zone", (3,)),
    "timestamp with local time zone": Type("timestamp with time zone", (3,)),
    "decimal": Type("decimal", (10, 0)),
    "numeric": Type("decimal", (10, 0)),
    "char": Type("char", (1,)),
    "interval_day_time": Type("interval day to second"),
    "interval_year_month": Type("interval year to month"),
    "uuid": Type("uuid"),
    "void": Type("unknown"),
}
"""Words without parameters; a timestamp has milliseconds, as everywhere in Athena."""

_DEEPEST: Final = 500
"""Types inside each other, far more than an engine can read."""
_TOKEN: Final = re.compile(r"\s*(`(?:[^`]|``)*`|[\w$.@-]+|[<>(),:])")

_WORDS: Final = {
    "boolean": "boolean",
    "tinyint": "tinyint",
    "smallint": "smallint",
    "integer": "int",
    "bigint": "bigint",
    "real": "float",
    "double": "double",
    "varbinary": "binary",
    "date": "date",
    "timestamp": "timestamp",
    "timestamp with time zone": "timestamp with local time zone",
    "json": "string",
}
"""What each Trino type without parameters is in Hive."""


@lru_cache(maxsize=65536)
def to_trino(text: str) -> Type:
    """The type of a Hive text. Raises TrinoError NOT_SUPPORTED for a word that Hive has not."""
    parser = _Parser(text)
    of = parser.type()
    if parser.peek():
        raise unsupported(text)
    return of


def to_hive(of: Type) -> str:
    """The Hive text of a type.

    Raises TrinoError NOT_SUPPORTED "Unsupported Hive type: uuid" for a type that Hive has not.
    """
    match of.name:
        case "varchar":
            return "string" if of.length is None else f"varchar({of.length})"
        case "char":
            return f"char({of.length})"
        case "decimal":
            return f"decimal({of.precision},{of.scale})"
        case "array":
            return f"array<{to_hive(of.element)}>"
        case "map":
            return f"map<{to_hive(of.key)},{to_hive(of.value)}>"
        case "row":
            return f"struct<{','.join(map(_field, of.fields, of.arguments))}>"
    word = _WORDS.get(of.name)
    if word is None:
        raise unsupported(str(of))
    return word


def union(of: Sequence[Type]) -> Type:
    """Trino's row of a union's values: which type a value has, and a field for each."""
    names = ("tag", *(f"field{number}" for number in range(len(of))))
    return Type("row", (), (Type("tinyint"), *of), names)


def _field(name: str | None, of: Type) -> str:
    if name is None:
        raise TrinoError(
            "NOT_SUPPORTED", f"Anonymous row type is not supported in Hive. Field of type {of}"
        )
    return f"{name}:{to_hive(of)}"


def unsupported(text: str) -> TrinoError:
    """Trino's words for a type that Hive has not."""
    return TrinoError("NOT_SUPPORTED", f"Unsupported Hive type: {text}")


class _Parser:
    """A recursive descent over the tokens of one Hive type."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _TOKEN.findall(text)
        if "".join(self.tokens) != re.sub(r"\s+", "", text) and "`" not in text:
            raise unsupported(text)
        self.position = 0
        self.depth = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self, token: str) -> bool:
        if self.peek() != token:
            return False
        self.position += 1
        return True

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise unsupported(self.text)

    def word(self) -> str:
        token = self.peek()
        self.position += 1
        if not token or token in "<>(),:":
            raise unsupported(self.text)
        return token

    def type(self) -> Type:
        name = self.word().lower()
        if self.take("<"):
            self.depth += 1
            if self.depth > _DEEPEST:
                raise unsupported(self.text)
            of = self.composed(name)
            self.depth -= 1
            return of
        while f"{name} {self.peek().lower()}".strip() in _PREFIXES:
            name = f"{name} {self.word().lower()}"
        numbers = self.numbers()
        if numbers:
            return self.parametric(name, numbers)
        if name not in _SIMPLE:
            raise unsupported(self.text)
        return _SIMPLE[name]

    def numbers(self) -> tuple[int, ...]:
        found: list[int] = []
        if self.take("("):
            while not self.take(")"):
                word = self.word()
                if not NUMBER.fullmatch(word):
                    raise unsupported(self.text)
                found.append(int(word))
                self.take(",")
        return tuple(found)

    def parametric(self, name: str, numbers: tuple[int, ...]) -> Type:
        if name in ("decimal", "numeric") and len(numbers) <= 2:
            return decimal_type(*(*numbers, 0)[:2])
        if name in ("varchar", "char") and len(numbers) == 1:
            return Type(name, numbers)
        if name == "timestamp" and len(numbers) == 1:
            return Type(name, (3,))
        raise unsupported(self.text)

    def composed(self, name: str) -> Type:
        if name == "struct":
            return self.struct()
        arguments = [self.type()]
        while self.take(","):
            arguments.append(self.type())
        self.expect(">")
        if name == "uniontype":
            return union(arguments)
        if len(arguments) != {"array": 1, "map": 2}.get(name):
            raise unsupported(self.text)
        return Type(name, (), tuple(arguments))

    def struct(self) -> Type:
        names: list[str | None] = []
        parts: list[Type] = []
        while not self.take(">"):
            name = self.word()
            names.append(name[1:-1].replace("``", "`") if name.startswith("`") else name.lower())
            self.expect(":")
            parts.append(self.type())
            if self.peek() != ">":
                self.expect(",")
        return Type("row", (), tuple(parts), tuple(names))


_PREFIXES: Final = frozenset(
    " ".join(words[:count])
    for words in (name.split() for name in _SIMPLE)
    for count in range(2, len(words) + 1)
)
"""The beginnings of words of several parts."""
