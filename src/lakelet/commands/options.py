"""What several commands take: the lake's folder, a table's name, JSON instead of a drawing."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lakelet.config import Settings
from lakelet.errors import LakeletError, NotFound

if TYPE_CHECKING:
    from lakelet.lake import Lake
    from lakelet.model import Document

Command = TypeVar("Command", bound=Callable[..., Any])

FOLDER = click.Path(file_okay=False, path_type=Path)


def data(command: Command) -> Command:
    """`--data`."""
    return click.option(
        "--data",
        type=FOLDER,
        default=Path("lake"),
        show_default=True,
        envvar="LAKELET_DATA",
        show_envvar=True,
        help="The lake's folder.",
    )(command)


def as_json(command: Command) -> Command:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(
        command
    )


def open_lake(folder: Path) -> "Lake":
    """A lake that is there; raises LakeletError with what to do."""
    from lakelet.lake import Lake

    if not (folder / "lake.db").exists():
        raise LakeletError(
            f"there is no lake in {folder}; name one with --data, or start one with: lakelet up"
        )
    return Lake(Settings(data=folder))


def split_name(text: str) -> tuple[str, str]:
    """Database and table of `database.table`; a table alone is in `default`."""
    database, dot, table = text.lower().rpartition(".")
    return (database, table) if dot else ("default", table)


def find_table(lake: "Lake", name: str) -> "Document":
    """Glue's Table of a name; raises LakeletError with the names that are near."""
    from difflib import get_close_matches

    database, table = split_name(name)
    try:
        return lake.catalog.tables.get(database, table)
    except NotFound as error:
        known = [
            f"{each}.{found}"
            for each in lake.catalog.database_names()
            for found in lake.catalog.table_names(each)
        ]
        near = get_close_matches(f"{database}.{table}", known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "lakelet tables lists them"
        raise LakeletError(f"there is no table {database}.{table}; {hint}") from error


def print_json(value: Any) -> None:
    """A value to standard output."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    click.echo(orjson.dumps(value, default=_plain, option=options).decode())


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else str(value)
