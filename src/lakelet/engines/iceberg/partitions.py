"""Partition values as texts: in "$partition", in folders, in metadata tables."""

import base64
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote_plus

from lakelet.engines.iceberg import transforms
from lakelet.engines.iceberg.manifests import Entry
from lakelet.engines.iceberg.metadata import IcebergTable

_EPOCH: Final = date(1970, 1, 1)


def sources(table: IcebergTable) -> dict[int, Any]:
    """The types of all columns that any schema has, by their numbers."""
    return {
        each["id"]: each["type"]
        for schema in table.document["schemas"]
        for each in schema["fields"]
    }


def partition_text(entry: Entry, table: IcebergTable) -> str:
    """`name=value/name=value` of a file, '' of one without partition."""
    types = sources(table)
    fields = table.spec_of(entry.spec)["fields"]
    return "/".join(
        f"{quote_plus(each['name'])}"
        f"={quote_plus(_human(each, types[each['source-id']], entry.partition.get(each['name'])))}"
        for each in fields
        if each["transform"] != "void"
    )


def _human(field: Any, source: Any, value: Any) -> str:
    if value is None:
        return "null"
    name, _ = transforms.parts(field["transform"])
    if name in ("year", "month", "day", "hour"):
        return _TIMES[name](value)
    return text(transforms.result(field["transform"], source), value)


_TIMES: Final = {
    "year": lambda value: f"{1970 + value:04d}",
    "month": lambda value: f"{1970 + value // 12:04d}-{value % 12 + 1:02d}",
    "day": lambda value: text("date", value),
    "hour": lambda value: f"{datetime(1970, 1, 1) + timedelta(hours=value):%Y-%m-%d-%H}",
}


def text(of: str, value: Any) -> str:
    """A value as Iceberg shows it to people (Transform.toHumanString)."""
    if of == "date":
        return (_EPOCH + timedelta(days=transforms.days(value))).isoformat()
    if of in ("timestamp", "timestamptz"):
        moment = datetime(1970, 1, 1) + timedelta(microseconds=transforms.micros(value))
        return moment.isoformat() + ("+00:00" if of == "timestamptz" else "")
    if of == "boolean":
        return "true" if value else "false"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)
