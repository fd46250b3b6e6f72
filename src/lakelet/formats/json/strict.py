"""Blocks of lines that Arrow's reader takes as the SerDes do.

It is strict: a number is no text, a real no integer, and no key comes twice. What it would take
and the SerDes read otherwise is looked for here: keys that differ in case only, numbers that are
not finite or have to be rounded, more or less than one object a line. A block with any of it is
left to the readers of single lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lakelet.formats.json import alike
from lakelet.formats.json.clean import Sample, UncleanError
from lakelet.formats.text import marks, typed
from lakelet.types import Type
from lakelet.types.duckdb import physical, row_fields
from lakelet.types.quoting import identifier, quoted

if TYPE_CHECKING:
    from pyarrow import Array, DataType, Table

_PREFIX: Final = "$value "
_PLACE: Final = "_col"
"""Hive takes `_col0` for the first column's key."""
_EXACT_DIGITS: Final = 15
"""Digits of a decimal that a double tells from all others."""
_WRITTEN: Final = ("date", "timestamp")
_DIRECT: Final = frozenset(
    ("tinyint", "smallint", "integer", "bigint", "real", "double", "boolean")
)
_QUOTED: Final = {False: ("decimal", "boolean"), True: (*_DIRECT, "decimal")}
"""Types that take strings of their values too, by whether the SerDe is OpenX's."""
_ANY_NUMBER: Final = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_WITH_T: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?Z?"
    r"| [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?)$"
)
_AS_JAVA_WRITES: Final = r"^(?:-?[1-9][0-9]*(?:\.[0-9]+)?|0(?:\.0{1,6})?|-?0\.0{0,5}[1-9][0-9]*)$"
"""Numbers that Java's BigDecimal writes as they stand."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: its key as lines spell it, the Arrow types that are read and given,
    and the SQL of its value from what is given."""

    name: str
    key: str
    of: Type
    read: "DataType"
    given: "DataType"
    value: str

    @property
    def is_plain(self) -> bool:
        """Whether DuckDB's reader makes the same of a decimal, in quotes or not."""
        return self.of.name == "decimal" and self.of.precision <= _EXACT_DIGITS

    @property
    def is_wide(self) -> bool:
        """Whether it is a decimal that a double does not tell."""
        return self.of.name == "decimal" and not self.is_plain


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that are read of a line; `folds`: keys go by any case, `places`: by place too.

    `expected` are the lines that the first ones let expect, `are_alike` whether these have the same
    keys in the same order.
    """

    columns: tuple[Column, ...]
    folds: bool
    places: bool
    expected: alike.Lines | None = field(default=None, repr=False)
    are_alike: bool = field(default=True, repr=False)

    @property
    def schema(self) -> Mapping[str, "DataType"]:
        """What `read` gives, by the names that it has in a dataset."""
        return {_PREFIX + each.name: each.given for each in self.columns}

    @property
    def are_expected(self) -> bool:
        """Whether the first lines have all columns, in the same order, and are flat."""
        return self.are_alike and self.expected is not None and self.expected.has_all

    def read(self, block: bytes) -> alike.Read | None:
        """The columns of a block of lines by name; None if it has to be read line by line."""
        read = self._alike(block) or self._scattered(block) or self._parsed(block)
        if read is None or self._hides(read.keys):
            return None
        found = {}
        for each in self.columns:
            column = self._given(read.columns[each.key], each)
            if column is None:
                return None
            found[_PREFIX + each.name] = column
        plain = read.plain and not any(each.is_wide for each in self.columns)
        return alike.Read(found, read.keys, plain)

    def _alike(self, block: bytes) -> alike.Read | None:
        if not self.are_expected or self.expected is None:
            return None
        return self.expected.read(block)

    def _scattered(self, block: bytes) -> alike.Read | None:
        return None if self.expected is None else self.expected.read_scattered(block)

    def _parsed(self, block: bytes) -> alike.Read | None:
        from pyarrow import ArrowInvalid, ArrowNotImplementedError

        if any(each.is_wide for each in self.columns) or not _are_objects(block):
            return None  # Arrow's reader takes more for a decimal than the SerDes do
        try:
            table = _parsed(block, self.columns)
        except (ArrowInvalid, ArrowNotImplementedError):
            return None
        chunked = any(column.num_chunks != 1 for column in table.columns)
        if chunked or len(table) != marks.count(block, ord("\n")):
            return None
        found = {each.key: table.column(each.key).chunk(0) for each in self.columns}
        return alike.Read(found, table.column_names)

    def _hides(self, keys: Sequence[str]) -> bool:
        """Whether there is another key that the SerDe takes for a column's."""
        ours = [each.key for each in self.columns]
        others = [key for key in keys if key not in ours]
        return self._any_of(ours, others) or (
            self.places and any(each.lower().startswith(_PLACE) for each in others)
        )

    def _any_of(self, keys: Iterable[str], others: Sequence[str]) -> bool:
        folded = {each.lower() for each in keys}
        return self.folds and any(each.lower() in folded for each in others)

    def _given(self, column: "Array", told: Column) -> "Array | None":
        if told.of.name in _WRITTEN:
            return _moments(column, told, openx=not self.places)
        if told.of.name == "decimal":
            return column if told.is_wide or _is_exact(column, told.of) else None
        fitted = self._fitted(column, told.read)
        return fitted if fitted is not None and _is_plain(fitted) else None

    def _fitted(self, column: "Array", wanted: "DataType") -> "Array | None":
        """Without the fields of structs that are not asked for; None if they hide others."""
        import pyarrow

        if column.type == wanted:
            return column
        if pyarrow.types.is_list(wanted):
            values = self._fitted(column.values, wanted.value_type)
            if values is None:
                return None
            return pyarrow.ListArray.from_arrays(column.offsets, values, mask=column.is_null())
        names = [field.name for field in wanted]
        others = [field.name for field in column.type if field.name not in names]
        if self._any_of(names, others):
            return None
        parts = [self._fitted(column.field(field.name), field.type) for field in wanted]
        if any(part is None for part in parts):
            return None
        return pyarrow.StructArray.from_arrays(parts, names, mask=column.is_null())


def columns(
    wanted: Sequence[tuple[str, str, Type]],
    sample: Sample,
    *,
    openx: bool,
    folds: bool,
    are_alike: bool = True,
) -> Columns:
    """The columns by name, key and type; `are_alike`: all lines of the sample have the same keys in
    the same order. Raises UncleanError for a type that is left to others."""
    found = []
    for name, key, of in wanted:
        sql = identifier(_PREFIX + name)
        read, value = _top(sql, of, sample.keys.get(key, Sample()), openx)
        given = typed.arrow_type(of) if of.name in _WRITTEN else read
        assert given is not None
        found.append(Column(name, key, of, read, given, value))
    if len({each.key.lower() for each in found}) < len(found):
        raise UncleanError
    types = {each.key: each.read for each in found}
    numbers = _AS_JAVA_WRITES if openx else _ANY_NUMBER
    bare = {each.key: numbers for each in found if each.of.name in ("varchar", "char")}
    quoted = {each.key: each.is_plain for each in found if each.of.name in _QUOTED[openx]}
    lines = alike.of(types, sample.keys, spaced=sample.spaced, bare=bare, quoted=quoted)
    return Columns(tuple(found), folds, not openx, lines, are_alike)


# Types ----------------------------------------------------------------------------------------


def _top(sql: str, of: Type, keys: Sample, openx: bool) -> tuple["DataType", str]:
    import pyarrow

    if of.name in _WRITTEN:
        return pyarrow.string(), sql
    if of.name == "decimal" and of.precision <= _EXACT_DIGITS:
        return pyarrow.float64(), f"CAST({sql} AS {physical(of)})"
    if of.name == "decimal":
        return typed.arrow_type(of), sql
    return _read(sql, of, keys, openx)


def _read(sql: str, of: Type, keys: Sample, openx: bool, depth: int = 0) -> tuple["DataType", str]:
    """The Arrow type that is read, and the SQL of the value."""
    import pyarrow

    if of.name in _DIRECT:
        return typed.arrow_type(of), sql
    match of.name:
        case "varchar":
            return pyarrow.string(), sql if of.length is None else f"left({sql}, {of.length})"
        case "char":
            return pyarrow.string(), f"rtrim(left({sql}, {of.length}), ' ')"
        case "varbinary" if not openx:
            return pyarrow.string(), f"encode({sql})"
        case "array":
            name = f"e{depth}"
            kind, value = _read(name, of.element, keys, openx, depth + 1)
            read = sql if value == name else f"list_transform({sql}, lambda {name}: {value})"
            return pyarrow.list_(kind), read
        case "row":
            return _row(sql, of, keys, openx, depth)
    raise UncleanError


def _row(sql: str, of: Type, keys: Sample, openx: bool, depth: int) -> tuple["DataType", str]:
    import pyarrow

    spelled = [keys.found((name or "").lower()) for name in of.fields]
    if len({key.lower() for key in spelled}) < len(spelled):
        raise UncleanError
    fields, values = [], []
    for ours, key, each in zip(row_fields(of), spelled, of.arguments, strict=True):
        inside = keys.keys.get(key, Sample())
        kind, value = _read(f"{sql}.{identifier(key)}", each, inside, openx, depth + 1)
        fields.append(pyarrow.field(key, kind))
        values.append(f"{quoted(ours)}: {value}")
    made = f"CAST({{{', '.join(values)}}} AS {physical(of)})"
    return pyarrow.struct(fields), f"CASE WHEN {sql} IS NOT NULL THEN {made} END"


# Blocks ---------------------------------------------------------------------------------------


def _are_objects(block: bytes) -> bool:
    """Whether every line begins and ends as an object does, so that none goes on in the next."""
    import numpy

    data = numpy.frombuffer(block, numpy.uint8)
    ends = numpy.flatnonzero(data == ord("\n"))
    begins = data[0] == ord("{") and (data[ends[:-1] + 1] == ord("{")).all()
    return bool(begins and (data[ends - 1] == ord("}")).all())


def _parsed(block: bytes, columns: Sequence[Column]) -> "Table":
    import pyarrow
    from pyarrow import json

    return json.read_json(
        pyarrow.BufferReader(block),
        json.ReadOptions(use_threads=False, block_size=len(block) + 1),
        json.ParseOptions(
            explicit_schema=pyarrow.schema([(each.key, each.read) for each in columns]),
            unexpected_field_behavior="infer",
        ),
    )


def _moments(column: "Array", told: Column, *, openx: bool) -> "Array | None":
    """Just `2024-01-02` and `2024-01-02 03:04:05`, maybe with milliseconds; under OpenX's SerDe
    also with T, and then maybe Z."""
    from pyarrow import compute

    if compute.min(compute.binary_length(column)).as_py() == 0:
        return None
    if typed.data(column).max(initial=0) > ord(":"):
        fits = compute.match_substring_regex(column, pattern=_WITH_T)
        if not openx or told.of.name != "timestamp" or compute.all(fits).as_py() is not True:
            return None
        column = compute.utf8_rtrim(column, "Z")
    return typed.values(column, told.of)


def _is_exact(column: "Array", of: Type) -> bool:
    """Whether each number is a decimal of the type, so that nothing has to be rounded."""
    import numpy
    from pyarrow import compute

    if column.null_count:
        column = column.drop_null()
    numbers = column.to_numpy()
    if not compute.all(compute.is_finite(column)).as_py() and len(column):
        return False
    whole = numpy.rint(numbers * 10.0**of.scale)
    exact = (whole / 10.0**of.scale == numbers) & (numpy.abs(whole) < 10.0**of.precision)
    return bool(exact.all())


def _is_plain(column: "Array") -> bool:
    """Whether all numbers are finite and no struct is without values."""
    from pyarrow import compute, types

    if types.is_floating(column.type):
        return compute.all(compute.is_finite(column)).as_py() is not False
    if types.is_list(column.type):
        return _is_plain(column.values)
    if types.is_struct(column.type):
        empty = column.is_valid()
        for position in range(column.type.num_fields):
            empty = compute.and_(empty, column.field(position).is_null())
        return not compute.any(empty).as_py() and all(
            _is_plain(column.field(position)) for position in range(column.type.num_fields)
        )
    return True
