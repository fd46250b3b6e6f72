"""The command line: serve a lake, take the tour, ask, crawl, look and empty.

Answers go to standard output, everything said to a person to standard error, so that `--json` can
be piped. rich and the lake's parts are imported by the commands that use them.
"""

import os
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lakelet import __version__, config
from lakelet.commands import Commands, drawing, options
from lakelet.commands.options import FOLDER, open_lake, print_json
from lakelet.errors import LakeletError, TrinoError

if TYPE_CHECKING:
    from lakelet.lake import Lake

_WITH_PANDAS = ["demo"]

_NUMBERS = frozenset(("tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"))
"""Types whose values stand to the right."""

_VARIABLES = "\b\nVariables that are heeded by all commands on a lake:\n" + "\n".join(
    f"  {config.variable(name):<28}{kind.takes}" for name, kind in config.VARIABLES.items()
)


class WithoutPandas(MetaPathFinder):
    """Hides pandas: pyarrow imports it with the first array, for a second of processor."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def main() -> None:
    """Runs a command; a refusal is one line, without a traceback."""
    if sys.argv[1:2] != _WITH_PANDAS:
        sys.meta_path.insert(0, WithoutPandas())
    try:
        commands(prog_name="lakelet")
    except TrinoError as error:
        _fail(f"{error.name}: {error}")
    except LakeletError as error:
        _fail(str(error))
    except OSError as error:
        if error.errno is None:
            raise
        where = "" if error.filename is None else f"{error.filename}: "
        _fail(f"{where}{error.strerror}")


def _fail(message: str) -> None:
    plain = "error:"
    word = plain if os.environ.get("NO_COLOR") else click.style(plain, fg="red", bold=True)
    click.echo(f"{word} {message}", err=True)
    sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lakelet")
def commands() -> None:
    """AWS's data lake (S3, Glue, Athena) on this machine.

    Shell completion: eval "$(_LAKELET_COMPLETE=bash_source lakelet)", or zsh_source, fish_source.
    """


@commands.command(epilog=_VARIABLES)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=4566,
    show_default=True,
    help="Port; 0 takes a free one.",
)
@options.data
@click.option("--storage", help="s3:// keeps the objects in an S3 server instead of the folder.")
@click.option("--storage-endpoint", help="That server's address (http://127.0.0.1:9000).")
def up(host: str, port: int, data: Path, storage: str | None, storage_endpoint: str | None) -> None:
    """Serve the lake until Ctrl-C; it is ready when GET / answers."""
    from lakelet.lake import Lake
    from lakelet.server.serving import serve

    settings = config.read(
        os.environ,
        data=data,
        host=host,
        port=port,
        storage=storage,
        storage_endpoint=storage_endpoint,
    )
    if settings.storage_endpoint and not settings.storage:
        raise click.UsageError("--storage-endpoint goes with --storage s3://")
    with Lake(settings) as lake:

        def ready(address: str) -> None:
            _welcome(address, data, settings.region)
            lake.watch()

        try:
            serve(lake, __version__, ready)
        except OSError as error:
            raise LakeletError(
                f"can't listen on {host}:{port}: {error.strerror}; try another --host or --port"
            ) from error


def _welcome(address: str, data: Path, region: str) -> None:
    click.echo(f"lakelet {__version__} serves {data} at {address}", err=True)
    for line in config.exports(address, region):
        click.echo(f"  {line}", err=True)


@commands.command(short_help="Take the tour: a year of flights, crawled and queried.")
@click.option(
    "--data",
    type=FOLDER,
    default=Path("lakelet-demo"),
    show_default=True,
    help="The tour's own lake.",
)
def demo(data: Path) -> None:
    """Take the tour: real flights into S3, crawled, queried, laid out anew."""
    from rich.console import Console

    from lakelet.demo import run

    run(data, Console())


@commands.command()
@click.argument("statement")
@options.data
@click.option(
    "--database", default="default", show_default=True, help="Where names without one are."
)
@click.option("--explain-sql", is_flag=True, help="Show a query beside its DuckDB SQL.")
@options.as_json
def sql(statement: str, data: Path, database: str, explain_sql: bool, as_json: bool) -> None:
    """Run a statement of Athena's SQL; - reads it from standard input."""
    from lakelet.commands import watching
    from lakelet.dbapi import connect

    text = sys.stdin.read() if statement == "-" else statement
    if not text.strip():
        raise LakeletError("the statement is empty")
    with open_lake(data) as lake:
        if explain_sql:
            _explain(text.rstrip("; \n"), lake, database)
            return
        cursor = connect(lake, database=database).cursor()
        cursor.texts = not as_json
        with watching.shown(lambda: cursor.progress):
            cursor.execute(text)
            columns = cursor.description or ()
            rows = cursor.fetchall() if columns else []
        names = [column[0] for column in columns]
        if as_json:
            print_json([dict(zip(names, row, strict=True)) for row in rows])
        else:
            drawing.print_rows(names, rows, right=[_is_number(column[1]) for column in columns])


def _is_number(of: str) -> bool:
    return of.partition("(")[0] in _NUMBERS


def _explain(text: str, lake: "Lake", database: str) -> None:
    from lakelet.sql.showing import laid_out
    from lakelet.sql.statements import parse
    from lakelet.sql.statements.model import Query

    if not isinstance(parse(text), Query):
        raise LakeletError("--explain-sql shows queries; this statement is none")
    plan = lake.engine.plan(text, lake.session(database))
    click.echo(f"-- Athena\n{laid_out(text, 'athena')}\n")
    click.echo(f"-- DuckDB\n{laid_out(plan.text, 'duckdb')}")


@commands.command()
@options.data
@click.option("--database", help="Only this one.")
@options.as_json
def tables(data: Path, database: str | None, as_json: bool) -> None:
    """List the catalogue's tables."""
    header = ["database", "table", "format", "columns", "partitions", "location"]
    with open_lake(data) as lake:
        if database:
            lake.catalog.databases.get(database)
        rows = [
            _table_row(lake, each, name)
            for each in ([database] if database else lake.catalog.database_names())
            for name in lake.catalog.table_names(each)
        ]
    if as_json:
        print_json([dict(zip(header, row, strict=True)) for row in rows])
    elif rows:
        drawing.print_rows(header, rows, null="")
    else:
        click.echo("there is no table yet; lakelet crawl s3://bucket/folder/ finds some", err=True)


def _table_row(lake: "Lake", database: str, name: str) -> list[Any]:
    from lakelet import formats

    table = lake.catalog.table(database, name)
    assert table is not None
    count = lake.catalog.partitions_of.count(database, name) if table.partition_keys else None
    return [
        database,
        name,
        formats.classification(table),
        len(table.columns),
        count,
        table.storage.location,
    ]


@commands.command()
@options.data
@click.option("--yes", is_flag=True, help="Don't ask.")
def reset(data: Path, yes: bool) -> None:
    """Empty the lake: no bucket, table or query is left."""
    with open_lake(data) as lake:
        if not yes:
            click.confirm(f"Remove every bucket, table and query of {data}?", abort=True)
        lake.reset()
    click.echo(f"{data} is empty", err=True)


if __name__ == "__main__":
    main()
