"""Which layout of a table would have saved how many bytes of a history of queries.

Candidates come from what those queries filter by. Each is laid out, on a sample where the table is
large, and the queries run over it, so that the bytes are those of real files. An empty table in its
place tells what a query scans of other tables.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from lakelet import pricing
from lakelet.bench.history import Asked
from lakelet.bench.layouts import Layout, Placed, fitting, qualified, statements
from lakelet.bench.report import Made, Report, by_reason
from lakelet.bench.running import Step, run
from lakelet.bench.suite import Query, Suite
from lakelet.bench.targets import LocalTarget
from lakelet.errors import LakeletError
from lakelet.lake import Lake
from lakelet.model import Table
from lakelet.sql.redirecting import Name
from lakelet.types.quoting import identifier

SAMPLE_ROWS: Final = 2_000_000
"""Rows that are laid out of a larger table."""

MAX_QUERIES: Final = 50
"""Queries that are tried: those that scanned the most."""

MAX_PARTITIONS: Final = 100
"""Values of a partition key that CTAS can write (Athena's limit on open writers)."""

_TRIED: Final = 2
"""Columns tried as partition keys and as orders: those that most queries filter by."""

_HARDLY: Final = 0.01
"""The share of what the cheapest layout saves that a plainer one may lose."""

_LEAST: Final = 10_000
"""Bytes that a query must save on average: less is what files tell of themselves."""

_NAMED: Final = 8
"""Tables of the history that an error names."""

_EMPTY: Final = Layout(fraction=0.0)

_KEY_TYPES: Final = frozenset(
    ("varchar", "char", "date", "integer", "bigint", "smallint", "tinyint")
)


@dataclass(frozen=True, slots=True)
class Option:
    """A layout, the bytes and dollars that the history would have cost on it, and the statement
    that makes it; `failure` says why it could not be tried. `columns` are those it parts and
    sorts by."""

    layout: str
    columns: int = 0
    scanned: int = 0
    dollars: float = 0.0
    statement: str = ""
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """What a table's queries cost as it is, and on each layout, the cheapest first.

    `queries` counts runs; `fraction` is the share of the rows that was laid out.
    """

    table: Name
    queries: int
    fraction: float
    scanned: int
    dollars: float
    options: tuple[Option, ...]

    @property
    def unmade(self) -> dict[str, str]:
        """Each reason for which layouts could not be tried, and which."""
        return by_reason((each.failure, each.layout) for each in self.options)

    @property
    def worth(self) -> float:
        """The bytes that a layout must save to be advised."""
        return max(0.05 * self.scanned, _LEAST * self.queries)

    @property
    def best(self) -> Option | None:
        """The plainest option that is as good as the cheapest, where that saves a twentieth of the
        bytes or more, and more than a footer's: one more column to part or sort by must earn its
        keep."""
        found = [each for each in self.options if each.failure is None]
        if not found or found[0].scanned > self.scanned - self.worth:
            return None
        least = found[0]
        as_good = (
            each
            for each in found
            if each.scanned - least.scanned <= _HARDLY * (self.scanned - least.scanned)
            and each.dollars <= least.dollars
        )
        return min(as_good, key=lambda each: each.columns)


def busiest(lake: Lake, asked: Sequence[Asked]) -> Name:
    """The table of a history whose queries scanned most; raises LakeletError if there is none."""
    found: Counter[Name] = Counter()
    for each in asked:
        for name in each.filters:
            found[name] += each.times * each.scanned
    tables = (name for name, _ in found.most_common() if lake.catalog.table(*name) is not None)
    busy = next(tables, None)
    if busy is None:
        raise LakeletError(
            "no query that the Athena API has answered here reads a table; there is nothing to go"
            " by. Serve the lake, lakelet up, and ask it what you ask every day, or name a file of"
            " queries: --history queries.sql"
        )
    return busy


# Advice --------------------------------------------------------------------------------------


def advise(lake: Lake, name: Name, asked: Sequence[Asked], step: Step) -> Advice:
    """Tries layouts of a table; raises LakeletError for a table that no query has read."""
    mine = [each for each in asked if name in each.filters][:MAX_QUERIES]
    table = lake.catalog.table(*name)
    if table is None or table.is_view:
        raise LakeletError(f"{'.'.join(name)} is a view; lay out the tables that it reads")
    if not mine:
        raise LakeletError(
            f"no query of the history reads {'.'.join(name)}{_names(asked)}; the history is what"
            " the Athena API has answered here, or a file of queries: --history queries.sql"
        )
    target = LocalTarget(lake)
    rows = _count(target, f"SELECT count(*) FROM {qualified(*name)}")
    fraction = min(1.0, SAMPLE_ROWS / max(rows, 1))
    candidates = tuple(dict.fromkeys(_candidates(target, table, mine)))
    layouts = (_EMPTY, *(replace(each, fraction=fraction) for each in candidates))
    suite = Suite(
        "advice",
        tuple(Query(str(i), each.text, each.database) for i, each in enumerate(mine)),
        name[0],
        {name[1]: ".".join(name)},
        layouts,
        warmup=0,
        repeat=1,
    )
    price = lake.settings.price_per_tb
    with closing(run(suite, (target,), step, price, profiled=False)) as growing:
        *_, report = growing
    return _advice(table, mine, report, candidates, fraction)


def _names(asked: Sequence[Asked]) -> str:
    """What is read instead, for an error."""
    names = sorted({".".join(name) for each in asked for name in each.filters})
    more = " …" if len(names) > _NAMED else ""
    return f", but {', '.join(names[:_NAMED])}{more}" if names else ""


def _count(target: LocalTarget, text: str) -> int:
    with target.connect("default") as connection:
        return int(connection.cursor().execute(text).fetchall()[0][0] or 0)


def _candidates(target: LocalTarget, table: Table, asked: Sequence[Asked]) -> Iterator[Layout]:
    """Parquet, with the partition keys it has and with others, in the orders that filters like."""
    name = (table.database, table.name)
    used: Counter[str] = Counter()
    for each in asked:
        for column in each.filters[name]:
            used[column] += each.times * each.scanned
    columns = [column for column, _ in used.most_common() if not column.startswith("$")]
    keys = [column for column in columns if _is_key(target, table, column)][:_TRIED]
    present = tuple(each.name.lower() for each in table.partition_keys)
    partitions = dict.fromkeys((present, (), *((key,) for key in keys)))
    kind = "ICEBERG" if table.is_iceberg else "HIVE"
    orders = ((), *((column,) for column in columns[:_TRIED]))
    for partitioned, order in product(partitions, orders):
        if not set(partitioned) & set(order):
            yield Layout("PARQUET", "ZSTD", partitioned, sorted_by=order, table_type=kind)


def _is_key(target: LocalTarget, table: Table, column: str) -> bool:
    """Whether a column may part the table: of a plain type, with a few values."""
    from lakelet.types.hive import to_trino

    types = {each.name.lower(): to_trino(each.type).name for each in table.columns}
    if types.get(column) not in _KEY_TYPES:
        return False
    source = qualified(table.database, table.name)
    text = f"SELECT count(DISTINCT {identifier(column)}) FROM {source}"
    return 1 < _count(target, text) <= MAX_PARTITIONS


def _advice(
    table: Table,
    asked: Sequence[Asked],
    report: Report,
    candidates: Sequence[Layout],
    fraction: float,
) -> Advice:
    """The history's cost on each candidate; the report's first layout is the empty table."""
    empty, *tried = report.layouts
    others = _scanned(report, empty)
    price = report.price_per_tb
    options = []
    for layout, made in zip(candidates, tried, strict=True):
        found = _scanned(report, made)
        whole = [
            others.get(name, 0) + round((found[name] - others.get(name, 0)) / fraction)
            if name in found
            else each.scanned
            for name, each in ((str(i), each) for i, each in enumerate(asked))
        ]
        statement = "" if made.failure else _statement(table, layout)
        columns = len(layout.partitioned_by) + len(layout.sorted_by)
        cost = _cost(asked, whole, price)
        options.append(Option(made.family, columns, *cost, statement, made.failure))
    options.sort(key=lambda each: (each.failure is not None, each.scanned))
    cost = _cost(asked, [each.scanned for each in asked], price)
    runs = sum(each.times for each in asked)
    return Advice((table.database, table.name), runs, fraction, *cost, tuple(options))


def _scanned(report: Report, made: Made) -> dict[str, int]:
    return {
        each.query: each.scanned
        for each in report.measured
        if each.layout == made.name and each.seconds
    }


def _cost(asked: Sequence[Asked], scanned: Sequence[int], price: float) -> tuple[int, float]:
    """Bytes and dollars of all runs."""
    each = list(zip(asked, scanned, strict=True))
    return (
        sum(query.times * size for query, size in each),
        sum(query.times * pricing.dollars(size, price) for query, size in each),
    )


def _statement(table: Table, layout: Layout) -> str:
    """CTAS of the table beside itself."""
    placed = Placed(
        qualified(table.database, table.name),
        table.database,
        f"{table.name}_{layout.word}",
        f"{table.storage.location.rstrip('/')}_{layout.word}/",
        tuple(each.name.lower() for each in table.columns),
    )
    (statement,) = statements(fitting(layout, placed.columns), placed, 1)
    return statement
