"""A query's plan as a tree of Trino's operators, from what the analysis says that it means.

One process does all of the work, so there is one fragment and no exchange. Rows are known where
footers tell them or the query itself does; everything else is `?`, as Trino writes it without
statistics.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import nan
from typing import Any

from lakelet.engines.explaining.expressions import Symbols, shown
from lakelet.engines.planning import Plan, rows_of
from lakelet.engines.scans import PlannedScan
from lakelet.sql import tree
from lakelet.sql.metadata import TableName
from lakelet.types import Type

Output = tuple[str, Type]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an operator gives: rows, and bytes of them; nan for what is not known."""

    rows: float = nan
    size: float = nan
    cpu: float = nan


@dataclass(frozen=True, slots=True)
class Node:
    """An operator: its name and what it is told, what it gives, and more lines about it."""

    name: str
    descriptor: tuple[tuple[str, str], ...]
    outputs: tuple[Output, ...]
    details: tuple[str, ...] = ()
    estimates: tuple[Estimate, ...] = (Estimate(),)
    children: tuple["Node", ...] = ()

    @property
    def estimate(self) -> Estimate:
        """Of what comes out in the end."""
        return self.estimates[-1]


def plan_of(plan: Plan) -> Node:
    """A query's plan, with what is known of the files that it reads."""
    analysis = plan.analysis
    keys = {
        name: tuple(each.name.lower() for each in table.partition_keys)
        for name, table in plan.tables.items()
    }
    builder = _Builder(
        {scan.id: scan for scan in analysis.scans}, {scan.id: scan for scan in plan.scans}, keys
    )
    body = builder.query(analysis.query)
    names = ", ".join(column.name for column in analysis.columns)
    details = tuple(
        f"{column.name} := {symbol}"
        for column, (symbol, _) in zip(analysis.columns, body.outputs, strict=True)
        if column.name != symbol
    )
    estimate = replace(body.estimate, cpu=0.0)
    told = (("columnNames", f"[{names}]"),)
    return Node("Output", told, body.outputs, details, (estimate,), (body,))


@dataclass(slots=True)
class _Builder:
    """What each relation's columns are called, and the queries that have names."""

    analysed: Mapping[int, tree.Scan]
    scans: Mapping[int, PlannedScan]
    keys: Mapping[TableName, tuple[str, ...]]
    symbols: Symbols = field(default_factory=Symbols)
    named: dict[str, tree.CommonTable] = field(default_factory=dict)
    inside: set[str] = field(default_factory=set)

    def query(self, query: tree.Query) -> Node:
        for table in query.common_tables:
            self.named[table.name] = table
        node = self._body(query.body)
        outputs = dict(zip((o.physical for o in query.outputs), node.outputs, strict=True))
        self.symbols.outputs = {name: symbol for name, (symbol, _) in outputs.items()}
        if query.order_by and query.limit is not None and query.offset is None:
            told = (("count", shown(query.limit, self.symbols, bare=True)), self._order(query))
            name = "TopN" if not query.with_ties else "TopNRanking"
            return _on(node, name, told, rows=_count(query.limit))
        if query.order_by:
            node = _on(node, "Sort", (self._order(query),))
        if query.offset is not None:
            skipped = shown(query.offset, self.symbols, bare=True)
            node = _on(node, "Offset", (("count", skipped),), rows=nan)
        if query.limit is not None:
            kept = shown(query.limit, self.symbols, bare=True)
            node = _on(node, "Limit", (("count", kept),), rows=_count(query.limit))
        return node

    def _order(self, query: tree.Query) -> tuple[str, str]:
        return "orderBy", f"[{', '.join(map(self._sort_item, query.order_by))}]"

    def _sort_item(self, item: tree.SortItem) -> str:
        direction = "DESC" if item.descending else "ASC"
        nulls = "FIRST" if item.nulls_first else "LAST"
        return f"{shown(item.expression, self.symbols)} {direction} NULLS {nulls}"

    def _body(self, body: Any) -> Node:
        if isinstance(body, tree.Query):
            return self.query(body)
        if isinstance(body, tree.Select):
            return self._select(body)
        if isinstance(body, tree.Values):
            return self._values(body)
        return self._set_operation(body)

    def _values(self, body: tree.Values) -> Node:
        outputs = tuple(
            (self.symbols.new(output.name or "field"), output.type) for output in body.outputs
        )
        rows = tuple(
            f"({', '.join(shown(each, self.symbols) for each in row)})" for row in body.rows
        )
        return Node("Values", (), outputs, rows, (_sized(float(len(rows)), outputs, cpu=0.0),))

    def _set_operation(self, body: tree.SetOperation) -> Node:
        sides = (self._body(body.left), self._body(body.right))
        outputs = tuple(
            (self.symbols.new(symbol), output.type)
            for output, (symbol, _) in zip(body.outputs, sides[0].outputs, strict=True)
        )
        name = body.operator.capitalize()
        total = sum(each.estimate.rows for each in sides) if name == "Union" else nan
        node = Node(name, (), outputs, (), (_sized(total, outputs),), sides)
        if not body.distinct:
            return node
        if name != "Union":
            return replace(node, descriptor=(("distinct", "true"),))
        return _distinct(node)

    # SELECT ---------------------------------------------------------------------------------

    def _select(self, select: tree.Select) -> Node:
        if select.source is None:
            node = Node("Values", (), (), ("()",), (Estimate(1.0, 0.0, 0.0),))
        else:
            node = self._relation(select.source)
        if select.where is not None:
            node = self._filtered(node, select.where)
        aggregates = _calls((select.items, select.having), tree.AggregateCall)
        if select.group_by is not None or aggregates:
            node = self._aggregated(node, select, aggregates)
        if select.having is not None:
            node = self._filtered(node, select.having)
        for call in _calls(select.items, tree.WindowCall):
            node = self._windowed(node, call)
        node = self._projected(node, select)
        return _distinct(node) if select.distinct else node

    def _filtered(self, node: Node, condition: tree.Expression) -> Node:
        node = self._with_subqueries(node, condition)
        predicate = ("filterPredicate", shown(condition, self.symbols))
        estimates = (*node.estimates, Estimate())
        if node.name == "TableScan":
            told = (*node.descriptor, predicate)
            return replace(node, name="ScanFilter", descriptor=told, estimates=estimates)
        return Node("Filter", (predicate,), node.outputs, (), (Estimate(),), (node,))

    def _aggregated(
        self, node: Node, select: tree.Select, aggregates: Sequence[tree.AggregateCall]
    ) -> Node:
        keys: list[Output] = []
        details: list[str] = []
        for key in select.group_by or ():
            text = shown(key, self.symbols)
            symbol = text if isinstance(key, tree.ColumnReference) else self.symbols.new("expr")
            if symbol != text:
                details.append(f"{symbol} := {text}")
            keys.append((symbol, key.type))
        if details:
            outputs = (*node.outputs, *(k for k in keys if k not in node.outputs))
            node = Node("Project", (), outputs, tuple(details), (node.estimate,), (node,))
        found: list[Output] = []
        lines: list[str] = []
        for call in aggregates:
            text = shown(call, self.symbols)
            symbol = self.symbols.new(call.function.name)
            lines.append(f"{symbol} := {text}")
            found.append((symbol, call.type))
        for key, (symbol, _) in zip(select.group_by or (), keys, strict=True):
            self.symbols.know(key, symbol)
        for call, (symbol, _) in zip(aggregates, found, strict=True):
            self.symbols.know(call, symbol)
        told: tuple[tuple[str, str], ...] = ()
        if keys:
            told = (("keys", f"[{', '.join(symbol for symbol, _ in keys)}]"),)
        if select.grouping_sets is not None:
            sets = (f"[{', '.join(keys[each][0] for each in one)}]" for one in select.grouping_sets)
            told = (("groupingSets", f"[{', '.join(sets)}]"), *told)
        outputs = (*keys, *found)
        rows = nan if keys else 1.0
        return Node("Aggregate", told, outputs, tuple(lines), (_sized(rows, outputs),), (node,))

    def _windowed(self, node: Node, call: tree.WindowCall) -> Node:
        by = ", ".join(shown(each, self.symbols) for each in call.window.partition_by)
        order = ", ".join(map(self._sort_item, call.window.order_by))
        told = [("partitionBy", f"[{by}]")]
        if order:
            told.append(("orderBy", f"[{order}]"))
        text = shown(call, self.symbols)
        symbol = self.symbols.new(call.function.name)
        self.symbols.know(call, symbol)
        outputs = (*node.outputs, (symbol, call.type))
        estimate = _sized(node.estimate.rows, outputs)
        return Node("Window", tuple(told), outputs, (f"{symbol} := {text}",), (estimate,), (node,))

    def _projected(self, node: Node, select: tree.Select) -> Node:
        node = self._with_subqueries(node, select.items)
        outputs: list[Output] = []
        details: list[str] = []
        for item in select.items:
            text = shown(item, self.symbols)
            known = any(text == symbol for symbol, _ in node.outputs)
            symbol = text if known else self.symbols.new("expr")
            outputs.append((symbol, item.type))
            if not known:
                details.append(f"{symbol} := {text}")
        if select.source is None and not any(_subqueries(select.items)):
            row = f"({', '.join(shown(item, self.symbols) for item in select.items)})"
            estimate = _sized(1.0, tuple(outputs), cpu=0.0)
            return replace(node, outputs=tuple(outputs), details=(row,), estimates=(estimate,))
        if not details and tuple(outputs) == node.outputs:
            return node
        estimate = _sized(node.estimate.rows, tuple(outputs))
        name = _PROJECTED.get(node.name)
        if name is None or not details:
            kept = replace(node, outputs=tuple(outputs))
            if name is not None:
                return kept
            return Node("Project", (), tuple(outputs), tuple(details), (estimate,), (node,))
        return replace(
            node,
            name=name,
            outputs=tuple(outputs),
            details=(*details, *node.details),
            estimates=(*node.estimates, estimate),
        )

    def _with_subqueries(self, node: Node, holder: Any) -> Node:
        """A node beside the queries that expressions hold."""
        for kind, query in _subqueries(holder):
            inner = self.query(query)
            if kind == "CorrelatedJoin":
                inner = _on(inner, "EnforceSingleRow", (), rows=1.0)
            estimate = _sized(node.estimate.rows, node.outputs)
            node = Node(kind, (), node.outputs, (), (estimate,), (node, inner))
        return node

    # FROM -----------------------------------------------------------------------------------

    def _relation(self, relation: tree.Relation) -> Node:
        node: Node = _RELATIONS[type(relation)](self, relation)
        return node

    def _scan(self, relation: tree.TableScan) -> Node:
        scan, planned = self.analysed[relation.id], self.scans.get(relation.id)
        types = {column.name: column.type for column in relation.table.columns}
        outputs, details = [], []
        keys = _partition_values(planned, self.keys.get(relation.table.name, ()))
        for name in scan.columns:
            symbol = self.symbols.new(name)
            self.symbols.column(relation.alias, name, symbol)
            outputs.append((symbol, types[name]))
            kind = "PARTITION_KEY" if name in keys else "REGULAR"
            details.append(f"{symbol} := {name}:{types[name]}:{kind}")
            if name in keys:
                details.append(f"    :: [{', '.join(f'[{each}]' for each in keys[name])}]")
        table = relation.table.name
        told = (("table", f"{table.catalog}:{table.schema}:{table.table}"),)
        estimate = _of_files(planned)
        return Node("TableScan", told, tuple(outputs), tuple(details), (estimate,))

    def _derived(self, relation: tree.Derived) -> Node:
        return self._renamed(self.query(relation.query), relation.query, relation.alias)

    def _common(self, relation: tree.CteReference) -> Node:
        table = self.named[relation.name]
        if table.step is None:
            return self._renamed(self.query(table.query), table.query, relation.alias)
        outputs = tuple((self.symbols.new(o.physical), o.type) for o in table.query.outputs)
        for output, (symbol, _) in zip(table.query.outputs, outputs, strict=True):
            self.symbols.column(relation.alias, output.physical, symbol)
        children: tuple[Node, ...] = ()
        if relation.name not in self.inside:
            self.inside.add(relation.name)
            children = (self.query(table.query), self.query(table.step))
        return Node("RecursiveUnion", (("name", table.name),), outputs, (), (Estimate(),), children)

    def _renamed(self, node: Node, query: tree.Query, alias: str) -> Node:
        for output, (symbol, _) in zip(query.outputs, node.outputs, strict=True):
            self.symbols.column(alias, output.physical, symbol)
        return node

    def _unnest(self, relation: tree.Unnest) -> Node:
        told = ", ".join(f"{shown(each, self.symbols)}:{each.type}" for each in relation.arguments)
        outputs = []
        for name in relation.columns:
            symbol = self.symbols.new("field")
            self.symbols.column(relation.alias, name, symbol)
            outputs.append((symbol, Type("unknown")))
        return Node("Unnest", (("unnest", f"[{told}]"),), tuple(outputs))

    def _sequence(self, relation: tree.Sequence) -> Node:
        symbol = self.symbols.new("sequential_number")
        self.symbols.column(relation.alias, "sequential_number", symbol)
        told = ("name", "sequence")
        return Node("TableFunction", (told,), ((symbol, Type("bigint")),))

    def _sample(self, relation: tree.Sample) -> Node:
        node = self._relation(relation.relation)
        told = (
            ("type", relation.method),
            ("percentage", shown(relation.percentage, self.symbols, bare=True)),
        )
        return _on(node, "Sample", told, rows=nan)

    def _join(self, relation: tree.Join) -> Node:
        left, right = self._relation(relation.left), self._relation(relation.right)
        outputs = (*left.outputs, *right.outputs)
        kind = "CrossJoin" if relation.kind == "CROSS" else f"{relation.kind.capitalize()}Join"
        told: tuple[tuple[str, str], ...] = ()
        if relation.condition is not None:
            told = (("criteria", shown(relation.condition, self.symbols)),)
        rows = left.estimate.rows * right.estimate.rows if kind == "CrossJoin" else nan
        return Node(kind, told, outputs, (), (_sized(rows, outputs),), (left, right))


_RELATIONS: Mapping[type, Any] = {
    tree.TableScan: _Builder._scan,
    tree.Derived: _Builder._derived,
    tree.CteReference: _Builder._common,
    tree.Unnest: _Builder._unnest,
    tree.Sequence: _Builder._sequence,
    tree.Sample: _Builder._sample,
    tree.Join: _Builder._join,
}
_PROJECTED: Mapping[str, str] = {
    "TableScan": "ScanProject",
    "ScanFilter": "ScanFilterProject",
    "Filter": "FilterProject",
}
_SUBQUERIES: Mapping[type, str] = {
    tree.InQuery: "SemiJoin",
    tree.Quantified: "SemiJoin",
    tree.Exists: "SemiJoin",
    tree.ScalarQuery: "CorrelatedJoin",
}


def _subqueries(holder: Any) -> Iterable[tuple[str, tree.Query]]:
    """The queries that expressions hold, not those inside of them."""
    waiting = [holder]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, tuple | list):
            waiting.extend(node)
        elif type(node) in _SUBQUERIES:
            yield _SUBQUERIES[type(node)], node.query
        elif not isinstance(node, tree.Query):
            waiting.extend(tree.parts(node))


def _calls(holder: Any, kind: type) -> list[Any]:
    """The calls of a kind that expressions hold, each once."""
    found: list[Any] = []
    waiting = [holder]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, tuple | list):
            waiting.extend(node)
        elif isinstance(node, kind):
            if node not in found:
                found.append(node)
        elif not isinstance(node, tree.Query):
            waiting.extend(tree.parts(node))
    return found


def _on(
    node: Node, name: str, told: tuple[tuple[str, str], ...], rows: float | None = None
) -> Node:
    """An operator that gives what comes out of another, or so many rows of it at most."""
    known = node.estimate.rows
    least = known if rows is None else min(rows, known) if known == known else rows
    return Node(name, told, node.outputs, (), (_sized(least, node.outputs),), (node,))


def _distinct(node: Node) -> Node:
    told = (("keys", f"[{', '.join(symbol for symbol, _ in node.outputs)}]"),)
    return Node("Aggregate", told, node.outputs, (), (Estimate(),), (node,))


def _count(limit: tree.Expression) -> float:
    value = limit.value if isinstance(limit, tree.Constant) else None
    return float(value) if isinstance(value, int) else nan


_WIDTHS: Mapping[str, int] = {
    "boolean": 1,
    "tinyint": 1,
    "smallint": 2,
    "integer": 4,
    "real": 4,
    "date": 4,
    "bigint": 8,
    "double": 8,
    "timestamp": 8,
    "time": 8,
}
_UNKNOWN_WIDTH = 54
"""Bytes that Trino takes for a value whose width it does not know, with its place in a block."""


def _sized(rows: float, outputs: Sequence[Output], cpu: float | None = None) -> Estimate:
    """An estimate by Trino's own rule: a value's width, and a byte that may say NULL."""
    width = sum(_WIDTHS.get(of.name, _UNKNOWN_WIDTH) + 1 for _, of in outputs)
    size = rows * width if outputs else 0.0
    return Estimate(rows, size, size if cpu is None else cpu)


def _of_files(planned: PlannedScan | None) -> Estimate:
    """Rows that footers tell of, and the bytes that will be read."""
    if planned is None:
        return Estimate()
    chunks = {each.file.url: each for each in planned.relation.chunks}
    size = float(sum(c.size for c in chunks.values()))
    size += sum(file.info.size for file in planned.files if file.url not in chunks)
    known = all(file.url in chunks for file in planned.files) and bool(planned.files)
    rows = float(sum(map(rows_of, chunks.values()))) if known else nan
    if not planned.files:
        rows = 0.0
    return Estimate(rows, size, size)


MAX_VALUES = 20
"""Values of a partition key that a plan lists."""


def _partition_values(planned: PlannedScan | None, keys: Sequence[str]) -> dict[str, list[str]]:
    """By key, the values of the partitions that are read."""
    found: dict[str, dict[str, None]] = {key: {} for key in keys}
    for file in planned.files if planned else ():
        if file.partition is not None:
            for key, value in zip(keys, file.partition.values, strict=True):
                found[key][value] = None
    return {key: _cut(list(values)) for key, values in found.items()}


def _cut(values: list[str]) -> list[str]:
    more = len(values) - MAX_VALUES
    return values if more <= 0 else [*values[:MAX_VALUES], f"… {more} more"]
