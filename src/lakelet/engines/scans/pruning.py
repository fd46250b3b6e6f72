"""Row groups and stripes that may hold rows which a query asks for, by the bounds in footers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from lakelet.formats.layout import Field, Footer, Group, Value, bound
from lakelet.model import Domain
from lakelet.types import Type

_MILLISECOND: Final = 1000
"""In microseconds: a file's timestamps are rounded to what the table's hold."""


class Pruning:
    """What is asked of the columns of a table, of their types there."""

    def __init__(self, domains: Mapping[str, Domain], types: Mapping[str, Type]) -> None:
        self._asked = {
            name: (family, read)
            for name, domain in domains.items()
            if name in types
            and (family := _FAMILIES.get(types[name].name)) is not None
            and (read := _read(domain, types[name].name)) is not None
        }

    def surviving(self, footer: Footer, places: Mapping[str, int]) -> tuple[int, ...]:
        """The groups of a file, in which columns stand at these places."""
        checked = [
            (places[name], family, domain)
            for name, (family, domain) in self._asked.items()
            if places.get(name, len(footer.fields)) < len(footer.fields)
        ]
        return tuple(
            number
            for number, group in enumerate(footer.groups)
            if all(
                _may_hold(footer.fields[place], group, place, family, domain)
                for place, family, domain in checked
            )
        )


def _may_hold(field: Field, group: Group, place: int, family: str, domain: Domain) -> bool:
    if _family_of(field) != family:
        return True
    if group.nulls and group.nulls[place] == group.rows:
        return False
    least = bound(field, group.least[place]) if group.least else None
    greatest = bound(field, group.greatest[place]) if group.greatest else None
    if least is None or greatest is None:
        return True
    if family == "timestamp":
        least, greatest = _widened(least, -1), _widened(greatest, 1)
    if domain.values is not None:
        return any(least <= each <= greatest for each in domain.values)
    low, high = domain.low, domain.high
    if low is not None and (greatest < low or (domain.low_open and greatest == low)):
        return False
    return high is None or not (least > high or (domain.high_open and least == high))


def _widened(value: Value, sign: int) -> Any:
    assert isinstance(value, int)
    return value + sign * _MILLISECOND


_FAMILIES: Final = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), "integer"),
    **dict.fromkeys(("real", "double"), "floating"),
    "decimal": "decimal",
    "varchar": "text",
    "date": "date",
    "timestamp": "timestamp",
}
_KINDS: Final = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), "integer"),
    **dict.fromkeys(("BYTE", "SHORT", "INT", "LONG"), "integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE"), "floating"),
    **dict.fromkeys(("VARCHAR", "STRING"), "text"),
    "DECIMAL": "decimal",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}


def _family_of(field: Field) -> str:
    return "" if field.parts else _KINDS.get(field.read.partition("(")[0].partition("_NS")[0], "")


# Constants ------------------------------------------------------------------------------------


def _read(domain: Domain, name: str) -> Domain | None:
    """The domain with its constants in the form of `layout.bound`; None if one of them is a day
    outside of Python's calendar."""
    read = _CONSTANTS.get(name)
    if read is None:
        return domain
    try:
        values = None if domain.values is None else tuple(map(read, domain.values))
        ends = [None if each is None else read(each) for each in (domain.low, domain.high)]
    except ValueError:
        return None
    return replace(domain, values=values, low=ends[0], high=ends[1])


def _days(text: Any) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def _micros(text: Any) -> int:
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1)) // timedelta(microseconds=1)


_CONSTANTS: Final[dict[str, Callable[[Any], Any]]] = {
    "date": _days,
    "timestamp": _micros,
    "decimal": Decimal,
}
