"""What a query's conditions say of single columns: values, or between two ends."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from lakelet.model import Domain
from lakelet.sql import tree
from lakelet.types import Type

TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
Ends = tuple[str, Domain]


def domains(conditions: Sequence[tree.Expression], names: Collection[str]) -> Mapping[str, Domain]:
    """The domain of each column of which the conditions say anything.

    What cannot be said is left out: a domain keeps too much, never too little.
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
    elif isinstance(condition, tree.FunctionCall) and condition.function.name in TURNED:
        left, right = condition.arguments
        yield from _compared(left, condition.function.name, right)
    elif isinstance(condition, tree.Between):
        yield from _compared(condition.value, ">=", condition.low)
        yield from _compared(condition.value, "<=", condition.high)
    elif isinstance(condition, tree.InList):
        yield from _listed(condition)
    else:
        yield from _not_null(condition)


def _not_null(condition: tree.Expression) -> Iterator[Ends]:
    """IS NOT NULL and, since NULL is neither, `<>`: a domain without ends."""
    match condition:
        case tree.Not(tree.IsNull(tree.ColumnReference() as column)):
            yield column.name, Domain()
        case tree.FunctionCall(arguments=(compared, other)) if condition.function.name == "<>":
            inner = _narrow(compared)
            if isinstance(inner, tree.ColumnReference) and constant(other) is not None:
                floating = inner.type.name in ("real", "double")
                # NaN is unequal to all.
                yield from () if floating else ((inner.name, Domain()),)
        case _:
            return


def _narrow(expression: tree.Expression) -> tree.Expression:
    """An integer that is only made larger."""
    if isinstance(expression, tree.Cast):
        given = expression.value.type.name
        return expression.value if {given, expression.type.name} <= _WHOLE else expression
    return expression


def _listed(condition: tree.InList) -> Iterator[Ends]:
    column, items = condition.value, condition.items
    if isinstance(column, tree.ColumnReference) and all(map(_is_constant, items)):
        found = map(constant, items)
        yield column.name, Domain(tuple(each for each in found if each is not None))


def _is_constant(expression: tree.Expression) -> bool:
    return isinstance(expression, tree.Constant) or constant(expression) is not None


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
    value = constant(right)
    if value is None:
        left, operator, value = right, TURNED[operator], constant(left)
    if isinstance(left, tree.ColumnReference) and value is not None:
        yield left.name, _end(operator, value)


def constant(expression: tree.Expression) -> Any:
    """The value of a constant, also of one that a coercion makes a number or a moment of another
    type; None for NULL and what is none."""
    if isinstance(expression, tree.Constant):
        return expression.value
    if not isinstance(expression, tree.Cast) or not isinstance(expression.value, tree.Constant):
        return None
    value, given, wanted = expression.value.value, expression.value.type, expression.type
    if isinstance(value, str) and wanted.name == "timestamp":
        return _moment(value, given, wanted)
    convert = _NUMBERS.get(wanted.name)
    if convert is None or isinstance(value, bool) or not isinstance(value, int):
        return None
    return convert(value)


def _moment(text: str, given: Type, wanted: Type) -> str | None:
    """A moment as a timestamp that keeps all of its digits."""
    if given.name == "date":
        return f"{text} 00:00:00"
    kept = given.name == "timestamp" and given.precision <= wanted.precision
    return text if kept else None


_WHOLE: Final = frozenset({"tinyint", "smallint", "integer", "bigint"})
_NUMBERS: Final[Mapping[str, Callable[[int], Any]]] = {
    **dict.fromkeys(_WHOLE, int),
    **dict.fromkeys(("real", "double"), float),
    "decimal": Decimal,
}


def _end(operator: str, value: Any) -> Domain:
    if operator == "=":
        return Domain((value,))
    open_ = not operator.endswith("=")
    if operator.startswith(">"):
        return Domain(low=value, low_open=open_)
    return Domain(high=value, high_open=open_)


def _both(one: Domain, other: Domain) -> Domain:
    values = one.values if other.values is None else other.values
    if one.values is not None and other.values is not None:
        values = tuple(each for each in one.values if each in other.values)
    lows = [(each.low, each.low_open) for each in (one, other) if each.low is not None]
    highs = [(each.high, not each.high_open) for each in (one, other) if each.high is not None]
    low, low_open = max(lows, default=(None, False))
    high, high_closed = min(highs, default=(None, True))
    return Domain(values, low, high, low_open, not high_closed)
