"""What a query's conditions say of single columns: values, or between two ends."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from lakelet.catalog.projection import Domain
from lakelet.sql import tree

_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
Ends = tuple[str, Domain]


def domains(conditions: Sequence[tree.Expression], names: Collection[str]) -> Mapping[str, Domain]:
    """The domain of each column of which the conditions say anything.

    Ends count as included, and what cannot be said is left out: a domain keeps too much, never too
    little.
    """
    found: dict[str, Domain] = {}
    for condition in conditions:
        for name, domain in _of(condition):
            if name in names:
                found[name] = _both(found[name], domain) if name in found else domain
    return found


def _of(condition: tree.Expression) -> Iterator[Ends]:
    if isinstance(condition, tree.Logical):
        if condition.operator == "AND":
            for each in condition.operands:
                yield from _of(each)
        else:
            yield from _any(condition.operands)
    elif isinstance(condition, tree.FunctionCall) and condition.function.name in _TURNED:
        left, right = condition.arguments
        yield from _compared(left, condition.function.name, right)
    elif isinstance(condition, tree.Between):
        yield from _compared(condition.value, ">=", condition.low)
        yield from _compared(condition.value, "<=", condition.high)
    elif isinstance(condition, tree.InList):
        yield from _listed(condition)


def _listed(condition: tree.InList) -> Iterator[Ends]:
    column, items = condition.value, condition.items
    constants = [each.value for each in items if isinstance(each, tree.Constant)]
    if isinstance(column, tree.ColumnReference) and len(constants) == len(items):
        yield column.name, Domain(tuple(each for each in constants if each is not None))


def _any(operands: Sequence[tree.Expression]) -> Iterator[Ends]:
    """Alternatives of values of one column."""
    sides = [list(_of(each)) for each in operands]
    if not all(len(each) == 1 and each[0][1].values is not None for each in sides):
        return
    names = {each[0][0] for each in sides}
    if len(names) == 1:
        values = tuple(value for each in sides for value in each[0][1].values or ())
        yield names.pop(), Domain(values)


def _compared(left: tree.Expression, operator: str, right: tree.Expression) -> Iterator[Ends]:
    if isinstance(left, tree.Constant):
        left, operator, right = right, _TURNED[operator], left
    if not (isinstance(left, tree.ColumnReference) and isinstance(right, tree.Constant)):
        return
    if right.value is None:
        return
    yield left.name, _end(operator, right.value)


def _end(operator: str, value: Any) -> Domain:
    if operator == "=":
        return Domain((value,))
    return Domain(low=value) if operator.startswith(">") else Domain(high=value)


def _both(one: Domain, other: Domain) -> Domain:
    values = one.values if other.values is None else other.values
    if one.values is not None and other.values is not None:
        values = tuple(each for each in one.values if each in other.values)
    lows = [each for each in (one.low, other.low) if each is not None]
    highs = [each for each in (one.high, other.high) if each is not None]
    return Domain(values, max(lows, default=None), min(highs, default=None))
