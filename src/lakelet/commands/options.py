"""What several commands take: the lake's folder, a table's name, JSON instead of a drawing."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lakelet import config
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


@contextmanager
def interruptible() -> Iterator[None]:
    """While the block runs, SIGTERM and a terminal that is gone end it as Control-C does, so that
    what it made is removed; nohup's programs go on."""
    kinds = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    changed = [kind for kind in kinds if signal.getsignal(kind) is signal.SIG_DFL]
    for kind in changed:
        signal.signal(kind, signal.default_int_handler)
    try:
        yield
    finally:
        for kind in changed:
            signal.signal(kind, signal.SIG_DFL)


def open_lake(folder: Path) -> "Lake":
    """A lake that is there; raises LakeletError with what to do."""
    from lakelet.lake import Lake

    if not (folder / "lake.db").exists():
        raise LakeletError(
            f"there is no lake in {folder}; name one with --data, or start one with: lakelet up"
        )
    return Lake(config.read(os.environ, data=folder))


def split_name(text: str) -> tuple[str, str]:
    """Database and table of `database.table`; a table alone is in `default`."""
    database, dot, table = text.lower().rpartition(".")
    return (database, table) if dot else ("default", table)


def find_table(lake: "Lake", name: str) -> "Document":
    """Glue's Table of a name; raises LakeletError with the names that are near."""
    database, table = split_name(name)
    try:
        return lake.catalog.tables.get(database, table)
    except NotFound as error:
        hint = _hint(lake, database, table, name.lower())
        raise LakeletError(f"there is no table {database}.{table}; {hint}") from error


def _hint(lake: "Lake", database: str, table: str, written: str) -> str:
    """What may have been meant instead: a table in another database, one of a like name, a
    database."""
    from difflib import get_close_matches

    databases = lake.catalog.database_names()
    if written in databases:
        return f"{written} is a database: lakelet tables --database {written}"
    known = [f"{each}.{found}" for each in databases for found in lake.catalog.table_names(each)]
    near = [name for name in known if name.rpartition(".")[2] == table]
    near = near or get_close_matches(f"{database}.{table}", known, n=3)
    return f"did you mean {' or '.join(near)}?" if near else "lakelet tables lists them"


def print_json(value: Any) -> None:
    """A value to standard output."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
    click.echo(orjson.dumps(value, default=_plain, option=options).decode())


def _plain(value: Any) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)
