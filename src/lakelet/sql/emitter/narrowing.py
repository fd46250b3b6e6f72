"""Decimal arithmetic in 64 bits, where what is known of the columns proves that it fits.

Trino's types grow with every operation: a price times a discount is decimal(31,4), which DuckDB
computes in 128 bits, several times slower, and any sum has 38 digits, of which a quotient does not
fit 128 bits at all. The types of columns, and the footers of Parquet files, tell how large the
values really are. Arithmetic whose results provably have no more than 18 digits is done in
decimal(18,s), and what is divided or becomes a double is of the digits that it can have; what is
exact in the wide type is exact in the narrow one. Sums and averages take such values as they are,
and integers as they were before they were widened to be summed; everything else is given the type
that the analyzer found. Columns of doubles that are known to be finite are marked, for comparing
them is simpler where no NaN can be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import ceil, inf, log10
from typing import Any, Final

from lakelet.sql import tree
from lakelet.types import Type
from lakelet.types.model import decimal

Magnitudes = Mapping[int, Mapping[str, float]]
"""By a scan's id: the largest absolute value of each column of which it is known."""

_DIGITS: Final = 18
"""Digits of a decimal that DuckDB keeps in 64 bits."""
_FEW: Final = 15
"""Digits that a double holds."""
_ARITHMETIC: Final = ("+", "-", "*")
_LARGEST: Final = {"tinyint": 2.0**7, "smallint": 2.0**15, "integer": 2.0**31, "bigint": 2.0**63}
_ROWS: Final = 1e10
"""More rows than an aggregate meets."""
_NUMBERS: Final = frozenset(("decimal", *_LARGEST))
_SLACK: Final = 1 + 1e-9
"""More than a chain of roundings of doubles can lose."""


def narrowed(query: tree.Query, magnitudes: Magnitudes) -> tree.Query:
    """The same query; its own outputs keep their types."""
    return _Narrower(magnitudes).query(query)


@dataclass(frozen=True, slots=True)
class _Bounded:
    """An expression and how large its absolute value can be; `inf` for what is no number."""

    node: tree.Expression
    largest: float

    def fits(self, scale: int) -> bool:
        """Whether its digits with so many behind the point are 18 at most."""
        return self.largest * _SLACK * 10.0**scale < 10.0**_DIGITS


@dataclass(frozen=True, slots=True)
class _Column:
    """A column whose values are known to be small; `type` where a subquery gives it narrowed."""

    largest: float
    type: Type | None = None


@dataclass(slots=True)
class _Narrower:
    """Goes through a query as its scopes open: named queries, FROM, then expressions."""

    magnitudes: Magnitudes
    columns: dict[tuple[str, str], _Column] = field(default_factory=dict)
    named: dict[str, dict[str, _Column]] = field(default_factory=dict)

    # Queries ------------------------------------------------------------------------------

    def query(self, query: tree.Query) -> tree.Query:
        """A query whose outputs keep their types."""
        return self._query(query, free=False)

    def _query(self, query: tree.Query, *, free: bool) -> tree.Query:
        """`free` outputs may be narrowed."""
        tables = tuple(map(self._common_table, query.common_tables))
        free = free and not query.order_by
        body: Any = query.body
        if isinstance(body, tree.Select):
            body = self._select(body, free=free)
        elif isinstance(body, tree.Query):
            body = self._query(body, free=free)
        else:
            body = tree.rebuilt(body, self.part)
        return replace(
            query,
            common_tables=tables,
            body=body,
            order_by=self.part(query.order_by),
            offset=self.part(query.offset),
            limit=self.part(query.limit),
        )

    def _common_table(self, table: tree.CommonTable) -> tree.CommonTable:
        query = self._query(table.query, free=table.step is None)
        if table.step is None:
            self.named[table.name] = self._given(query)
        return replace(table, query=query, step=self.part(table.step))

    def _select(self, select: tree.Select, *, free: bool) -> tree.Select:
        source = self._relation(select.source)
        where = self.part(select.where)
        group_by = select.group_by and tuple(self.bounded(each).node for each in select.group_by)
        items = tuple(
            self.bounded(each).node if free else self.value(each) for each in select.items
        )
        outputs = tuple(
            replace(output, type=item.type) if free else output
            for output, item in zip(select.outputs, items, strict=True)
        )
        having = self.part(select.having)
        return replace(
            select,
            source=source,
            where=where,
            group_by=group_by,
            items=items,
            outputs=outputs,
            having=having,
        )

    def _given(self, query: tree.Query) -> dict[str, _Column]:
        """What is known of the outputs of a query that was gone through."""
        body: Any = query.body
        while isinstance(body, tree.Query):
            body = body.body
        if not isinstance(body, tree.Select):
            return {}
        found = {}
        for item, output in zip(body.items, body.outputs, strict=True):
            largest = self.bounded(item).largest
            if largest < inf:
                found[output.physical] = _Column(largest, output.type)
        return found

    # Relations ----------------------------------------------------------------------------

    def _relation(self, node: Any) -> Any:
        if isinstance(node, tree.Join):
            left, right = self._relation(node.left), self._relation(node.right)
            return replace(node, left=left, right=right, condition=self.part(node.condition))
        if isinstance(node, tree.TableScan):
            for name, largest in self.magnitudes.get(node.id, {}).items():
                self.columns[node.alias, name] = _Column(largest)
            return node
        if isinstance(node, tree.Derived):
            query = self._query(node.query, free=True)
            self._name(node.alias, self._given(query))
            return replace(node, query=query)
        if isinstance(node, tree.CteReference):
            self._name(node.alias, self.named.get(node.name, {}))
            return node
        if isinstance(node, tree.Sample):
            return replace(node, relation=self._relation(node.relation))
        return tree.rebuilt(node, self.part)

    def _name(self, alias: str, columns: Mapping[str, _Column]) -> None:
        self.columns.update(((alias, name), column) for name, column in columns.items())

    # Expressions --------------------------------------------------------------------------

    def part(self, node: Any) -> Any:
        """Whatever stands in a field of the tree, with the types that it has."""
        if isinstance(node, tree.Query):
            return self.query(node)
        if tree.is_node(node) and hasattr(node, "type"):
            return self.value(node)
        return tree.rebuilt(node, self.part)

    def value(self, node: tree.Expression) -> tree.Expression:
        """An expression of the type that it has."""
        found = self.bounded(node).node
        return _fitted(found, node.type)

    def bounded(self, node: tree.Expression) -> _Bounded:
        """An expression, perhaps of a narrower type, with its bound."""
        rule = _RULES.get(type(node))
        if rule is not None and (node.type.name in _NUMBERS or rule in _OF_ALL_TYPES):
            found: _Bounded = rule(self, node)
            return found
        return self._other(node)

    def _other(self, node: tree.Expression) -> _Bounded:
        return _Bounded(tree.rebuilt(node, self.part), _of_type(node.type))

    def _constant(self, node: tree.Constant) -> _Bounded:
        value = node.value
        known = isinstance(value, int | Decimal)
        return _Bounded(node, abs(float(value)) if known else _of_type(node.type))

    def _column(self, node: tree.ColumnReference) -> _Bounded:
        known = self.columns.get((node.relation, node.name))
        if known is None:
            return _Bounded(node, _of_type(node.type))
        return _Bounded(replace(node, type=known.type or node.type, finite=True), known.largest)

    def _call(self, node: tree.FunctionCall) -> _Bounded:
        name = node.function.name
        if name == "/" and node.type.name == "decimal":
            return self._quotient(node)
        if name not in _ARITHMETIC or len(node.arguments) != 2:
            return self._other(node)
        left, right = map(self.bounded, node.arguments)
        largest = left.largest * right.largest if name == "*" else left.largest + right.largest
        result = _Bounded(node, min(largest, _of_type(node.type)))
        if _is_wide(node.type) and result.fits(node.type.scale):
            # Operands of a sum are brought to its scale, those of a product keep theirs.
            scale = 0 if name == "*" else node.type.scale
            sides = [
                _narrow(each, of.type.scale)
                for each, of in zip((left, right), node.arguments, strict=True)
                if each.fits(max(scale, of.type.scale))
            ]
            if len(sides) == 2:
                narrow = replace(node, arguments=tuple(sides), type=_of_scale(node.type.scale))
                return _Bounded(narrow, result.largest)
        arguments = tuple(map(_kept, (left, right), node.arguments))
        return _Bounded(replace(node, arguments=arguments), result.largest)

    def _quotient(self, node: tree.FunctionCall) -> _Bounded:
        sides = map(_fewest, map(self.bounded, node.arguments))
        return _Bounded(replace(node, arguments=tuple(sides)), _of_type(node.type))

    def _cast(self, node: tree.Cast) -> _Bounded:
        inner = self.bounded(node.value)
        of, to = node.value.type, node.type
        if to.name in ("real", "double") and of.name == "decimal":
            return _Bounded(replace(node, value=_fewest(inner)), inf)
        changed = replace(node, value=_kept(inner, node.value))
        if to.name != "decimal":
            known = inner.largest if of.name in _LARGEST and to.name in _LARGEST else inf
            return _Bounded(changed, min(known, _of_type(to)))
        if of.name not in _LARGEST and (of.name != "decimal" or of.scale > to.scale):
            return _Bounded(changed, _of_type(to))
        result = _Bounded(changed, min(inner.largest, _of_type(to)))
        if _is_wide(to) and result.fits(to.scale):
            return _Bounded(_fitted(inner.node, _of_scale(to.scale)), result.largest)
        return result

    def _case(self, node: tree.Case) -> _Bounded:
        results = [self.bounded(result) for _, result in node.whens]
        default = None if node.default is None else self.bounded(node.default)
        every = results if default is None else [*results, default]
        shared, of = self._together(every, node.type)
        originals = [result for _, result in node.whens]
        kept = iter(shared or map(_kept, results, originals))
        whens = tuple((self.part(condition), next(kept)) for condition, _ in node.whens)
        if default is not None and node.default is not None:
            last = next(kept) if shared else _kept(default, node.default)
        else:
            last = None
        changed = replace(node, operand=self.part(node.operand), whens=whens, default=last, type=of)
        return _Bounded(changed, max(each.largest for each in every))

    def _coalesce(self, node: tree.Coalesce) -> _Bounded:
        every = list(map(self.bounded, node.operands))
        shared, of = self._together(every, node.type)
        operands = tuple(shared or map(_kept, every, node.operands))
        changed = replace(node, operands=operands, type=of)
        return _Bounded(changed, max(each.largest for each in every))

    def _together(
        self, values: list[_Bounded], of: Type
    ) -> tuple[list[tree.Expression] | None, Type]:
        """Values of one wide type, all in the narrow one; None and the type when some are not."""
        if _is_wide(of) and all(each.fits(of.scale) for each in values):
            narrow = _of_scale(of.scale)
            return [_fitted(each.node, narrow) for each in values], narrow
        return None, of

    def _aggregate(self, node: Any) -> _Bounded:
        name = node.function.name
        if name not in ("sum", "avg", "min", "max", "count") or len(node.arguments) > 1:
            return self._other(node)
        values = list(map(self.bounded, node.arguments))
        largest = values[0].largest if values and name != "count" else 1.0
        if name in ("sum", "count"):
            largest *= _ROWS
        kept = map(_kept, values, node.arguments)
        if name in ("sum", "avg"):
            arguments = tuple(self._unwidened(each.node) for each in values)
        else:
            arguments = tuple(kept)
        bare = tree.rebuilt(replace(node, arguments=()), self.part)
        return _Bounded(replace(bare, arguments=arguments), min(largest, _of_type(node.type)))

    def _unwidened(self, node: tree.Expression) -> tree.Expression:
        """The integer that a bigint was made of: DuckDB sums either in 128 bits. A sum inside stays
        as it is unless it can't overflow, for DuckDB takes what is added to each row (`x + 1`) out
        of the sum and checks no row."""
        if not isinstance(node, tree.Cast) or node.safe or node.type.name != "bigint":
            return node
        inner = node.value
        if inner.type.name not in _LARGEST:
            return node
        if isinstance(inner, tree.FunctionCall):
            added = inner.function.name in ("+", "-") and len(inner.arguments) == 2
            largest = sum(self.bounded(each).largest for each in inner.arguments)
            if not added or largest >= _LARGEST[inner.type.name]:
                return node
        return inner


_RULES: Final[Mapping[type, Any]] = {
    tree.Constant: _Narrower._constant,
    tree.ColumnReference: _Narrower._column,
    tree.FunctionCall: _Narrower._call,
    tree.Cast: _Narrower._cast,
    tree.Case: _Narrower._case,
    tree.Coalesce: _Narrower._coalesce,
    tree.AggregateCall: _Narrower._aggregate,
    tree.WindowCall: _Narrower._aggregate,
}


_OF_ALL_TYPES: Final = (_Narrower._cast, _Narrower._column)


def _of_type(of: Type) -> float:
    """The bound that a type alone gives."""
    if of.name == "decimal":
        return 10.0 ** (of.precision - of.scale)
    return _LARGEST.get(of.name, inf)


def _of_scale(scale: int) -> Type:
    return decimal(_DIGITS, scale)


def _is_wide(of: Type) -> bool:
    """A decimal of more than 64 bits whose scale leaves a narrow one a digit before the point."""
    return of.name == "decimal" and of.precision > _DIGITS > of.scale


def _narrow(bounded: _Bounded, scale: int) -> tree.Expression:
    wide = bounded.node.type.precision > _DIGITS
    return _fitted(bounded.node, _of_scale(scale)) if wide else bounded.node


def _fewest(bounded: _Bounded) -> tree.Expression:
    """A decimal of the digits that it can have, if they are fewer than its type's."""
    of = bounded.node.type
    if of.name != "decimal" or of.precision <= _FEW:
        return bounded.node
    digits = max(ceil(log10(bounded.largest * _SLACK + 1)), 0) + of.scale
    fewer = max(digits, of.scale, 1)
    return _fitted(bounded.node, decimal(fewer, of.scale)) if fewer < of.precision else bounded.node


def _kept(bounded: _Bounded, original: tree.Expression) -> tree.Expression:
    return _fitted(bounded.node, original.type)


def _fitted(node: tree.Expression, of: Type) -> tree.Expression:
    return node if node.type == of else tree.Fitted(node, of)
