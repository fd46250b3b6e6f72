"""What a columnar file says of itself: its columns, and the chunks that hold their values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite, isnan
from typing import TYPE_CHECKING, BinaryIO, Final

from lakelet.model import DataFile

if TYPE_CHECKING:
    from pyarrow import Table


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a file, or a part of one.

    `kind` is the format's own word for its type, `text` how the format's errors show it, `read`
    the DuckDB type of its values; nested ones have `parts`.
    """

    name: str
    kind: str
    read: str = ""
    text: str = ""
    parts: tuple["Field", ...] = ()


Value = int | float | str | Decimal | None


@dataclass(frozen=True, slots=True)
class Group:
    """A row group or a stripe: for each column of the file the compressed bytes of its chunks, its
    least and greatest value as the footer has them and its NULLs, None where they are not known.
    """

    rows: int
    sizes: tuple[int, ...]
    least: tuple[Value, ...] = ()
    greatest: tuple[Value, ...] = ()
    nulls: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Footer:
    """The columns of a file in its order, and its groups. `marks` are other things that a scan may
    ask about: the codecs of its chunks, what its bounds leave out."""

    fields: tuple[Field, ...] = ()
    groups: tuple[Group, ...] = ()
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Access:
    """How the footers of files are read: a seekable reader of one, and DuckDB over them all."""

    open: Callable[[DataFile], BinaryIO]
    query: Callable[[str], "Table"]


@dataclass(frozen=True, slots=True)
class Chunks:
    """What a scan touches of a file: columns by their positions in its footer, and groups, all of
    them for None."""

    file: DataFile
    footer: Footer
    columns: tuple[int, ...]
    groups: tuple[int, ...] | None = None

    @property
    def size(self) -> int:
        """Compressed bytes."""
        groups = self.footer.groups
        kept = groups if self.groups is None else [groups[each] for each in self.groups]
        return sum(group.sizes[each] for group in kept for each in self.columns)


def bound(field: Field, value: Value) -> Value:
    """A bound of a scalar column in a form that compares with constants: dates are days,
    timestamps microseconds since 1970. None for what says nothing."""
    if value is None or field.parts:
        return None
    if not isinstance(value, str):
        return None if isinstance(value, float) and isnan(value) else value
    for start, read in _READ.items():
        if field.read.startswith(start):
            try:
                return read(value)
            except (ValueError, ArithmeticError):
                return None
    return None


def _moment(text: str) -> int:
    moment = datetime.fromisoformat(text.removesuffix("+00")).replace(tzinfo=None)
    return (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)


_READ: Final[dict[str, Callable[[str], Value]]] = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT"), int),
    "DECIMAL": Decimal,
    **dict.fromkeys(("FLOAT", "DOUBLE"), float),
    **dict.fromkeys(("VARCHAR", "STRING", "CHAR"), str),
    "DATE": lambda text: (date.fromisoformat(text) - date(1970, 1, 1)).days,
    "TIMESTAMP": _moment,
}
"""How the text of a bound is read, by how the name of the column's type begins."""


def magnitude(footers: Sequence[Footer], places: Sequence[int], read: str) -> float | None:
    """The largest absolute value of a column of numbers, at its place in each footer; None where a
    group does not tell, and where some are not finite."""
    if not read.startswith(_NUMBERS):
        return None
    largest = 0.0
    for footer, place in zip(footers, places, strict=True):
        field = footer.fields[place]
        if field.read != read:
            return None
        for group in footer.groups:
            ends = [bound(field, each[place]) for each in (group.least, group.greatest)]
            if None in ends and group.nulls[place] != group.rows:
                return None
            known = [abs(float(each)) for each in ends if each is not None]
            if not all(map(isfinite, known)):
                return None
            largest = max([largest, *known])
    return largest


_NUMBERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE")


FooterReader = Callable[[Sequence[DataFile], Access], list[Footer]]
"""The footers of files, in their order. Raises TrinoError for a file that has none."""
