"""SearchTables: which tables its filters keep, and their order."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from operator import eq, ge, gt, le, lt
from typing import Any

from lakelet.errors import InvalidInput
from lakelet.model import Document

_COMPARATORS: dict[str, Callable[[Any, Any], bool]] = {
    "EQUALS": eq,
    "GREATER_THAN": gt,
    "LESS_THAN": lt,
    "GREATER_THAN_EQUALS": ge,
    "LESS_THAN_EQUALS": le,
}
_FIELDS = {
    name.lower(): name
    for name in (
        "Name",
        "DatabaseName",
        "Description",
        "Owner",
        "TableType",
        "CatalogId",
        "CreatedBy",
        "VersionId",
        "CreateTime",
        "UpdateTime",
        "LastAccessTime",
        "LastAnalyzedTime",
    )
}


def keeps(filters: Sequence[Document]) -> Callable[[Document], bool]:
    """Whether a table passes all filters: texts hold a value, times compare with it.

    A key that is no member of Table is one of its parameters.
    """
    tests = [_test(each) for each in filters]
    return lambda table: all(test(table) for test in tests)


def ordered(tables: Iterable[Document], criteria: Sequence[Document]) -> list[Document]:
    """Tables by the first criterion, ties by the next."""
    found = list(tables)
    for each in reversed(criteria):
        name = _FIELDS.get(each.get("FieldName", "").lower())
        if name is None:
            raise InvalidInput(f"Tables can't be sorted by {each.get('FieldName')!r}.")
        found.sort(key=partial(_rank, name), reverse=each.get("Sort") == "DESC")
    return found


def _rank(name: str, table: Document) -> tuple[bool, Any]:
    """What has no value comes first."""
    return table.get(name) is not None, table.get(name)


def _test(given: Document) -> Callable[[Document], bool]:
    key, value = given.get("Key", ""), given.get("Value", "")
    compare = _COMPARATORS[given.get("Comparator", "EQUALS")]

    def test(table: Document) -> bool:
        found = _value(table, key)
        if isinstance(found, datetime):
            return compare(found, _time(value))
        return found is not None and value.strip('"').lower() in str(found).lower()

    return test


def _value(table: Document, key: str) -> Any:
    name = _FIELDS.get(key.lower())
    return table.get(name) if name else (table.get("Parameters") or {}).get(key)


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is not a time.") from error
    return moment.astimezone()
