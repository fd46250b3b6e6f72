"""DESCRIBE of a column: where a path of names leads in a table, as Hive's SerDes tell it.

`s.field` of a struct, `'$elem$'` of an array, `'$key$'` and `'$value$'` of a map, and so on inside
("DESCRIBE", Athena user guide; Hive's getFieldsFromDeserializer).
"""

from collections.abc import Sequence
from typing import Final

from lakelet.engines.names import task_error
from lakelet.model import Column, Table
from lakelet.types import Type
from lakelet.types.hive import to_hive, to_trino
from lakelet.types.model import row

_TOLD: Final = "from deserializer"
"""What Hive says where a comment would stand."""
_INSIDE: Final = {
    ("array", "$elem$"): 0,
    ("map", "$key$"): 0,
    ("map", "$value$"): 1,
}


def reached(table: Table, path: Sequence[str]) -> tuple[Column, ...]:
    """What a path leads to: a key of partitions with its comment, a struct's fields, or one value.

    Raises TrinoError for a path that leads nowhere.
    """
    for key in table.partition_keys:
        if len(path) == 1 and key.name.lower() == path[0]:
            return (key,)
    of = row(*((each.name, to_trino(each.type)) for each in table.storage.columns))
    for name in path:
        of = _step(of, name)
    if of.name != "row":
        return (Column(path[-1], to_hive(of), _TOLD),)
    fields = zip(of.fields, of.arguments, strict=True)
    return tuple(Column(name or "", to_hive(each), _TOLD) for name, each in fields)


def _step(of: Type, name: str) -> Type:
    if of.name == "row":
        names = [(each or "").lower() for each in of.fields]
        if name.lower() in names:
            return of.arguments[names.index(name.lower())]
        fields = ", ".join(f"{index}:{each}" for index, each in enumerate(of.fields))
        raise task_error("COLUMN_NOT_FOUND", f"cannot find field {name} from [{fields}]")
    place = _INSIDE.get((of.name, name.lower()))
    if place is None:
        text = f"Error in getting fields from serde.Unknown type for {name}"
        raise task_error("COLUMN_NOT_FOUND", text)
    return of.arguments[place]
