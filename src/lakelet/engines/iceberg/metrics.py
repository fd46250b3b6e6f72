"""What manifests say of a file's columns: sizes, counts and bounds, as Trino measures them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from lakelet.engines.iceberg.bounds import packed, unpacked
from lakelet.engines.iceberg.manifests import Entry
from lakelet.model import Document

_TEXT: Final = 16
"""Characters, or bytes, of a bound (`truncate(16)`)."""


Ends = dict[int, bytes]


@dataclass(frozen=True, slots=True)
class Metrics:
    """By fields' numbers; None where a format has none."""

    sizes: Mapping[int, int] | None = None
    counts: Mapping[int, int] | None = None
    nulls: Mapping[int, int] | None = None
    nans: Mapping[int, int] | None = None
    lower: Mapping[int, bytes] | None = None
    upper: Mapping[int, bytes] | None = None
    splits: Sequence[int] | None = field(default=None)


def measured(entry: Entry, path: Path, fields: Sequence[Document]) -> Entry:
    """A finished file's entry with what its columns measure."""
    found = _of(path, entry.format, fields)
    return replace(
        entry,
        sizes=found.sizes,
        counts=found.counts,
        nulls=found.nulls,
        nans=found.nans,
        lower=found.lower,
        upper=found.upper,
        splits=found.splits,
    )


def _of(path: Path, form: str, fields: Sequence[Document]) -> Metrics:
    if form == "AVRO":
        return Metrics()
    return _of_parquet(path, fields) if form == "PARQUET" else _of_orc(path, fields)


def _of_parquet(path: Path, fields: Sequence[Document]) -> Metrics:
    from pyarrow import parquet

    leaves = [*_leaves(fields, True)]
    with parquet.ParquetFile(path) as file:
        footer = file.metadata
        groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
        sizes, counts, nulls = {}, {}, {}
        for place, (number, _, _) in enumerate(leaves):
            chunks = [group.column(place) for group in groups]
            sizes[number] = sum(each.total_compressed_size for each in chunks)
            counts[number] = sum(each.num_values for each in chunks)
            nulls[number] = sum(
                each.statistics.null_count for each in chunks if each.statistics is not None
            )
        lower, upper = _bounds(file.iter_batches(), fields)
        _sign_zeros(fields, lower, upper)
        splits = [_offset(group.column(0)) for group in groups] if leaves else []
    return Metrics(sizes, counts, nulls, {}, lower, upper, splits)


def _sign_zeros(fields: Sequence[Document], lower: Ends, upper: Ends) -> None:
    """Both zeros are one to Parquet's bounds: the least is below zero, the greatest above."""
    for number, of, bounded in _leaves(fields, True):
        if bounded and of in ("float", "double"):
            for ends, zero in ((lower, -0.0), (upper, 0.0)):
                if number in ends and unpacked(of, ends[number]) == 0:
                    ends[number] = packed(of, zero)


def _offset(chunk: Any) -> int:
    found = [chunk.data_page_offset]
    if chunk.dictionary_page_offset is not None:
        found.append(chunk.dictionary_page_offset)
    return int(min(found))


def _of_orc(path: Path, fields: Sequence[Document]) -> Metrics:
    from pyarrow import orc

    with path.open("rb") as stream:
        file = orc.ORCFile(stream)
        rows = file.nrows
        batches = [file.read_stripe(i) for i in range(file.nstripes)]
    lower, upper = _bounds(batches, fields)
    single = [each for each in fields if isinstance(each["type"], str)]
    nulls = {
        each["id"]: sum(batch.column(each["name"]).null_count for batch in batches)
        for each in single
    }
    counts = {each["id"]: rows for each in single}
    return Metrics(None, counts, nulls, {}, lower, upper)


def _leaves(fields: Iterable[Document], bounded: bool) -> Iterator[tuple[int, str, bool]]:
    """Single values in the order of a Parquet file: number, type, whether they have bounds."""
    for each in fields:
        yield from _inside(each["id"], each["type"], bounded)


def _inside(number: int, of: Any, bounded: bool) -> Iterator[tuple[int, str, bool]]:
    if isinstance(of, str):
        yield number, of, bounded
    elif of["type"] == "struct":
        yield from _leaves(of["fields"], bounded)
    else:
        for part in {"list": ("element",), "map": ("key", "value")}[of["type"]]:
            yield from _inside(of[f"{part}-id"], of[part], False)


def _bounds(batches: Iterable[Any], fields: Sequence[Document]) -> tuple[Ends, Ends]:
    """The least and the greatest value of each column that is not repeated."""
    found: dict[int, tuple[Any, Any]] = {}
    without: set[int] = set()
    types: dict[int, str] = {}
    for batch in batches:
        for number, of, array in _arrays(fields, batch.columns):
            ends = _ends(of, array)
            types[number] = of
            if ends is None:
                without.add(number)
            elif ends[0] is not None:
                low, high = found.get(number, ends)
                found[number] = min(low, ends[0]), max(high, ends[1])
    known = {number: ends for number, ends in found.items() if number not in without}
    lower = {n: packed(types[n], _shortened(low)) for n, (low, _) in known.items()}
    raised = {n: _raised(high) for n, (_, high) in known.items()}
    return lower, {n: packed(types[n], high) for n, high in raised.items() if high is not None}


def _arrays(fields: Sequence[Document], columns: Sequence[Any]) -> Iterator[tuple[int, str, Any]]:
    for each, array in zip(fields, columns, strict=True):
        if isinstance(each["type"], str):
            yield each["id"], each["type"], array
        elif each["type"]["type"] == "struct":
            yield from _arrays(each["type"]["fields"], array.flatten())


def _ends(of: str, array: Any) -> tuple[Any, Any] | None:
    """Both ends as numbers, texts or bytes; None of NaN, (None, None) where there is no value."""
    import pyarrow
    from pyarrow import compute

    if of in ("float", "double") and compute.any(compute.is_nan(array)).as_py():
        return None
    if of == "date":
        array = array.cast(pyarrow.int32())
    elif of in ("timestamp", "timestamptz", "time"):
        if of != "time" and array.type.unit != "us":
            array = array.cast(pyarrow.timestamp("us", array.type.tz), safe=False)
        array = array.cast(pyarrow.int64())
    elif of == "uuid" or of.startswith("fixed"):
        array = array.cast(pyarrow.binary())
    ends = compute.min_max(array).as_py()
    return ends["min"], ends["max"]


def _shortened(value: Any) -> Any:
    return value[:_TEXT] if isinstance(value, str | bytes) else value


def _raised(value: Any) -> Any:
    """A greatest value's bound, which is no less; None where there is none so short."""
    if not isinstance(value, str | bytes) or len(value) <= _TEXT:
        return value
    if isinstance(value, bytes):
        kept = value[:_TEXT].rstrip(b"\xff")
        return None if not kept else kept[:-1] + bytes([kept[-1] + 1])
    kept_text = value[:_TEXT]
    while kept_text:
        following = ord(kept_text[-1]) + 1
        if following == _SURROGATES[0]:
            following = _SURROGATES[1]
        if following <= _LAST:
            return kept_text[:-1] + chr(following)
        kept_text = kept_text[:-1]
    return None


_SURROGATES: Final = (0xD800, 0xE000)
_LAST: Final = 0x10FFFF
