"""What a query reads of each table: the columns that its answer needs, and the conditions that
keep rows from being read. It goes down from the answer: a column of a subquery that nobody asks
for is not read, and a condition on a subquery's column becomes one on the table's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from lakelet.sql import tree

Leaf = (
    tree.TableScan
    | tree.Derived
    | tree.CteReference
    | tree.Unnest
    | tree.Sequence
    | tree.MatchRecognize
)
Conditions = tuple[tree.Expression, ...]


def scans_of(query: tree.Query) -> tuple[tree.Scan, ...]:
    """The scans of a query, in the order of their ids."""
    reader = _Reader()
    reader.query(query, None, ())
    mentioned = _mentioned(query)
    found = sorted(reader.scans.values(), key=lambda scan: scan.id)
    return tuple(
        tree.Scan(
            scan.id,
            scan.table,
            scan.version,
            _among(scan, reader.needed(scan.alias)),
            tuple(reader.conditions.get(scan.alias, ())),
            {
                name: frozenset(numbers)
                for (alias, name), numbers in reader.fields.items()
                if alias == scan.alias and (alias, name) not in reader.whole
            },
            _among(scan, mentioned.get(scan.alias, set()) - reader.needed(scan.alias)),
        )
        for scan in found
    )


def _among(scan: tree.TableScan, names: Set[str]) -> tuple[str, ...]:
    """The columns of those names, in the table's order."""
    return tuple(each.name for each in scan.table.columns if each.name in names)


def _mentioned(query: tree.Query) -> dict[str, set[str]]:
    """The columns that stand anywhere in a query, by their relation."""
    found: dict[str, set[str]] = {}
    for node in tree.descendants(query):
        if isinstance(node, tree.ColumnReference):
            found.setdefault(node.relation, set()).add(node.name)
    return found


@dataclass(slots=True)
class _Reader:
    """What has been found: by a relation's alias, and by a named query's name; of columns the
    fields that are taken of them, and those that are taken whole."""

    scans: dict[str, tree.TableScan] = field(default_factory=dict)
    columns: dict[str, set[str]] = field(default_factory=dict)
    conditions: dict[str, list[tree.Expression]] = field(default_factory=dict)
    named: dict[str, list[tuple[set[str], Conditions]]] = field(default_factory=dict)
    fields: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    whole: set[tuple[str, str]] = field(default_factory=set)

    def needed(self, alias: str) -> set[str]:
        return self.columns.setdefault(alias, set())

    def query(self, query: tree.Query, wanted: set[str] | None, conditions: Conditions) -> None:
        """A query of which these outputs are wanted (None: all) and only rows that meet the
        conditions, which are over `OutputReference`s."""
        for item in query.order_by:
            self._refer((item.expression,))
            if wanted is not None:
                wanted = wanted | set(_outputs(item.expression))
        if query.limit is not None or query.offset is not None:
            conditions = ()
        self._body(query.body, wanted, conditions)
        for table in reversed(query.common_tables):
            self._common_table(table)

    def _common_table(self, table: tree.CommonTable) -> None:
        uses = self.named.get(table.name, [])
        if table.step is not None:
            self.query(table.query, None, ())
            self.query(table.step, None, ())
            return
        wanted = {name for names, _ in uses for name in names}
        self.query(table.query, wanted, uses[0][1] if len(uses) == 1 else ())

    def _body(self, body: Any, wanted: set[str] | None, conditions: Conditions) -> None:
        if isinstance(body, tree.Select):
            self._select(body, wanted, conditions)
        elif isinstance(body, tree.Query):
            self.query(body, wanted, conditions)
        elif isinstance(body, tree.SetOperation):
            self._set_operation(body, wanted, conditions)
        else:
            self._refer(body.rows)

    def _set_operation(
        self, body: tree.SetOperation, wanted: set[str] | None, conditions: Conditions
    ) -> None:
        bag = body.operator == "UNION" and not body.distinct
        for side in (body.left, body.right):
            pairs = list(zip(body.outputs, side.outputs, strict=True))
            names = None
            if bag and wanted is not None:
                names = {inner.physical for outer, inner in pairs if outer.physical in wanted}
            renames = {
                outer.physical: tree.OutputReference(inner.physical, inner.type)
                for outer, inner in pairs
            }
            self.query(side, names, tuple(_renamed(each, renames) for each in conditions))

    def _select(self, select: tree.Select, wanted: set[str] | None, outer: Conditions) -> None:
        items = [
            item
            for item, output in zip(select.items, select.outputs, strict=True)
            if wanted is None or select.distinct or output.physical in wanted
        ]
        self._refer((items, select.where, select.group_by, select.having))
        if select.source is None:
            return
        leaves = list(_leaves(select.source))
        for condition in _join_conditions(select.source):
            self._refer((condition,))
        for leaf, _ in leaves:
            if isinstance(leaf, tree.Unnest):
                self._refer(leaf.arguments)
        kept = [*tree.conjuncts(select.where), *_passed(select, outer)]
        by_leaf = _by_relation(kept, {leaf.alias for leaf, nullable in leaves if not nullable})
        for alias, found in _on_conditions(select.source).items():
            by_leaf.setdefault(alias, []).extend(found)
        # The right ones first: what is lateral refers to what stands on its left.
        for leaf, _ in reversed(leaves):
            self._leaf(leaf, by_leaf.get(leaf.alias, []))

    def _leaf(self, leaf: Leaf, conditions: Sequence[tree.Expression]) -> None:
        if isinstance(leaf, tree.TableScan):
            self.scans[leaf.alias] = leaf
            self.conditions.setdefault(leaf.alias, []).extend(conditions)
        elif isinstance(leaf, tree.MatchRecognize):
            self._match_recognize(leaf)
        elif isinstance(leaf, tree.Derived | tree.CteReference):
            inner = tuple(_as_outputs(each) for each in conditions)
            if isinstance(leaf, tree.Derived):
                self.query(leaf.query, self.needed(leaf.alias), inner)
            else:
                self.named.setdefault(leaf.name, []).append((self.needed(leaf.alias), inner))

    def _match_recognize(self, leaf: tree.MatchRecognize) -> None:
        wanted = self.needed(leaf.alias)
        pairs = zip(leaf.columns, leaf.items, strict=True)
        self._refer(tuple(item for column, item in pairs if column in wanted))
        self._refer((leaf.partition_by, leaf.order_by, leaf.pattern.conditions))
        self.query(leaf.input, self.needed(leaf.rows), ())

    def _refer(self, roots: Any) -> None:
        """Takes the columns that expressions mention, and what their subqueries read."""
        waiting = [roots]
        while waiting:
            node = waiting.pop()
            if isinstance(node, tuple | list):
                waiting.extend(node)
            elif isinstance(node, tree.ColumnReference):
                self.needed(node.relation).add(node.name)
                self.whole.add((node.relation, node.name))
            elif isinstance(node, tree.FieldReference) and isinstance(
                node.value, tree.ColumnReference
            ):
                column = node.value
                self.needed(column.relation).add(column.name)
                self.fields.setdefault((column.relation, column.name), set()).add(node.index)
            elif isinstance(node, tree.Exists):
                self.query(node.query, set(), ())
            elif isinstance(node, tree.Query):
                self.query(node, None, ())
            else:
                waiting.extend(tree.parts(node))


# Relations -----------------------------------------------------------------------------------


def _leaves(relation: tree.Relation, nullable: bool = False) -> Iterator[tuple[Leaf, bool]]:
    """The relations that are joined; whether an outer join may fill one with NULLs."""
    if isinstance(relation, tree.Join):
        yield from _leaves(relation.left, nullable or relation.kind in ("RIGHT", "FULL"))
        yield from _leaves(relation.right, nullable or relation.kind in ("LEFT", "FULL"))
    elif isinstance(relation, tree.Sample):
        yield from _leaves(relation.relation, True)
    else:
        yield relation, nullable


def _joins(relation: tree.Relation) -> Iterator[tree.Join]:
    if isinstance(relation, tree.Join):
        yield relation
        yield from _joins(relation.left)
        yield from _joins(relation.right)


def _join_conditions(relation: tree.Relation) -> Iterator[tree.Expression]:
    for join in _joins(relation):
        if join.condition is not None:
            yield join.condition


def _on_conditions(relation: tree.Relation) -> dict[str, list[tree.Expression]]:
    """Conditions of ON that concern one relation whose rows only matter when they match."""
    found: dict[str, list[tree.Expression]] = {}
    for join in _joins(relation):
        sides = []
        if join.kind in ("INNER", "RIGHT"):
            sides.append(join.left)
        if join.kind in ("INNER", "LEFT"):
            sides.append(join.right)
        aliases = {leaf.alias for side in sides for leaf, nullable in _leaves(side) if not nullable}
        for alias, conditions in _by_relation(tree.conjuncts(join.condition), aliases).items():
            found.setdefault(alias, []).extend(conditions)
    return found


# Conditions ----------------------------------------------------------------------------------


def _by_relation(
    conditions: Iterable[tree.Expression], aliases: set[str]
) -> dict[str, list[tree.Expression]]:
    """Conditions by the one relation whose columns they are over."""
    found: dict[str, list[tree.Expression]] = {}
    for each in conditions:
        alias = _only_relation(each)
        if alias in aliases:
            found.setdefault(alias, []).append(each)
    return found


def _only_relation(condition: tree.Expression) -> str:
    found = set()
    for node in tree.descendants(condition):
        if isinstance(node, tree.ColumnReference):
            found.add(node.relation)
        elif isinstance(node, _UNSTABLE) or (
            isinstance(node, tree.FunctionCall) and not node.function.deterministic
        ):
            return ""
    return found.pop() if len(found) == 1 else ""


_UNSTABLE = (tree.Query, tree.AggregateCall, tree.WindowCall, tree.Grouping, tree.OutputReference)


def _passed(select: tree.Select, conditions: Conditions) -> Iterator[tree.Expression]:
    """Conditions on outputs as conditions on what they are made of, where rows correspond."""
    if not conditions or select.grouping_sets is not None:
        return
    values: dict[str, tree.Expression] = {}
    for item, output in zip(select.items, select.outputs, strict=True):
        if any(isinstance(each, tree.WindowCall) for each in tree.descendants(item)):
            return
        if select.group_by is None or item in select.group_by:
            values[output.physical] = item
    for each in conditions:
        if all(name in values for name in _outputs(each)):
            yield _renamed(each, values)


def _outputs(expression: tree.Expression) -> Iterator[str]:
    for node in tree.descendants(expression):
        if isinstance(node, tree.OutputReference):
            yield node.name


def _as_outputs(node: Any) -> Any:
    """Columns of a subquery as outputs of its query."""
    if isinstance(node, tree.ColumnReference):
        return tree.OutputReference(node.name, node.type)
    return tree.rebuilt(node, _as_outputs)


def _renamed(node: Any, values: Mapping[str, tree.Expression]) -> Any:
    """An expression with its output references replaced."""
    if isinstance(node, tree.OutputReference):
        return values[node.name]
    return tree.rebuilt(node, lambda each: _renamed(each, values))
