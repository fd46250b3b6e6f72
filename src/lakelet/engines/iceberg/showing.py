"""DESCRIBE and SHOW CREATE TABLE of Iceberg tables, which Athena lays out otherwise than Hive's.

What AWS answers is in the documents of DDL by aoyagikouhei/athena-local.
"""

from collections.abc import Iterator, Sequence

from lakelet.catalog.iceberg_metadata import hive
from lakelet.engines.answers import Lines
from lakelet.engines.iceberg import transforms
from lakelet.engines.iceberg.metadata import IcebergTable
from lakelet.engines.names import task_error
from lakelet.model import Document

_DESCRIBED = ("col_name", "data_type", "comment")


def describe(table: IcebergTable, column: Sequence[str] = ()) -> Lines:
    """Columns and partition fields, without padding. Raises TrinoError for no such column."""
    if column:
        found = [each for each in table.fields if [each["name"].lower()] == [*column]]
        if not found:
            fields = ", ".join(f"{i}:{each['name']}" for i, each in enumerate(table.fields))
            message = f"cannot find field {'.'.join(column)} from [{fields}]"
            raise task_error("COLUMN_NOT_FOUND", message)
        return Lines(_DESCRIBED, (_column(found[0]),))
    names = {each["id"]: each["name"] for each in table.fields}
    parts = [
        f"{each['name']}\t{each['transform']}\t{names.get(each['source-id'], '')}"
        for each in table.spec["fields"]
    ]
    lines = (
        "# Table schema:\t\t",
        "# col_name\tdata_type\tcomment",
        *map(_column, table.fields),
        "\t\t",
        "# Partition spec:\t\t",
        "# field_name\tfield_transform\tcolumn_name",
        *parts,
    )
    return Lines(_DESCRIBED, lines)


def _column(field: Document) -> str:
    return f"{field['name']}\t{hive(field['type'])}\t{field.get('doc', '')}"


def create(table: IcebergTable) -> Lines:
    """The statement that would make the table again."""
    return Lines(("createtab_stmt",), tuple(_statement(table)))


def _statement(table: IcebergTable) -> Iterator[str]:
    yield f"CREATE TABLE {table.database}.{table.name} ("
    columns = [
        f"  {each['name']} {hive(each['type'])}"
        + (f" COMMENT '{_escaped(each['doc'])}'" if each.get("doc") else "")
        for each in table.fields
    ]
    yield from (f"{each}," for each in columns[:-1])
    yield f"{columns[-1]})"
    names = {each["id"]: each["name"] for each in table.fields}
    parts = [
        _transformed(each["transform"], names[each["source-id"]])
        for each in table.spec["fields"]
        if each["transform"] != "void"
    ]
    if parts:
        yield f"PARTITIONED BY ({', '.join(parts)})"
    yield f"LOCATION '{table.document['location']}'"
    yield "TBLPROPERTIES ("
    kept = {k: v for k, v in sorted(table.properties.items()) if not k.startswith("write.")}
    given = {"table_type": "iceberg", **kept}
    lines = [f"  '{name}'='{_escaped(value)}'" for name, value in given.items()]
    yield from (f"{each}," for each in lines[:-1])
    yield lines[-1]
    yield ");"


def _transformed(transform: str, column: str) -> str:
    name, width = transforms.parts(transform)
    if name == "identity":
        return f"`{column}`"
    return f"{name}({width}, `{column}`)" if width else f"{name}(`{column}`)"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
