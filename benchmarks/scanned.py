"""Bytes scanned, beside the sizes that files themselves tell: the column chunks of Parquet that a
query touches, by sqlglot's reading of it, and the whole of text objects."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import sqlglot
from pyarrow import parquet
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

import lakelet
from benchmarks import lakes, sizes
from benchmarks.clickbench import clickbench
from benchmarks.data import Suite
from benchmarks.hits import hits
from benchmarks.report import Measurement
from benchmarks.tpch import tpch

_WITHIN: Final = 0.02
_HOLDS: Final[Mapping[type[exp.Expr], Callable[[Any, Any, Any], bool]]] = {
    exp.EQ: lambda low, high, value: low <= value <= high,
    exp.LT: lambda low, high, value: low < value,
    exp.LTE: lambda low, high, value: low <= value,
    exp.GT: lambda low, high, value: high > value,
    exp.GTE: lambda low, high, value: high >= value,
}
"""Whether a chunk between two values can hold one that a comparison takes."""


def measure() -> list[Measurement]:
    """Of each query the share by which the count is off, and of each suite the largest."""
    found = []
    web = hits()
    columns = [(name.lower(), of) for name, of in web.tables["hits"]]
    clicks = Suite(web.folder, {"hits": columns}, clickbench())
    for name, suite in ((f"TPC-H sf{sizes.scale(1):g}", tpch()), ("ClickBench", clicks)):
        found += _parquet(name, suite)
    return [*found, _text(tpch())]


def _parquet(title: str, suite: Suite) -> list[Measurement]:
    footers = {
        table: parquet.read_metadata(suite.folder / table / "part-0.parquet")
        for table in suite.tables
    }
    rows = []
    with lakes.holding(suite, "athena") as lake:
        for name, text in suite.queries.items():
            expected = sum(_chunks(footers[t], *read) for t, read in _reads(text, suite))
            counted = _counted(lake, text)
            rows.append(Measurement(f"{title}, Parquet: {name}", counted / 1e6, "MB",
                                    expected / 1e6, "its column chunks"))  # fmt: skip
    off = {each.name: _off(each) for each in rows}
    worst = max(off, key=lambda each: off[each])
    return [
        Measurement(f"{title}, Parquet: the most that a query is off, {worst.rpartition(' ')[2]}",
                    100 * off[worst], "%", goal="≤ 2 %", met=off[worst] <= _WITHIN),
        *rows,
    ]  # fmt: skip


def _off(found: Measurement) -> float:
    value, floor = found.value or 0.0, found.floor or 0.0
    return abs(value - floor) / floor if floor else float(value > 0)


def _counted(lake: lakelet.Lake, text: str) -> int:
    cursor = lakelet.connect(lake, database=lakes.DATABASE).cursor().execute(text)
    cursor.arrow()
    return cursor.statistics.scanned


# What a query reads, by sqlglot ----------------------------------------------------------------

Read = tuple[frozenset[str], tuple[exp.Expr, ...]]
"""The columns of a scan, and the comparisons with constants that its rows must pass."""


def _reads(text: str, suite: Suite) -> Iterator[tuple[str, Read]]:
    """Each scan of a table. A common table that is named twice is read once, as it runs here."""
    schema: dict[str, object] = {table: dict(columns) for table, columns in suite.tables.items()}
    query = sqlglot.parse_one(text, read="trino")
    for exists in query.find_all(exp.Exists):
        # Whether there is a row takes no column.
        exists.this.set("expressions", [exp.Literal.number(1)])
    query = qualify(
        query, schema=schema, dialect="trino", identify=False, validate_qualify_columns=False
    )
    for scope in traverse_scope(query):
        for alias, source in scope.sources.items():
            if isinstance(source, exp.Table):
                columns = {
                    column.name.lower()
                    for inner in (scope, *_inside(scope))
                    for column in inner.columns
                    if column.table == alias
                }
                yield source.name.lower(), (frozenset(columns), tuple(_conditions(scope, alias)))


def _inside(scope: Scope) -> Iterator[Scope]:
    """Subqueries, whose columns may be those of the scope."""
    for each in scope.subquery_scopes:
        yield each
        yield from _inside(each)


def _conditions(scope: Scope, alias: str) -> Iterator[exp.Expr]:
    where = scope.expression.args.get("where")
    for each in where.this.flatten() if where and isinstance(where.this, exp.And) else [where]:
        condition = each.this if isinstance(each, exp.Where) else each
        if condition is not None and all(c.table == alias for c in condition.find_all(exp.Column)):
            yield condition


def _chunks(footer: Any, columns: frozenset[str], conditions: tuple[exp.Expr, ...]) -> int:
    """Bytes of the columns' chunks in the row groups whose statistics do not rule them out."""
    total: Counter[str] = Counter()
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        chunks = {
            chunk.path_in_schema.lower(): chunk
            for chunk in map(group.column, range(group.num_columns))
        }
        if all(_may_hold(chunks, each) for each in conditions):
            for column in columns:
                total[column] += chunks[column].total_compressed_size
    return total.total()


def _may_hold(chunks: Mapping[str, Any], condition: exp.Expr) -> bool:
    if isinstance(condition, exp.Between):
        low = exp.GTE(this=condition.this, expression=condition.args["low"])
        high = exp.LTE(this=condition.this, expression=condition.args["high"])
        return _may_hold(chunks, low) and _may_hold(chunks, high)
    holds = _HOLDS.get(type(condition))
    if holds is None or not isinstance(condition.this, exp.Column):
        return True
    statistics = chunks[condition.this.name.lower()].statistics
    value = _value(condition.expression, statistics)
    if value is None or not statistics.has_min_max:
        return True
    return holds(statistics.min, statistics.max, value)


def _value(node: exp.Expression, statistics: Any) -> Any:
    """A constant as a value of the statistics' type; None for what is none."""
    inner = node.this if isinstance(node, exp.Cast) else node
    if not isinstance(inner, exp.Literal) or statistics is None:
        return None
    of = type(statistics.min)
    try:
        return of.fromisoformat(inner.this) if hasattr(of, "fromisoformat") else of(inner.this)
    except ValueError:
        return None


# Text ------------------------------------------------------------------------------------------


def _text(suite: Suite) -> Measurement:
    """Every table as CSV under a folder of its own, read by queries of a few columns."""
    off = 0
    with lakes.holding(suite, "athena") as lake:
        cursor = lakelet.connect(lake, database=lakes.DATABASE).cursor()
        for table in ("nation", "supplier", "customer"):
            cursor.execute(
                f"CREATE TABLE text_{table} WITH (format = 'TEXTFILE',"
                f" write_compression = 'NONE',"
                f" external_location = 's3://{lakes.BUCKET}/text/{table}/')"
                f" AS SELECT * FROM {table}"
            )
            column = suite.tables[table][0][0]
            size = sum(map(_size, Path(lake.folder).glob(f"objects/{lakes.BUCKET}/text/{table}/*")))
            asked = f"SELECT max({column}) FROM text_{table} WHERE {column} > 5"
            off += abs(_counted(lake, asked) - size)
    return Measurement("TPC-H, text: bytes that differ from the objects' sizes", off, "B",
                       goal="0", met=off == 0)  # fmt: skip


def _size(path: Path) -> int:
    return path.stat().st_size
