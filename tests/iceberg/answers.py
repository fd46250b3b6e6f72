"""Fills in what a real Trino answers to recorded scripts.

`python -m tests.iceberg.answers [NAME]…`

Its tables lie in a database of the same lake, so that either engine can read what the other wrote.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

import lakelet
from lakelet.server.serving import serving
from tests.iceberg import running
from tests.sql.cases import Answer
from tests.sql.record import ask
from tests.trino import server

DATABASE = "iceberg_trino"
CATALOG = "iceberg"


@dataclass(slots=True)
class Recorder:
    """A lake, and the address of the Trino over it."""

    lake: lakelet.Lake
    trino: str
    captured: dict[str, str] = field(default_factory=dict)

    def answered(self, case: running.Case) -> dict[str, Any]:
        """The case's document with Trino's answers."""
        script = running.Script(case, database=DATABASE, bucket="iceberg-trino")
        steps = [self._step(script, step) for step in case.document["steps"]]
        document = {**case.document, "steps": steps}
        return {name: value for name, value in document.items() if name != "differs"}

    def ask(self, sql: str, database: str = DATABASE) -> Answer:
        """An answer over the Iceberg tables of a database."""
        return ask(self.trino, sql, database, CATALOG)

    def _step(self, script: running.Script, step: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: step[name] for name in ("sql", "trino", "capture") if name in step}
        answer = self.ask(script.placed(step.get("trino", step["sql"])))
        if answer.error is not None:
            message = script.nameless(answer.message or "")
            return {**kept, "error": answer.error, "message": message}
        if "capture" in step:
            script.captured[step["capture"]] = str(answer.rows[0][0])
            return kept
        if answer.names == ("rows",):
            return {**kept, "rows_written": answer.rows[0][0] or 0}
        if not step["sql"].upper().startswith(("SELECT", "WITH", "VALUES")):
            return kept
        columns = [[name, of] for name, of in zip(answer.names, answer.types, strict=True)]
        rows = [
            [script.nameless(each) if isinstance(each, str) else each for each in row]
            for row in answer.rows
        ]
        return {**kept, "columns": columns, "rows": rows}


@contextmanager
def recorder() -> Iterator[Recorder]:
    """A Trino over a lake for scripts. Raises `Unavailable` where none can be had."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running.lake(Path(folder) / "lake") as lake,
        serving(lake, lakelet.__version__) as address,
        server.running(address, Path(folder) / "trino") as trino,
    ):
        lake.storage.create_bucket("iceberg-trino")
        lake.catalog.databases.create({"Name": DATABASE})
        yield Recorder(lake, trino.address)


@click.command()
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    """Records each script that is named, or that has a step without an answer."""
    with recorder() as asked:
        for case in running.read():
            if case.id in names if names else _open(case):
                running.write(case, asked.answered(case))
                click.echo(case.id)


def _open(case: running.Case) -> bool:
    told = {"rows", "error", "rows_written", "capture"}
    queries = [each for each in case.document["steps"] if each["sql"].startswith("SELECT")]
    return not any(each.keys() & told for each in queries)


if __name__ == "__main__":
    main()
