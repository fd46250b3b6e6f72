"""`lakelet diff`: what changed between two versions of a table.

rich is imported by what draws.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakelet.catalog import shapes
from lakelet.commands import options
from lakelet.commands.options import find_table, open_lake, print_json
from lakelet.errors import LakeletError, TrinoError
from lakelet.model import Column, Document, StorageDescriptor, Table
from lakelet.types import Type
from lakelet.types.hive import to_hive, to_trino

if TYPE_CHECKING:
    from rich.text import Text


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was; None where there is, or was, no such thing."""

    kind: str
    name: str
    before: str | None
    after: str | None


@click.command(name="diff", short_help="Show what changed between versions of a table.")
@click.argument("table")
@click.option("--from", "before", metavar="VERSION", help="By default the one before --to.")
@click.option("--to", "after", metavar="VERSION", help="By default the one that stands.")
@options.data
@options.as_json
def command(table: str, before: str | None, after: str | None, data: Path, as_json: bool) -> None:
    """Show what changed between two versions of a table (database.table)."""
    with open_lake(data) as lake:
        found = find_table(lake, table)
        versions = lake.catalog.tables.versions(found["DatabaseName"], found["Name"])
    new = _version(versions, after) if after is not None else versions[0]
    old = _version(versions, before) if before is not None else _earlier(versions, new)
    found_changes = list(changes(shapes.table(old), shapes.table(new)))
    if as_json:
        listed = [
            {name.capitalize(): value for name, value in asdict(each).items()}
            for each in found_changes
        ]
        ends = {"From": old["VersionId"], "To": new["VersionId"]}
        print_json({"Table": f"{new['DatabaseName']}.{new['Name']}", **ends, "Changes": listed})
    else:
        _print(old, new, found_changes)


def _version(versions: Sequence[Document], wanted: str) -> Document:
    for each in versions:
        if each["VersionId"] == wanted:
            return each
    known = ", ".join(each["VersionId"] for each in versions)
    raise LakeletError(f"there is no version {wanted}; kept: {known}")


def _earlier(versions: Sequence[Document], than: Document) -> Document:
    later = [int(each["VersionId"]) for each in versions]
    earlier = [number for number in later if number < int(than["VersionId"])]
    if not earlier:
        raise LakeletError(
            f"there is no version before version {than['VersionId']} to compare it with"
        )
    return _version(versions, str(max(earlier)))


# Comparing ----------------------------------------------------------------------------------


def changes(before: Table, after: Table) -> Iterator[Change]:
    """All that is not alike, what matters most first."""
    yield from _columns("column", before.storage.columns, after.storage.columns)
    yield from _columns("partition key", before.partition_keys, after.partition_keys)
    old, new = _facts(before), _facts(after)
    yield from _entries("table", old, new)
    yield from _entries(
        "serde parameter", before.storage.serde_parameters, after.storage.serde_parameters
    )
    yield from _entries("parameter", before.parameters, after.parameters)


def _columns(kind: str, before: Sequence[Column], after: Sequence[Column]) -> Iterator[Change]:
    old = {each.name: each for each in before}
    new = {each.name: each for each in after}
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield Change(kind, name, old[name].type, None)
        elif name not in old:
            yield Change(kind, name, None, new[name].type)
        else:
            yield from _types(kind, name, old[name].type, new[name].type)
    for name in old.keys() & new.keys():
        if (old[name].comment or "") != (new[name].comment or ""):
            yield Change(f"{kind}'s comment", name, old[name].comment, new[name].comment)
    order = [name for name in old if name in new], [name for name in new if name in old]
    if order[0] != order[1]:
        yield Change(f"{kind}s' order", "", ", ".join(order[0]), ", ".join(order[1]))


def _types(kind: str, name: str, before: str, after: str) -> Iterator[Change]:
    """The smallest parts of a type that differ: fields, elements, keys, values."""
    if before == after:
        return
    try:
        parts = list(_parts(name, to_trino(before), to_trino(after)))
        found = [Change(kind, path, _text(old), _text(new)) for path, old, new in parts]
    except TrinoError:
        found = []
    yield from found or [Change(kind, name, before, after)]


Part = tuple[str, Type | None, Type | None]


def _parts(path: str, before: Type, after: Type) -> Iterator[Part]:
    if before == after:
        return
    if before.name != after.name or before.name not in ("row", "array", "map"):
        yield path, before, after
        return
    old, new = _inside(before), _inside(after)
    for name in dict.fromkeys((*old, *new)):
        inner = f"{path}.{name}"
        if name in old and name in new:
            yield from _parts(inner, old[name], new[name])
        else:
            yield inner, old.get(name), new.get(name)


def _inside(of: Type) -> dict[str, Type]:
    names = {"array": ("element",), "map": ("key", "value")}.get(of.name)
    if names is None:
        names = tuple(name or str(index) for index, name in enumerate(of.fields))
    return dict(zip(names, of.arguments, strict=True))


def _text(of: Type | None) -> str | None:
    return to_hive(of) if of is not None else None


def _facts(table: Table) -> dict[str, str]:
    from lakelet.engines import views

    storage: StorageDescriptor = table.storage
    said = {
        "type": table.table_type,
        "description": table.description,
        "location": storage.location,
        "serde": storage.serde,
        "input format": storage.input_format,
        "output format": storage.output_format,
        "buckets": f"{storage.number_of_buckets} by {', '.join(storage.bucket_columns)}"
        if storage.bucket_columns
        else "",
        "view": views.shown(table) if table.is_view else "",
    }
    return {name: value for name, value in said.items() if value}


def _entries(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Change(kind, name, before.get(name), after.get(name))


# Drawing ------------------------------------------------------------------------------------


def _print(old: Document, new: Document, found: Sequence[Change]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    title = Text.assemble((f"{new['DatabaseName']}.", "dim"), (new["Name"], "bold"))
    span = f"  version {old['VersionId']} → {new['VersionId']}"
    console.print(title.append(span, "dim"))
    if not found:
        console.print(Text("  nothing differs", "dim"))
    for kind, some in groupby(found, key=lambda each: each.kind):
        console.print(Text(f"\n{kind}", "dim"))
        rows = list(some)
        width = max(len(each.name) for each in rows)
        for each in rows:
            console.print(_line(each, width), soft_wrap=True)


def _line(change: Change, width: int) -> "Text":
    from rich.text import Text

    name = f"{change.name:<{width}}"
    match change.before, change.after:
        case None, after:
            return Text.assemble((f"  + {name}  {after}", "green"))
        case before, None:
            return Text.assemble((f"  - {name}  {before}", "red"))
        case before, after:
            parts = f"  ~ {name}  ", (f"{before}", "red"), " → ", (f"{after}", "green")
            return Text.assemble(*parts)
