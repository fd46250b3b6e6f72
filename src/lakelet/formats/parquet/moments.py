"""Timestamps that are finer than Athena's milliseconds, and what spares rounding each of them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from lakelet.formats.layout import Chunks, Field, bound
from lakelet.formats.scanning import Request, file_list
from lakelet.model import DataFile, Domain
from lakelet.types import Type
from lakelet.types.quoting import identifier, quoted

if TYPE_CHECKING:
    from pyarrow import Table

MANY: Final = 1000
"""Files whose bounds are looked through for a query."""
_SHARE: Final = 4
"""A column is looked through by queries that read at least such a part of it anyway."""
_MICROSECONDS: Final = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE")
_ODD: Final = {
    **dict.fromkeys(_MICROSECONDS, "epoch_us({0}) % 1000 <> 0"),
    "TIMESTAMP_NS": "epoch_ns({0}) % 1000000 <> 0",
}
"""Which values have more than milliseconds, by the type that DuckDB reads."""


def is_finer(field: Field, wanted: Type) -> bool:
    """Whether a column's values have to be rounded."""
    fine = field.read in _ODD and "(MILLIS," not in field.text
    return fine and str(wanted) == "timestamp(3)"


def local(field: Field, sql: str) -> str:
    """A moment in UTC as one without a zone, which a cast would ask a calendar for; others as they
    are."""
    if field.read == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({sql}))"
    return sql


def plain(field: Field, sql: str) -> str:
    """A value as it is, in microseconds."""
    return f"CAST({sql} AS TIMESTAMP)" if field.read == "TIMESTAMP_NS" else local(field, sql)


def late(files: Sequence[Chunks]) -> frozenset[Field]:
    """Timestamps of microseconds that all stand after 1970 began, where rounding is cheap."""
    if len(files) > MANY:
        return frozenset()
    after: set[Field] = set()
    early: set[Field] = set()
    for each in files:
        for place in each.columns:
            field = each.footer.fields[place]
            if field.read in _MICROSECONDS:
                least = [bound(field, group.least[place]) for group in each.footer.groups]
                later = all(isinstance(moment, int) and moment >= 0 for moment in least)
                (after if later else early).add(field)
    return frozenset(after - early)


def are_whole(request: Request, field: Field, files: Sequence[Chunks]) -> bool | None:
    """Whether all values of a column that `is_finer` are known to be whole milliseconds; None if
    that will be known.

    It is proven for each version of a file, when the column is read for the second time.
    """
    sizes = [_size(field, each) for each in files]
    read = sum(size for size, _ in sizes)
    total = sum(size for _, size in sizes)
    if _SHARE * read < total:
        return all(request.known(each.file, _key(field)) for each in files)
    asked = [(each.file, size) for each, (_, size) in zip(files, sizes, strict=True)]
    return request.all_proven(asked, _key(field), lambda some: _odd(request.query, field, some))


def _key(field: Field) -> str:
    return f"whole milliseconds: {field.name}"


def _size(field: Field, chunks: Chunks) -> tuple[int, int]:
    """The column's compressed bytes in the groups that are read, and in all."""
    place = chunks.footer.fields.index(field)
    sizes = [group.sizes[place] for group in chunks.footer.groups]
    kept = sizes if chunks.groups is None else [sizes[each] for each in chunks.groups]
    return sum(kept), sum(sizes)


def _odd(query: "Callable[[str], Table]", field: Field, files: Sequence[DataFile]) -> str | None:
    """The address of one file in which a value has more than milliseconds."""
    condition = _ODD[field.read].format(identifier(field.name))
    urls = file_list([each.url for each in files])
    path = identifier("$path")
    found = query(
        f"SELECT {path} FROM read_parquet({urls}, hive_partitioning = false, filename = '$path')"
        f" WHERE {condition} LIMIT 1"
    )
    return str(found.column(0)[0]) if found.num_rows else None


def conditions(field: Field, column: str, domain: Domain | None) -> Sequence[str]:
    """What DuckDB can hold against row groups of a timestamp that is not read as it is: a
    millisecond more on either side."""
    if domain is None or field.read not in _MICROSECONDS:
        return ()
    low = min(domain.values) if domain.values else domain.low
    high = max(domain.values) if domain.values else domain.high
    found = []
    if low is not None and low[0].isdigit():
        found.append(f"{column} >= {_constant(field, low, '-')}")
    if high is not None and high[0].isdigit():
        found.append(f"{column} <= {_constant(field, high, '+')}")
    return found


def _constant(field: Field, text: str, sign: str) -> str:
    return f"CAST(TIMESTAMP {quoted(text)} {sign} INTERVAL 1 MILLISECOND AS {field.read})"
