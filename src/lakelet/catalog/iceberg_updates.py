"""Changes of an Iceberg table's metadata, as UpdateTable's UpdateOpenTableFormatInput names them.

The rules are those of the specification ("Schema Evolution", "Partition Evolution"): what was there
before stays, under its number; a new schema keeps the numbers of its fields and only widens types.
"""

import copy
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lakelet.catalog import iceberg_metadata
from lakelet.errors import InvalidInput, Unsupported
from lakelet.model import Document

_WIDER = {("int", "long"), ("float", "double")}
_DECIMAL = re.compile(r"decimal\((\d+), *(\d+)\)")
_KEPT = 100
"""Earlier metadata files that are remembered (`write.metadata.previous-versions-max`)."""


def updated(metadata: Document, location: str, updates: Sequence[Document]) -> Document:
    """The metadata after Glue's IcebergTableUpdates; `location` is where it lies now.

    Raises InvalidInput, and Unsupported for keys of encryption.
    """
    found = copy.deepcopy(metadata)
    for each in updates:
        for action in (each["Action"],) if each.get("Action") else _all(each):
            _ACTIONS[action](found, each)
    log = found.setdefault("metadata-log", [])
    log.append({"timestamp-ms": metadata["last-updated-ms"], "metadata-file": location})
    found["metadata-log"] = log[-_KEPT:]
    found["last-updated-ms"] = max(int(time.time() * 1000), metadata["last-updated-ms"] + 1)
    return found


def _all(update: Document) -> Sequence[str]:
    """What an update without an action does: all that it gives."""
    given = ["add-schema", "set-current-schema", "set-location"]
    if "PartitionSpec" in update:
        given += ["add-spec", "set-default-spec"]
    if "SortOrder" in update:
        given += ["add-sort-order", "set-default-sort-order"]
    return [*given, "set-properties"] if "Properties" in update else given


# Schemas ------------------------------------------------------------------------------------


def _add_schema(metadata: Document, update: Document) -> None:
    fields = iceberg_metadata.fields_of(update["Schema"])
    numbers = iceberg_metadata.numbers_of(fields)
    before = {each["id"]: each for each in _current(metadata)["fields"]}
    for each in fields:
        standing = before.get(each["id"])
        was_optional = standing is None or not standing["required"]
        if was_optional and each["required"] and "initial-default" not in each:
            raise InvalidInput(f"The column {each['name']} must be optional.")
        if standing is not None and not _widens(standing["type"], each["type"]):
            raise InvalidInput(
                f"The type of column {standing['name']} can't change from {standing['type']} to"
                f" {each['type']}."
            )
    identifiers = update["Schema"].get("IdentifierFieldIds")
    schema = {
        "type": "struct",
        "fields": fields,
        **({} if identifiers is None else {"identifier-field-ids": identifiers}),
    }
    _add(metadata, "schemas", "schema-id", update["Schema"].get("SchemaId"), schema)
    metadata["last-column-id"] = max([metadata["last-column-id"], *numbers])


def _set_current_schema(metadata: Document, update: Document) -> None:
    wanted = iceberg_metadata.fields_of(update["Schema"])
    place = _chosen(
        metadata["schemas"], "schema-id", update["Schema"].get("SchemaId"), "fields", wanted
    )
    metadata["current-schema-id"] = place


def _widens(before: Any, after: Any) -> bool:
    if before == after or (before, after) in _WIDER:
        return True
    if not isinstance(before, str) or not isinstance(after, str):
        # Fields inside have numbers of their own, which readers go by.
        return (
            isinstance(before, dict) and isinstance(after, dict) and before["type"] == after["type"]
        )
    old, new = _DECIMAL.fullmatch(before), _DECIMAL.fullmatch(after)
    return bool(old and new and old[2] == new[2] and int(old[1]) <= int(new[1]))


def _current(metadata: Document) -> Document:
    found: Document = iceberg_metadata.current_schema(metadata)
    return found


# Partitions and orders ------------------------------------------------------------------------


def _add_spec(metadata: Document, update: Document) -> None:
    given = _given(update, "PartitionSpec")
    fields = iceberg_metadata.spec_of(given, _numbers(metadata), metadata["last-partition-id"] + 1)
    _add(metadata, "partition-specs", "spec-id", given.get("SpecId"), {"fields": fields})
    numbers = [each["field-id"] for each in fields]
    metadata["last-partition-id"] = max([metadata["last-partition-id"], *numbers])


def _set_default_spec(metadata: Document, update: Document) -> None:
    given = _given(update, "PartitionSpec")
    metadata["default-spec-id"] = _chosen(
        metadata["partition-specs"], "spec-id", given.get("SpecId")
    )


def _add_sort_order(metadata: Document, update: Document) -> None:
    given = _given(update, "SortOrder")
    fields = iceberg_metadata.order_of(given, _numbers(metadata))
    _add(metadata, "sort-orders", "order-id", given["OrderId"], {"fields": fields})


def _set_default_sort_order(metadata: Document, update: Document) -> None:
    given = _given(update, "SortOrder")
    metadata["default-sort-order-id"] = _chosen(
        metadata["sort-orders"], "order-id", given["OrderId"]
    )


def _numbers(metadata: Document) -> list[int]:
    return iceberg_metadata.numbers_of(_current(metadata)["fields"])


# The rest -------------------------------------------------------------------------------------


def _set_location(metadata: Document, update: Document) -> None:
    if not update["Location"].startswith("s3"):
        raise InvalidInput("An Iceberg table needs a location in S3.")
    metadata["location"] = update["Location"].rstrip("/")


def _set_properties(metadata: Document, update: Document) -> None:
    metadata["properties"] = {**(metadata.get("properties") or {}), **_given(update, "Properties")}


def _remove_properties(metadata: Document, update: Document) -> None:
    gone = _given(update, "Properties")
    kept = metadata.get("properties") or {}
    metadata["properties"] = {name: value for name, value in kept.items() if name not in gone}


def _encrypt(metadata: Document, update: Document) -> None:
    raise Unsupported("Keys of encryption are Iceberg's version 3: version 2 is available here.")


_ACTIONS: Mapping[str, Callable[[Document, Document], None]] = {
    "add-schema": _add_schema,
    "set-current-schema": _set_current_schema,
    "add-spec": _add_spec,
    "set-default-spec": _set_default_spec,
    "add-sort-order": _add_sort_order,
    "set-default-sort-order": _set_default_sort_order,
    "set-location": _set_location,
    "set-properties": _set_properties,
    "remove-properties": _remove_properties,
    "add-encryption-key": _encrypt,
    "remove-encryption-key": _encrypt,
}


def _given(update: Document, member: str) -> Document:
    if member not in update:
        raise InvalidInput(f"{member} is needed for {update.get('Action')}.")
    found: Document = update[member]
    return found


def _add(metadata: Document, member: str, number: str, wanted: int | None, given: Document) -> None:
    """Adds what is not there yet, under the number that is asked for if that is free."""
    standing = metadata[member]
    for each in standing:
        if {name: value for name, value in each.items() if name != number} == given:
            return
    taken = {each[number] for each in standing}
    if wanted is None or wanted in taken:
        wanted = max(taken, default=-1) + 1
    standing.append({number: wanted, **given})


def _chosen(
    standing: Sequence[Document],
    number: str,
    wanted: int | None,
    member: str = "",
    content: Any = None,
) -> int:
    """The number that is asked for, else that of what has the content, else the last one's."""
    by_content = [each[number] for each in standing if member and each[member] == content]
    if by_content:
        return int(by_content[-1])
    if wanted is None or wanted == -1:
        return int(standing[-1][number])
    if wanted not in {each[number] for each in standing}:
        raise InvalidInput(f"There is no {number} {wanted}.")
    return wanted
