"""`lakelet export`: the catalogue as JSON, a record a line, or as statements of SQL."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakelet.catalog import shapes
from lakelet.catalog.documents import dump
from lakelet.commands import options, records
from lakelet.commands.options import open_lake
from lakelet.errors import LakeletError
from lakelet.model import Document, Table

if TYPE_CHECKING:
    from lakelet.catalog.catalog import GlueCatalog

_PARTITIONS = 100
"""Partitions in a statement."""


@click.command(name="export", short_help="Write the catalogue as JSON or SQL.")
@options.data
@click.option("--database", "databases", multiple=True, help="Only this one; may be said again.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "sql"]),
    default="json",
    show_default=True,
    help="json keeps everything; sql is what Athena's DDL has words for.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to it instead of to standard output.",
)
def command(data: Path, databases: tuple[str, ...], form: str, output: Path | None) -> None:
    """Write the catalogue's databases, tables and partitions; `lakelet import` reads them."""
    with open_lake(data) as lake:
        names = list(databases) or lake.catalog.database_names()
        for name in names:
            lake.catalog.databases.get(name)
        lines = statements(lake.catalog, names) if form == "sql" else _json(lake.catalog, names)
        if output is None:
            sys.stdout.writelines(lines)
            return
        if not output.parent.is_dir():
            raise LakeletError(f"there is no folder {output.parent}")
        scratch = output.with_name(f".{output.name}.part")
        try:
            with scratch.open("w", encoding="utf-8") as file:
                file.writelines(lines)
            scratch.replace(output)
        finally:
            scratch.unlink(missing_ok=True)


def _json(catalog: "GlueCatalog", names: Sequence[str]) -> Iterator[str]:
    return (f"{dump(record)}\n" for record in records.of(catalog, names))


def statements(catalog: "GlueCatalog", names: Sequence[str]) -> Iterator[str]:
    """Athena's DDL that makes the databases anew; views come last, the oldest first."""
    views: list[Document] = []
    for name in names:
        yield _database(catalog.databases.get(name))
        for each in catalog.table_names(name):
            document = catalog.tables.get(name, each)
            table = shapes.table(document)
            if table.is_view:
                views.append(document)
            elif table.storage.serde:
                yield f"{_create(table)};\n\n"
                yield from _add_partitions(catalog, table)
            else:
                kind = table.parameters.get("table_type", "unknown")
                yield f"-- {name}.{each} ({kind}) has no DDL: --format json keeps it\n\n"
    for document in sorted(views, key=lambda each: each["CreateTime"]):
        yield f"{_create(shapes.table(document))};\n\n"


def _database(document: Document) -> str:
    text = f"CREATE DATABASE IF NOT EXISTS `{document['Name']}`"
    if document.get("Description"):
        text += f" COMMENT {_quoted(document['Description'])}"
    if document.get("LocationUri"):
        text += f" LOCATION {_quoted(document['LocationUri'])}"
    return f"{text};\n\n"


def _create(table: Table) -> str:
    from lakelet.engines import showing

    text = "\n".join(line.rstrip() for line in showing.create(table, view=table.is_view).lines)
    shown, name = f"`{table.database}.{table.name}`", f"`{table.database}`.`{table.name}`"
    return text.replace(shown, name, 1)


def _add_partitions(catalog: "GlueCatalog", table: Table) -> Iterator[str]:
    keys = [key.name for key in table.partition_keys]
    batch: list[str] = []
    for each in catalog.partitions_of.of(table) if keys else ():
        pairs = zip(keys, each.values, strict=True)
        spec = ", ".join(f"`{key}` = {_quoted(value)}" for key, value in pairs)
        batch.append(f"  PARTITION ({spec}) LOCATION {_quoted(each.storage.location)}")
        if len(batch) == _PARTITIONS:
            yield _add(table, batch)
            batch = []
    if batch:
        yield _add(table, batch)


def _add(table: Table, batch: Sequence[str]) -> str:
    name = f"`{table.database}`.`{table.name}`"
    return f"ALTER TABLE {name} ADD IF NOT EXISTS\n" + "\n".join(batch) + ";\n\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
