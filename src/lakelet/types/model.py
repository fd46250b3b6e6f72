"""One frozen value for every type of Trino."""

from collections.abc import Iterator
from dataclasses import dataclass

from lakelet.types.quoting import identifier


@dataclass(frozen=True, slots=True)
class Type:
    """A Trino type.

    `name` is the base: `varchar`, `decimal`, `array`, `row`, `timestamp with time zone`,
    `function` … `numbers` are length, precision or scale; an unbounded varchar has none.
    `arguments` are element, key and value, fields' or parameters' types; `fields` names the
    fields of a row, None for one without a name. The text is Trino's display form.
    """

    name: str
    numbers: tuple[int, ...] = ()
    arguments: tuple["Type", ...] = ()
    fields: tuple[str | None, ...] = ()

    def __str__(self) -> str:
        if self.name == "row":
            return f"row({', '.join(map(_field, self.fields, self.arguments))})"
        if self.name.endswith(" with time zone"):
            return f"{self.name.split()[0]}({self.numbers[0]}) with time zone"
        if self.arguments:
            return f"{self.name}({', '.join(map(str, self.arguments))})"
        if self.numbers:
            return f"{self.name}({','.join(map(str, self.numbers))})"
        return self.name

    def walk(self) -> Iterator["Type"]:
        """The type and all inside it, each before its parts."""
        yield self
        for part in self.arguments:
            yield from part.walk()

    @property
    def element(self) -> "Type":
        """The element of an array."""
        return self.arguments[0]

    @property
    def key(self) -> "Type":
        """The key of a map."""
        return self.arguments[0]

    @property
    def value(self) -> "Type":
        """The value of a map."""
        return self.arguments[1]

    @property
    def precision(self) -> int:
        return self.numbers[0]

    @property
    def scale(self) -> int:
        return self.numbers[1]

    @property
    def length(self) -> int | None:
        """Characters of a char or varchar; None for an unbounded varchar."""
        return self.numbers[0] if self.numbers else None


def _field(name: str | None, of: Type) -> str:
    if name is None:
        return str(of)
    plain = name.isascii() and name.replace("_", "a").isalnum() and name.islower()
    return f"{name if plain else identifier(name)} {of}"


BOOLEAN = Type("boolean")
INTEGER = Type("integer")
BIGINT = Type("bigint")
DOUBLE = Type("double")
VARCHAR = Type("varchar")
VARBINARY = Type("varbinary")
DATE = Type("date")
UUID = Type("uuid")
UNKNOWN = Type("unknown")
INTERVAL_DAY_TO_SECOND = Type("interval day to second")
INTERVAL_YEAR_TO_MONTH = Type("interval year to month")


def varchar(length: int | None = None) -> Type:
    return VARCHAR if length is None else Type("varchar", (length,))


def decimal(precision: int, scale: int = 0) -> Type:
    return Type("decimal", (precision, scale))


def timestamp(precision: int = 3, *, zone: bool = False) -> Type:
    return Type("timestamp with time zone" if zone else "timestamp", (precision,))


def array(element: Type) -> Type:
    return Type("array", (), (element,))


def row(*fields: tuple[str | None, Type]) -> Type:
    return Type("row", (), tuple(of for _, of in fields), tuple(name for name, _ in fields))


def function(*types: Type) -> Type:
    """A lambda's type: its parameters, then its result."""
    return Type("function", (), types)
