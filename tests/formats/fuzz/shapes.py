"""Parquet files whose lists and maps have the shapes of older writers.

pyarrow writes one shape. Levels and values in its pages are those of the others too, where their
groups repeat and leave out alike: so only the footer is written anew, with other names and
annotations, and with the group within a list left out where its elements are never absent.
"""

import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import pyarrow
from pyarrow import parquet

from lakelet.formats.writers import thrift
from tests.formats.fuzz.making import Made, create, queries

_SCHEMA, _GROUPS = 2, 4
"""Fields of FileMetaData."""
_REPETITION, _NAME, _CHILDREN, _CONVERTED, _LOGICAL = 3, 4, 5, 6, 10
"""Fields of SchemaElement."""
_MAP, _PAIR, _LIST = 1, 2, 3
"""Converted types."""
_REPEATED: Final = 2


@dataclass(slots=True)
class Element:
    """An element of a schema: its fields, and what stands below it."""

    fields: dict[int, thrift.Field]
    parts: list["Element"] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.fields[_NAME][2][1:].decode()

    def number(self, of: int) -> int | None:
        """The value of a number's field."""
        found = self.fields.get(of)
        return thrift.varint(found[2], 0)[0] >> 1 if found else None

    def set(self, of: int, value: int | str | None) -> None:
        """Changes a field, or takes it away."""
        self.fields.pop(of, None)
        if isinstance(value, str):
            self.fields[of] = of, thrift.BINARY, _text(value)
        elif value is not None:
            self.fields[of] = of, thrift.I32, thrift.write_varint(value << 1)

    def leaves(self, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        """The paths of the columns."""
        if not self.parts:
            yield above
        for part in self.parts:
            yield from part.leaves((*above, part.name))

    def written(self) -> Iterator[bytes]:
        """The element and all below it, as the footer lists them."""
        self.set(_CHILDREN, len(self.parts) or None)
        yield thrift.struct(sorted(self.fields.values()))
        for part in self.parts:
            yield from part.written()

    def __str__(self) -> str:
        told = {None: "", _MAP: " (MAP)", _PAIR: " (MAP_KEY_VALUE)", _LIST: " (LIST)"}
        repetition = ("required", "optional", "repeated")[self.number(_REPETITION) or 0]
        inside = f" {{ {' '.join(map(str, self.parts))} }}" if self.parts else ""
        return f"{repetition} {self.name}{told.get(self.number(_CONVERTED), '')}{inside}"


def reshaped(data: bytes, change: Callable[[Element], None]) -> tuple[bytes, Element]:
    """A Parquet file with a changed schema, and that."""
    length = int.from_bytes(data[-8:-4], "little")
    found, _ = thrift.fields(data[-8 - length : -8], 0)
    footer = {number: (number, kind, value) for number, kind, value in found}
    root = _read(iter(_structs(footer[_SCHEMA][2])))
    change(root)
    paths = list(root.leaves())
    elements = list(root.written())
    footer[_SCHEMA] = (_SCHEMA, 9, _listed(elements))
    groups = (_regrouped(group, paths) for group in _structs(footer[_GROUPS][2]))
    footer[_GROUPS] = (_GROUPS, 9, _listed(list(groups)))
    made = thrift.struct(footer.values())
    return data[: -8 - length] + made + len(made).to_bytes(4, "little") + data[-4:], root


def _read(given: Iterator[list[thrift.Field]]) -> Element:
    found = Element({each[0]: each for each in next(given)})
    found.parts = [_read(given) for _ in range(found.number(_CHILDREN) or 0)]
    return found


def _structs(data: bytes) -> Iterator[list[thrift.Field]]:
    count, at = thrift.list_header(data)
    for _ in range(count):
        found, at = thrift.fields(data, at)
        yield found


def _regrouped(group: list[thrift.Field], paths: Sequence[tuple[str, ...]]) -> bytes:
    """A row group whose columns have other paths."""
    columns = _structs(next(value for number, _, value in group if number == 1))
    renamed = [
        thrift.struct(_changed(chunk, 3, partial(_repathed, path=path)))
        for chunk, path in zip(columns, paths, strict=True)
    ]
    return thrift.struct(_changed(group, 1, lambda _: _listed(renamed)))


def _repathed(told: bytes, path: Sequence[str]) -> bytes:
    meta, _ = thrift.fields(told, 0)
    names = b"".join(map(_text, path))
    return thrift.struct(_changed(meta, 3, lambda _: _header(len(path), thrift.BINARY) + names))


def _changed(
    fields: list[thrift.Field], of: int, change: Callable[[bytes], bytes]
) -> list[thrift.Field]:
    return [
        (number, kind, change(value) if number == of else value) for number, kind, value in fields
    ]


def _listed(structs: Sequence[bytes]) -> bytes:
    return _header(len(structs), thrift.STRUCT) + b"".join(structs)


def _header(count: int, kind: int) -> bytes:
    return (
        bytes([count << 4 | kind])
        if count < 15
        else bytes([240 | kind]) + thrift.write_varint(count)
    )


def _text(value: str) -> bytes:
    data = value.encode()
    return thrift.write_varint(len(data)) + data


# Shapes ---------------------------------------------------------------------------------------


def _old(given: random.Random, element: Element) -> None:
    """Gives lists and maps below an element shapes of their own."""
    for part in element.parts:
        _old(given, part)
        converted = part.number(_CONVERTED)
        if converted == _LIST:
            _list(given, part)
        elif converted == _MAP:
            _map(given, part)


def _list(given: random.Random, outer: Element) -> None:
    repeated = outer.parts[0]
    (inner,) = repeated.parts
    if given.random() < 0.7:
        outer.fields.pop(_LOGICAL, None)
    if inner.number(_REPETITION) == 0 and given.random() < 0.7:
        # Two levels: the element itself repeats.
        inner.set(_REPETITION, _REPEATED)
        inner.set(_NAME, given.choice(("array", f"{outer.name}_tuple", "element", "bag", "list")))
        outer.parts = [inner]
        if outer.number(_REPETITION) == 0 and given.random() < 0.2:
            outer.set(_CONVERTED, None)
            outer.fields.pop(_LOGICAL, None)
        return
    repeated.set(_NAME, given.choice(("list", "bag", "array", "element", f"{outer.name}_tuple")))
    inner.set(_NAME, given.choice(("element", "array_element", "item", "array", "x")))


def _map(given: random.Random, outer: Element) -> None:
    repeated = outer.parts[0]
    if given.random() < 0.7:
        outer.fields.pop(_LOGICAL, None)
    if given.random() < 0.02:
        outer.set(_CONVERTED, _PAIR)
        outer.fields.pop(_LOGICAL, None)
    repeated.set(_CONVERTED, given.choice((None, _PAIR)))
    repeated.set(_NAME, given.choice(("key_value", "map", "entries", "x")))
    for part, names in zip(repeated.parts, (("key", "k"), ("value", "v")), strict=True):
        part.set(_NAME, given.choice(names))


_SCALARS: Final[dict[str, tuple[pyarrow.DataType, tuple[Any, ...]]]] = {
    "int": (pyarrow.int32(), (0, 1, -7)),
    "bigint": (pyarrow.int64(), (0, 2**40)),
    "string": (pyarrow.string(), ("", "a", "é")),
    "double": (pyarrow.float64(), (0.5, -1.0)),
}


@dataclass(frozen=True, slots=True)
class _Kind:
    hive: str
    arrow: pyarrow.DataType
    value: Callable[[], Any]
    nullable: bool = True


def _kind(given: random.Random, depth: int) -> _Kind:
    draw = given.random()
    if depth > 2 or draw < 0.3:
        hive = given.choice(list(_SCALARS))
        arrow, values = _SCALARS[hive]
        return _Kind(hive, arrow, lambda: given.choice(values))
    if draw < 0.7:
        return _array(given, _kind(given, depth + 1))
    if draw < 0.85:
        key, of = given.choice(("string", "int")), _kind(given, depth + 1)
        arrow, keys = _SCALARS[key]
        pairs = lambda: [(each, _null(given, of)) for each in keys[: given.randrange(4)]]  # noqa: E731
        return _Kind(f"map<{key},{of.hive}>", pyarrow.map_(arrow, of.arrow), pairs)
    fields = {name: _kind(given, depth + 1) for name in ("x", "y", "z")[: given.randint(1, 3)]}
    return _Kind(
        f"struct<{','.join(f'{name}:{of.hive}' for name, of in fields.items())}>",
        pyarrow.struct([(name, of.arrow) for name, of in fields.items()]),
        lambda: {name: _null(given, of) for name, of in fields.items()},
    )


def _array(given: random.Random, of: _Kind) -> _Kind:
    nullable = given.random() < 0.4
    arrow = pyarrow.list_(pyarrow.field("element", of.arrow, nullable=nullable))
    read = (lambda: _null(given, of)) if nullable else of.value
    return _Kind(f"array<{of.hive}>", arrow, lambda: [read() for _ in range(given.randrange(4))])


def _null(given: random.Random, of: _Kind) -> Any:
    return None if given.random() < 0.15 else of.value()


def parquet_shapes(given: random.Random) -> Made:
    """Two-level lists, unannotated ones, and names of other writers."""
    kinds = {
        f"c{place}": _kind(given, given.choice((0, 0, 1))) for place in range(given.randint(1, 3))
    }
    rows = given.choice((0, 1, 5))
    required = {name for name in kinds if given.random() < 0.2}
    table = pyarrow.table(
        [
            pyarrow.array(
                [of.value() if name in required else _null(given, of) for _ in range(rows)],
                of.arrow,
            )
            for name, of in kinds.items()
        ],
        schema=pyarrow.schema(
            [
                pyarrow.field(name, of.arrow, nullable=name not in required)
                for name, of in kinds.items()
            ]
        ),
    )
    out = io.BytesIO()
    parquet.write_table(table, out, store_schema=False, row_group_size=given.choice((2, 100)))
    data, root = reshaped(out.getvalue(), lambda root: _old(given, root))
    columns = [(name, of.hive) for name, of in kinds.items()]
    one = given.choice(columns)[0]
    document = {
        "about": ", ".join(map(str, root.parts)),
        "ddl": [create(columns, "STORED AS PARQUET")],
        "queries": queries(
            "SELECT * FROM ${TABLE}",
            f"SELECT {one} FROM ${{TABLE}} WHERE {one} IS NOT NULL",
        ),
    }
    return Made("shapes", document, {"f": data})


FAMILIES: Final = {"parquet_shapes": parquet_shapes}
