"""Fills in what a real Trino answers over the recorded tables.

`python -m tests.formats.answers [NAME]…`

A lake holds the case's files and runs its DDL, and is the Glue and the S3 of a Trino, which answers
the queries and runs the steps, in its own words (`trino`) where Athena's are not its.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

import lakelet
from lakelet.errors import NotFound
from lakelet.server.serving import serving
from tests.formats import cases, running
from tests.formats.files import written
from tests.sql.cases import Answer
from tests.sql.record import ask
from tests.trino import server

CATALOG = "awsdatacatalog"


@dataclass(frozen=True, slots=True)
class Recorder:
    """A lake, and the address of the Trino over it."""

    lake: lakelet.Lake
    trino: str

    def answered(self, case: cases.Case) -> dict[str, Any]:
        """The case's document with Trino's answers."""
        document = dict(case.document)
        self.emptied(case)
        running.put(case, self.lake)
        made = running.made(case, self.lake)
        if made is not None:
            raise click.ClickException(f"{case.id}: {made}")
        if "steps" in document:
            document["steps"] = [self._step(case, step) for step in document["steps"]]
            document["written"] = written(self.lake, running.BUCKET, f"{case.id}/")
        document["queries"] = [self._query(case, query) for query in document["queries"]]
        return {key: value for key, value in document.items() if key != "differs"}

    def emptied(self, case: cases.Case) -> None:
        """Removes what an earlier run left."""
        with suppress(NotFound):
            self.lake.catalog.tables.delete(running.DATABASE, running.table(case))
        left = [info.key for info in self.lake.storage.list(running.BUCKET, f"{case.id}/")]
        self.lake.storage.delete(running.BUCKET, left)

    def _step(self, case: cases.Case, step: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: step[name] for name in ("sql", "trino") if name in step}
        answer = self._ask(case, step.get("trino", step["sql"]))
        if answer.error is not None:
            return {**kept, "error": answer.error}
        return {**kept, "rows_written": answer.rows[0][0]} if answer.rows else kept

    def _query(self, case: cases.Case, query: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._ask(case, query["sql"])
        if answer.error is not None:
            return {"sql": query["sql"], "error": answer.error, "message": answer.message}
        columns = [[name, of] for name, of in zip(answer.names, answer.types, strict=True)]
        rows = [[_nameless(value, case) for value in row] for row in answer.rows]
        return {"sql": query["sql"], "columns": columns, "rows": rows}

    def _ask(self, case: cases.Case, sql: str) -> Answer:
        # Trino 476 sends Glue statistics of empty columns that Glue's model does not take.
        session = {f"{CATALOG}.collect_column_statistics_on_write": "false"} | {
            f"{CATALOG}.{name.removeprefix('hive.')}": value
            for name, value in case.document.get("session", {}).items()
        }
        return ask(self.trino, running.placed(sql, case), running.DATABASE, CATALOG, session)


def _nameless(value: Any, case: cases.Case) -> Any:
    """A text with a placeholder where it names the table's folder."""
    return value.replace(running.folder(case), "${LOCATION}") if isinstance(value, str) else value


@contextmanager
def recorder() -> Iterator[Recorder]:
    """A Trino over an empty lake. Raises `Unavailable` where none can be had."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running.lake(Path(folder) / "lake") as lake,
        serving(lake, lakelet.__version__) as address,
        server.running(address, Path(folder) / "trino") as trino,
    ):
        yield Recorder(lake, trino.address)


@click.command()
@click.argument("parts", nargs=-1, metavar="[NAME]…")
def main(parts: tuple[str, ...]) -> None:
    """Records each table that is named in part, or that has a query without an answer."""
    with recorder() as asked:
        for case in cases.read():
            if any(part in case.id for part in parts) if parts else _open(case):
                cases.write(case, asked.answered(case))
                click.echo(case.id)


def _open(case: cases.Case) -> bool:
    return any(not query.keys() & {"rows", "error"} for query in case.document["queries"])


if __name__ == "__main__":
    main()
