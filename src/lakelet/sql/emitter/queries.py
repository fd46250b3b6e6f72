"""The typed tree of a query as one DuckDB statement, in the shape that the query was written in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql import tree
from lakelet.sql.analyzer.statement import Analysis
from lakelet.sql.depth import make_room
from lakelet.sql.emitter.comparison import key
from lakelet.sql.emitter.expressions import ExpressionEmitter
from lakelet.sql.emitter.names import identifier
from lakelet.sql.emitter.narrowing import Magnitudes, narrowed
from lakelet.sql.emitter.relations import RelationEmitter
from lakelet.types.duckdb import physical

Sorted = Sequence[tree.SortItem]

MAX_RECURSION_DEPTH: Final = 10
"""Trino's session property max_recursion_depth."""


@dataclass(frozen=True, slots=True)
class Emission:
    """A statement for DuckDB; `columns` are the distinct names of what it answers."""

    text: str
    columns: tuple[str, ...]


def emit(
    analysis: Analysis, scans: Mapping[int, str], magnitudes: Magnitudes | None = None
) -> Emission:
    """The DuckDB SQL of a query; `scans` gives what to read for each `Scan.id`: a relation's
    text whose columns have the names of the table's and the physical types of theirs."""
    make_room()
    try:
        query = narrowed(analysis.query, magnitudes or {})
        text = _QueryEmitter(scans).query(query)
    except RecursionError:
        raise TrinoError(
            "STACK_OVERFLOW", "statement is too large (stack overflow during analysis)"
        ) from None
    return Emission(text, tuple(each.physical for each in analysis.query.outputs))


class _QueryEmitter:
    """Writes queries; holds what all of one statement share."""

    def __init__(self, scans: Mapping[int, str]) -> None:
        self.named: dict[str, str] = {}
        self.expressions = ExpressionEmitter(self.query)
        self.relations = RelationEmitter(self.expressions, self.query, scans, self.named)

    def query(self, node: tree.Query) -> str:
        """A whole query, without parentheses."""
        text = self._with(node) + self._sorted(node)
        if node.limit is not None and not node.with_ties:
            text += f" LIMIT {self._count(node.limit)}"
        if node.offset is not None:
            text += f" OFFSET {self._count(node.offset)}"
        return text

    def _count(self, node: tree.Expression) -> str:
        return str(node.value) if isinstance(node, tree.Constant) else self.expressions.emit(node)

    def _with(self, node: tree.Query) -> str:
        self.expressions.common_tables.update((t.name, t.query) for t in node.common_tables)
        tables = [text for table in node.common_tables for text in self._common_table(table)]
        return f"WITH {', '.join(tables)} " if tables else ""

    def _common_table(self, table: tree.CommonTable) -> list[str]:
        if table.step is None:
            # Trino computes a named query for each of its uses.
            kind = "NOT MATERIALIZED " if _is_volatile(table.query) else ""
            return [f"{identifier(table.name)} AS {kind}({self.query(table.query)})"]
        return self._recursion(table, table.step)

    def _recursion(self, table: tree.CommonTable, step: tree.Query) -> list[str]:
        """A recursive query, written out step by step as Trino plans it; a step beyond the
        deepest allowed one fails if it has a row."""
        columns = ", ".join(identifier(each.physical) for each in table.query.outputs)
        names = [identifier(f"{table.name}_{i}") for i in range(MAX_RECURSION_DEPTH + 2)]
        texts = [f"{names[0]}({columns}) AS MATERIALIZED ({self.query(table.query)})"]
        for i in range(1, len(names)):
            self.named[table.name] = f"{table.name}_{i - 1}"
            body = self.query(step)
            if table.distinct:
                seen = " UNION ALL ".join(f"FROM {name}" for name in names[:i])
                body = f"SELECT DISTINCT * FROM ({body}) EXCEPT ({seen})"
            texts.append(f"{names[i]}({columns}) AS MATERIALIZED ({body})")
        del self.named[table.name]
        union = " UNION DISTINCT " if table.distinct else " UNION ALL "
        parts = [f"SELECT * FROM {name}" for name in names[:-1]]
        message = (
            f"Recursion depth limit exceeded ({MAX_RECURSION_DEPTH}). Use ''max_recursion_depth''"
            " session property to modify the limit."
        )
        fails = ", ".join(
            f"CAST(trino_fail('NOT_SUPPORTED', '{message}') AS {physical(each.type)})"
            for each in table.query.outputs
        )
        parts.append(f"SELECT {fails} FROM {names[-1]}")
        texts.append(f"{identifier(table.name)}({columns}) AS ({union.join(parts)})")
        return texts

    # Bodies --------------------------------------------------------------------------------

    def _sorted(self, node: tree.Query) -> str:
        ties = self._ties(node)
        body = node.body
        by_keys = _has_keys(body)
        undecided = self.expressions.undecided(node.order_by)
        wrapped = undecided or (
            isinstance(body, tree.Select) and body.distinct and (ties or by_keys)
        )
        if isinstance(body, tree.Select) and not wrapped:
            return self._select(body, ties, node.order_by)
        order_by = self.expressions.order_by(node.order_by) + undecided
        plain = all(isinstance(i.expression, tree.OutputReference) for i in node.order_by)
        if isinstance(body, tree.SetOperation) and plain and not (ties or by_keys or undecided):
            return self._set_operation(body) + order_by
        if isinstance(body, tree.Values) and not order_by:
            return self._values(body)
        inner = self._body(body)
        if not (order_by or ties or node.limit or node.offset):
            return inner
        limit = f" QUALIFY rank() OVER ({order_by.lstrip()}) <= {ties}" if ties else ""
        return f"SELECT * FROM ({inner}) AS sorted{limit}{order_by}"

    def _ties(self, node: tree.Query) -> str:
        """The rank that rows WITH TIES must not exceed."""
        if not node.with_ties or node.limit is None:
            return ""
        rows = self._count(node.limit)
        return f"{rows} + {self._count(node.offset)}" if node.offset is not None else rows

    def _body(self, node: tree.Select | tree.Values | tree.SetOperation | tree.Query) -> str:
        if isinstance(node, tree.Select):
            return self._distinct(node) if node.distinct and _has_keys(node) else self._select(node)
        if isinstance(node, tree.Values):
            return self._values(node)
        if isinstance(node, tree.SetOperation):
            by_keys = _has_keys(node) and not (node.operator == "UNION" and not node.distinct)
            return self._matched(node) if by_keys else self._set_operation(node)
        return self.query(node)

    def _distinct(self, node: tree.Select) -> str:
        """Rows that differ in what stands for their values."""
        inner = self._select(replace(node, distinct=False))
        return f"SELECT DISTINCT ON ({_keys('d', node.outputs)}) * FROM ({inner}) AS d"

    def _matched(self, node: tree.SetOperation) -> str:
        """A set operation by what stands for the values; common rows are those of the second
        query, as in Trino."""
        left, right = self._renamed(node.left, node), self._renamed(node.right, node)
        keys = _keys("d", node.outputs)
        if node.operator == "UNION":
            both = f"{left} UNION ALL {right}"
            return f"SELECT DISTINCT ON ({keys}) * FROM ({both}) AS d"
        kept, other = (right, left) if node.operator == "INTERSECT" else (left, right)
        word = "SEMI" if node.operator == "INTERSECT" else "ANTI"
        pairs = [*zip(_key_list("d", node.outputs), _key_list("o", node.outputs), strict=True)]
        if not node.distinct:
            # The nth row of its kind meets the nth of the other side.
            kept, other = (
                f"SELECT *, row_number() OVER (PARTITION BY {_keys('n', node.outputs)}) AS nth"
                f" FROM ({each}) AS n"
                for each in (kept, other)
            )
            pairs.append(("d.nth", "o.nth"))
        same = " AND ".join(f"{a} IS NOT DISTINCT FROM {b}" for a, b in pairs)
        chosen = f"DISTINCT ON ({keys}) *" if node.distinct else "* EXCLUDE (nth)"
        return f"SELECT {chosen} FROM ({kept}) AS d {word} JOIN ({other}) AS o ON {same}"

    def _renamed(self, query: tree.Query, node: tree.SetOperation) -> str:
        names = ", ".join(identifier(each.physical) for each in node.outputs)
        return f"SELECT * FROM ({self.query(query)}) AS t({names})"

    def _values(self, node: tree.Values) -> str:
        rows = ", ".join(f"({', '.join(self.expressions.all(row))})" for row in node.rows)
        names = ", ".join(identifier(each.physical) for each in node.outputs)
        return f"SELECT * FROM (VALUES {rows}) AS t({names})"

    def _set_operation(self, node: tree.SetOperation) -> str:
        word = node.operator if node.distinct else f"{node.operator} ALL"
        left = self._operand(node.left, node)
        return f"{left} {word} {self._operand(node.right, None)}"

    def _operand(self, query: tree.Query, parent: tree.SetOperation | None) -> str:
        body = query.body
        bare = not (query.common_tables or query.order_by or query.limit or query.offset)
        chained = (
            parent is not None
            and isinstance(body, tree.SetOperation)
            and (body.operator, body.distinct) == (parent.operator, parent.distinct)
        )
        if bare and (isinstance(body, tree.Select | tree.Values) or chained):
            return self._body(body)
        return f"({self.query(query)})"

    def _select(self, node: tree.Select, ties: str = "", order_by: Sorted = ()) -> str:
        parts = ["SELECT DISTINCT" if node.distinct else "SELECT"]
        source = f"FROM {self.relations.emit(node.source)}" if node.source is not None else ""
        where = f"WHERE {self.expressions.where(node.where)}" if node.where else ""
        keys = [self.expressions.key(each) for each in node.group_by or ()]
        outer, self.expressions.source = self.expressions.source, node.source
        with self.expressions.grouping(self._group_values(node, keys)):
            parts.append(", ".join(map(self._item, node.items, node.outputs)))
            having = f"HAVING {self.expressions.conjuncts(node.having)}" if node.having else ""
            sorting = self.expressions.order_by(order_by).lstrip()
            limit = f"QUALIFY rank() OVER ({sorting}) <= {ties}" if ties else ""
        self.expressions.source = outer
        parts += [source, where, _group_by(node, keys), having, limit, sorting]
        return " ".join(part for part in parts if part)

    def _item(self, value: tree.Expression, output: tree.Output) -> str:
        text = self.expressions.item(value)
        if isinstance(value, tree.ColumnReference) and value.name == output.physical:
            return text
        return f"{text} AS {identifier(output.physical)}"

    def _group_values(self, node: tree.Select, keys: Sequence[str]) -> dict[tree.Expression, str]:
        """Texts of the grouped expressions whose key is not their value."""
        found = {}
        for each, group_key in zip(node.group_by or (), keys, strict=True):
            value = self.expressions.emit(each)
            if value != group_key:
                found[each] = f"any_value({value})"
                if node.grouping_sets is not None:
                    found[each] = f"CASE WHEN GROUPING({group_key}) = 0 THEN {found[each]} END"
        return found


def _is_volatile(node: tree.Query) -> bool:
    return any(
        isinstance(each, tree.FunctionCall) and not each.function.deterministic
        for each in tree.descendants(node)
    )


def _has_keys(node: tree.Select | tree.Values | tree.SetOperation | tree.Query) -> bool:
    """Whether something else stands for values where they are told apart."""
    return any(key("x", each.type) != "x" for each in node.outputs)


def _key_list(relation: str, outputs: Sequence[tree.Output]) -> list[str]:
    return [key(f"{relation}.{identifier(each.physical)}", each.type) for each in outputs]


def _keys(relation: str, outputs: Sequence[tree.Output]) -> str:
    return ", ".join(_key_list(relation, outputs))


def _group_by(node: tree.Select, keys: Sequence[str]) -> str:
    if node.group_by is None:
        return ""
    if node.grouping_sets is not None:
        sets = (f"({', '.join(keys[i] for i in each)})" for each in node.grouping_sets)
        return f"GROUP BY GROUPING SETS ({', '.join(sets)})"
    if keys:
        return f"GROUP BY {', '.join(keys)}"
    # An aggregate says by itself that all rows are one group.
    return "" if any(map(tree.has_aggregate, node.items)) else "GROUP BY GROUPING SETS (())"
