"""Type texts → types: Trino's grammar for types with its aliases, defaults and limits."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from lakelet.errors import TrinoError
from lakelet.types.model import INTERVAL_DAY_TO_SECOND, INTERVAL_YEAR_TO_MONTH, UNKNOWN, Type

SIMPLE: Final = {
    name.lower(): Type(name)
    for name in (
        "boolean",
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double",
        "varbinary",
        "date",
        "json",
        "uuid",
        "ipaddress",
        "HyperLogLog",
        "P4HyperLogLog",
        "SetDigest",
        "tdigest",
        "Geometry",
        "SphericalGeography",
        "BingTile",
        "KdbTree",
        "color",
        "json2016",
        "JsonPath",
        "Re2JRegExp",
        "JoniRegExp",
        "LikePattern",
        "CodePoints",
        "ObjectId",
        "Regressor",
    )
} | {"int": Type("integer"), "unknown": UNKNOWN}
"""Types without parameters, by lower-case name; the value has Trino's display name."""

MAX_VARCHAR: Final = 2147483647
"""A varchar of this length is the unbounded varchar (VarcharType.UNBOUNDED_LENGTH)."""

MAX_CHAR: Final = 65536

NUMBER: Final = re.compile("[0-9]{1,1000}")
"""A parameter of a type; Python reads no numbers that are much longer."""

_TOKEN = re.compile(r'\s*(?:("(?:[^"]|"")*")|([\w$@:-]+)|([(),<>]))')


def parse_type(text: str) -> Type:
    """The type that a text names, in any of the ways Trino accepts.

    Raises TrinoError TYPE_NOT_FOUND for an unknown type, a wrong number of parameters or a length
    out of range, INVALID_FUNCTION_ARGUMENT for a decimal's precision or scale out of range.
    """
    return _parse(text)


@lru_cache(maxsize=4096)
def _parse(text: str) -> Type:
    tokens = list(_tokens(text))
    parser = _Parser(text, tokens)
    parsed = parser.type()
    if parser.peek() is not None:
        raise _unknown(text)
    return parsed


def decimal_type(precision: int, scale: int) -> Type:
    """decimal(p,s) after Trino's checks of both."""
    if not 1 <= precision <= 38:
        raise TrinoError(
            "INVALID_FUNCTION_ARGUMENT",
            f"DECIMAL precision must be in range [1, 38]: {precision}",
        )
    if not 0 <= scale <= precision:
        raise TrinoError(
            "INVALID_FUNCTION_ARGUMENT",
            f"DECIMAL scale must be in range [0, precision ({precision})]: {scale}",
        )
    return Type("decimal", (precision, scale))


def make_type(name: str, numbers: tuple[int, ...] = ()) -> Type | None:
    """A type without argument types from its lower-case name and numbers; None if there is none."""
    maker = _PARAMETRIC.get(name)
    if maker is not None:
        return maker(numbers)
    return SIMPLE.get(name) if not numbers else None


def _varchar(numbers: tuple[int, ...]) -> Type | None:
    if len(numbers) > 1 or (numbers and numbers[0] > MAX_VARCHAR):
        return None
    return Type("varchar", () if numbers == (MAX_VARCHAR,) else numbers)


def _char(numbers: tuple[int, ...]) -> Type | None:
    length = numbers or (1,)
    return Type("char", length) if len(length) == 1 and length[0] <= MAX_CHAR else None


def _decimal(numbers: tuple[int, ...]) -> Type | None:
    if len(numbers) > 2:
        return None
    precision, scale = (*numbers, 0)[:2] if numbers else (38, 0)
    return decimal_type(precision, scale)


def _temporal(name: str) -> Callable[[tuple[int, ...]], Type | None]:
    def make(numbers: tuple[int, ...]) -> Type | None:
        precision = numbers or (3,)
        return Type(name, precision) if len(precision) == 1 and precision[0] <= 12 else None

    return make


_PARAMETRIC: Final[dict[str, Callable[[tuple[int, ...]], Type | None]]] = {
    "varchar": _varchar,
    "char": _char,
    "decimal": _decimal,
    **{
        name: _temporal(name)
        for name in ("time", "timestamp", "time with time zone", "timestamp with time zone")
    },
}

_ARGUMENTS: Final = {"array": 1, "map": 2, "qdigest": 1}
"""How many types the types that are made of types take; a function takes any number."""


def _unknown(text: str) -> TrinoError:
    return TrinoError("TYPE_NOT_FOUND", f"Unknown type: {text.strip()}")


def _tokens(text: str) -> Iterator[str]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unknown(text)
        yield match.group(match.lastindex or 0)
        position = match.end()


class _Parser:
    """A recursive descent over the tokens of one type's text."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self.text = text
        self.tokens = tokens
        self.position = 0

    def peek(self, ahead: int = 0) -> str | None:
        at = self.position + ahead
        return self.tokens[at].lower() if at < len(self.tokens) else None

    def take(self, *words: str) -> bool:
        if tuple(self.peek(i) for i in range(len(words))) == words:
            self.position += len(words)
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.take(word):
            raise _unknown(self.text)

    def next(self) -> str:
        if self.position >= len(self.tokens):
            raise _unknown(self.text)
        self.position += 1
        return self.tokens[self.position - 1]

    def type(self) -> Type:
        parsed = self.primary()
        while self.take("array"):
            parsed = Type("array", (), (parsed,))
        return parsed

    def primary(self) -> Type:
        name = _unquoted(self.next()).lower()
        if name == "double":
            self.take("precision")
        if name == "interval":
            return self.interval()
        if name == "row":
            return self.row()
        if name in _ARGUMENTS or name == "function":
            return self.composed(name)
        numbers = self.numbers()
        if name in ("time", "timestamp"):
            if self.take("with", "time", "zone"):
                name += " with time zone"
                numbers = numbers or self.numbers()
            else:
                self.take("without", "time", "zone")
        made = make_type(name, numbers)
        if made is None:
            raise _unknown(self.text)
        return made

    def numbers(self) -> tuple[int, ...]:
        if not self.take("("):
            return ()
        found = []
        while not self.take(")"):
            word = self.next()
            if not NUMBER.fullmatch(word):
                raise _unknown(self.text)
            found.append(int(word))
            if self.peek() != ")":
                self.expect(",")
        return tuple(found)

    def interval(self) -> Type:
        if self.take("day", "to", "second"):
            return INTERVAL_DAY_TO_SECOND
        if self.take("year", "to", "month"):
            return INTERVAL_YEAR_TO_MONTH
        start = self.next().upper()
        end = self.next().upper() if self.take("to") else start
        raise TrinoError("NOT_SUPPORTED", f"INTERVAL {start} TO {end} type not supported")

    def composed(self, name: str) -> Type:
        close = ">" if self.take("<") else ")"
        if close == ")":
            self.expect("(")
        arguments = [self.type()]
        while self.take(","):
            arguments.append(self.type())
        self.expect(close)
        if name != "function" and len(arguments) != _ARGUMENTS[name]:
            raise _unknown(self.text)
        return Type(name, (), tuple(arguments))

    def row(self) -> Type:
        self.expect("(")
        fields = [self.field()]
        while self.take(","):
            fields.append(self.field())
        self.expect(")")
        return Type("row", (), tuple(of for _, of in fields), tuple(name for name, _ in fields))

    def field(self) -> tuple[str | None, Type]:
        start = self.position
        try:
            of = self.type()
            if self.peek() in (",", ")"):
                return None, of
        except TrinoError:
            pass
        self.position = start
        name = self.next()
        plain = _unquoted(name)
        return (plain if plain != name else name.lower()), self.type()


def _unquoted(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word
