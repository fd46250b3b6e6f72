"""How a table may be laid out, and the statements that lay it out: Athena's CTAS and INSERT.

Athena promises no order of the rows that CTAS writes, so `sorted_by` says what lakelet's own
files are like; on AWS a table is sorted by whatever its one writer was given.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

from lakelet.types.quoting import identifier, quoted

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(KB|MB|GB)", re.I)
_UNITS: Final = {"KB": 10**3, "MB": 10**6, "GB": 10**9}
MAX_FILES: Final = 200
"""Files that a layout may ask for: each is a statement of its own."""

_SLICE: Final = "lakelet_slice"


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout of tables. `file_size` is in bytes, 0 for any; `fraction` is of the rows; an
    Iceberg table is parted and bucketed by transforms of its columns."""

    format: str = "PARQUET"
    compression: str | None = None
    partitioned_by: tuple[str, ...] = ()
    bucketed_by: tuple[str, ...] = ()
    buckets: int = 0
    sorted_by: tuple[str, ...] = ()
    files: int = 1
    file_size: int = 0
    fraction: float = 1.0
    table_type: str = "HIVE"

    @property
    def is_iceberg(self) -> bool:
        return self.table_type == "ICEBERG"

    @property
    def name(self) -> str:
        """A short name, different for every layout."""
        parts = ["iceberg" if self.is_iceberg else "", self.format.lower()]
        parts.append((self.compression or "").lower())
        parts += [f"by {' '.join(self.partitioned_by)}"] if self.partitioned_by else []
        if self.bucketed_by:
            count = "1 bucket" if self.buckets == 1 else f"{self.buckets} buckets"
            parts.append(f"{count} of {' '.join(self.bucketed_by)}")
        parts += [f"sorted {' '.join(self.sorted_by)}"] if self.sorted_by else []
        parts += [f"{self.files} files"] if self.files > 1 else []
        parts += [f"files of {_shown(self.file_size)}"] if self.file_size else []
        parts += [f"{self.fraction:.4g} of the rows"] if self.fraction < 1 else []
        return ", ".join(part for part in parts if part)

    @property
    def word(self) -> str:
        """The name as part of a database's name."""
        return re.sub(r"[^a-z0-9]+", "_", self.name)

    @property
    def family(self) -> "Layout":
        """The same layout of all the rows."""
        return replace(self, fraction=1.0)


@dataclass(frozen=True, slots=True)
class Placed:
    """A table that a layout makes: from where, to where, and its columns."""

    source: str
    database: str
    table: str
    location: str
    columns: tuple[str, ...]


# Reading -------------------------------------------------------------------------------------


def _word(value: Any) -> str:
    if not isinstance(value, str) or not value.isidentifier():
        raise ValueError(f"{value!r} is no name of a format or compression")
    return value.upper()


def _table_type(value: Any) -> str:
    if value not in ("HIVE", "ICEBERG"):
        raise ValueError(f"{value!r} is no table_type; write HIVE or ICEBERG")
    return str(value)


def _words(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
        raise ValueError(f"{value!r} is no list of columns")
    return tuple(each.lower() for each in names)


def _number(value: Any) -> int:
    if not isinstance(value, int) or not 1 <= value <= MAX_FILES:
        raise ValueError(f"{value!r} is no number from 1 to {MAX_FILES}")
    return value


def _size(value: Any) -> int:
    match = _SIZE.fullmatch(str(value))
    if match is None:
        raise ValueError(f"{value!r} is no size; write 16MB")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def _share(value: Any) -> float:
    if not isinstance(value, int | float) or not 0 < value <= 1:
        raise ValueError(f"{value!r} is no fraction of the rows; write 0.1")
    return float(value)


AXES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "table_type": _table_type,
    "format": _word,
    "compression": _word,
    "partitioned_by": _words,
    "bucketed_by": _words,
    "buckets": _number,
    "sorted_by": _words,
    "files": _number,
    "file_size": _size,
    "fraction": _share,
}
"""What layouts differ in, and how each value is read."""


def matrix(axes: Mapping[str, Any]) -> tuple[Layout, ...]:
    """Every combination of the axes' values, once; raises ValueError for a bad value."""
    if {"files", "file_size"} <= set(axes):
        raise ValueError("files and file_size both say how many files there are; keep one of them")
    names = [name for name in AXES if name in axes]
    bare = [name for name in names if axes[name] == []]
    if bare:
        raise ValueError(f"{bare[0]} has no value; leave it out, or list some")
    values = [
        [AXES[name](value) for value in (given if isinstance(given, list) else [given])]
        for name, given in ((name, axes[name]) for name in names)
    ]
    layouts = (Layout(**dict(zip(names, each, strict=True))) for each in product(*values))
    found = tuple(dict.fromkeys(layouts))
    if any(bool(each.bucketed_by) != bool(each.buckets) for each in found):
        raise ValueError("bucketed_by and buckets go together")
    return found


def _shown(size: int) -> str:
    unit = next(name for name in ("GB", "MB", "KB") if size >= _UNITS[name] or name == "KB")
    return f"{size / _UNITS[unit]:.4g}{unit}"


# Making --------------------------------------------------------------------------------------


def fitting(layout: Layout, columns: Sequence[str]) -> Layout:
    """The layout for a table that may lack the columns by which others are laid out."""

    def kept(names: tuple[str, ...]) -> tuple[str, ...]:
        return names if set(names) <= set(columns) else ()

    buckets = layout.buckets if kept(layout.bucketed_by) else 0
    return replace(
        layout,
        partitioned_by=kept(layout.partitioned_by),
        bucketed_by=kept(layout.bucketed_by),
        buckets=buckets,
        sorted_by=kept(layout.sorted_by),
    )


def sampled(columns: Sequence[str], source: str, fraction: float) -> str:
    """A share of a table's rows, drawn at random."""
    return f"SELECT {_listed(columns)} FROM {source} TABLESAMPLE BERNOULLI ({fraction * 100:.10g})"


def sliced(columns: Sequence[str], source: str, files: int, sorted_by: Sequence[str]) -> str:
    """A table's rows, each with the number of the file that it goes into."""
    slices = f"ntile({files}) OVER ({_order(sorted_by)})"
    return f"SELECT {_listed(columns)}, {slices} AS {_SLICE} FROM {source}"


def staged(select: str, table: str, location: str) -> str:
    """CREATE TABLE AS of rows that are laid out from there."""
    return (
        f"CREATE TABLE {table} WITH ({_set({'external_location': quoted(location)})}) AS {select}"
    )


def statements(layout: Layout, placed: Placed, files: int) -> Iterator[str]:
    """CREATE TABLE AS, and an INSERT for each further file; the rows of several are `sliced`."""
    table = qualified(placed.database, placed.table)
    create = f"CREATE TABLE {table} WITH ({_set(_properties(layout, placed))}) AS"
    if files <= 1:
        yield f"{create} {_select(layout, placed)}"
        return
    for number in range(1, files + 1):
        head = create if number == 1 else f"INSERT INTO {table}"
        yield f"{head} {_select(layout, placed, f' WHERE {_SLICE} = {number}')}"


def _properties(layout: Layout, placed: Placed) -> dict[str, str]:
    found = {"format": quoted(layout.format)}
    if layout.compression:
        found["write_compression"] = quoted(layout.compression)
    if layout.is_iceberg:
        return found | _iceberg(layout, placed)
    found["external_location"] = quoted(placed.location)
    if layout.partitioned_by:
        found["partitioned_by"] = _array(layout.partitioned_by)
    if layout.bucketed_by:
        found["bucketed_by"] = _array(layout.bucketed_by)
        found["bucket_count"] = str(layout.buckets)
    return found


def _iceberg(layout: Layout, placed: Placed) -> dict[str, str]:
    found = {
        "table_type": quoted("ICEBERG"),
        "is_external": "false",
        "location": quoted(placed.location),
    }
    buckets = (f"bucket({name}, {layout.buckets})" for name in layout.bucketed_by)
    if transforms := (*layout.partitioned_by, *buckets):
        found["partitioning"] = _array(transforms)
    return found


def _set(properties: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in properties.items())


def _select(layout: Layout, placed: Placed, where: str = "") -> str:
    """The rows, partition keys last."""
    keys = layout.partitioned_by
    names = [name for name in placed.columns if name not in keys]
    listed = _listed((*names, *keys))
    return f"SELECT {listed} FROM {placed.source}{where} {_order(layout.sorted_by)}".rstrip()


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(map(identifier, columns))


def _order(columns: Sequence[str]) -> str:
    return f"ORDER BY {_listed(columns)}" if columns else ""


def qualified(*name: str) -> str:
    """A table as queries name it, from its database or its catalogue on."""
    return ".".join(map(identifier, name))


def _array(names: Sequence[str]) -> str:
    return f"ARRAY[{', '.join(map(quoted, names))}]"
