"""Runs recorded scripts over Iceberg tables and says how the answers differ.

A case is `cases/NAME.json`: `about`; `steps`, each `sql` in Athena's words (`trino` where Trino's
differ) with `columns` and `rows`, with `rows_written`, with `error` and `message`, or with
`capture`, the name that its one value has in later steps; and `differs`, why ours is not Trino's
answer. `${TABLE}`, `${TABLE$files}` and `${LOCATION}` stand for the table, what tells of it and its
folder. Values are as in `tests.formats.cases`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lakelet
from lakelet.engines.answers import Explained, Lines, Written
from lakelet.errors import LakeletError, TrinoError
from lakelet.types.parsing import parse_type
from lakelet.types.python import rows
from tests.sql.comparing import canonical, rows_differ

CASES = Path(__file__).parent / "cases"
DATABASE = "iceberg_cases"
BUCKET = "iceberg-cases"
_TOLD = re.compile(r"\$\{TABLE\$(\w+)\}")
_PLACE = re.compile(r"^line \d+:\d+: ")


@dataclass(frozen=True, slots=True)
class Case:
    """A recorded script."""

    path: Path
    document: Mapping[str, Any]

    @property
    def id(self) -> str:
        return self.path.stem


@contextmanager
def lake(data: Path | None = None) -> Iterator[lakelet.Lake]:
    """A lake for scripts, in Trino's dialect; `data` is its folder."""
    with lakelet.Lake(lakelet.Settings(data=data, port=0, dialect="trino")) as made:
        made.storage.create_bucket(BUCKET)
        made.catalog.databases.create({"Name": DATABASE})
        yield made


def read() -> list[Case]:
    """All recorded scripts."""
    return [
        Case(path, json.loads(path.read_text("utf-8"))) for path in sorted(CASES.glob("*.json"))
    ]


def write(case: Case, document: Mapping[str, Any]) -> None:
    """Keeps a case's changed document."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    case.path.write_text(f"{text}\n", "utf-8")


@dataclass(slots=True)
class Script:
    """A case while it runs, and what its steps captured."""

    case: Case
    captured: dict[str, str] = field(default_factory=dict)
    database: str = DATABASE
    bucket: str = BUCKET

    @property
    def table(self) -> str:
        return f"t_{self.case.id}"

    @property
    def location(self) -> str:
        return f"s3://{self.bucket}/{self.case.id}"

    def placed(self, text: str) -> str:
        """A recorded text with the names in their places."""
        text = _TOLD.sub(lambda found: f'"{self.table}${found[1]}"', text)
        given = {"TABLE": self.table, "LOCATION": self.location, "SCHEMA": self.database}
        for name, value in (given | self.captured).items():
            text = text.replace(f"${{{name}}}", value)
        return text

    def nameless(self, text: str) -> str:
        """An answer's text with placeholders, and without its place in a statement."""
        text = _PLACE.sub("", text).replace(self.location, "${LOCATION}")
        return text.replace(self.table, "${TABLE}").replace(self.database, "${SCHEMA}")


def difference(case: Case, lake: lakelet.Lake) -> str | None:
    """What differs, in a few words; None when nothing does."""
    script = Script(case)
    for step in case.document["steps"]:
        found = _step(script, step, lake)
        if found is not None:
            return f"{found} [{step['sql']}]"
    return None


def _step(script: Script, step: Mapping[str, Any], lake: lakelet.Lake) -> str | None:
    run = None
    try:
        run = lake.engine.prepare(script.placed(step["sql"]), lake.session(DATABASE))
        answer = run.execute()
        if isinstance(answer, Written | Lines | Explained):
            return _done(step, answer)
        types = [column.type for column in answer.columns]
        names = [(column.name.lower(), str(column.type)) for column in answer.columns]
        given = list(rows(answer.batches(), types))
    except LakeletError as failure:
        return _failed(script, step, failure)
    finally:
        if run is not None:
            run.close()
    if "capture" in step:
        script.captured[step["capture"]] = str(given[0][0])
        return None
    return f"no {step['error']}" if "error" in step else _rows(script, step, names, types, given)


def _done(step: Mapping[str, Any], answer: Any) -> str | None:
    if "error" in step:
        return f"no error, where Trino raises {step['error']}"
    wanted = step.get("rows_written")
    if isinstance(answer, Written) and wanted is not None and answer.rows != wanted:
        return f"{answer.rows} rows written, not {wanted}"
    return None


def _failed(script: Script, step: Mapping[str, Any], failure: LakeletError) -> str | None:
    name = failure.name if isinstance(failure, TrinoError) else type(failure).__name__
    message = script.nameless(str(failure))
    if "error" not in step:
        return f"raises {name}: {message}"
    if (name, message) != (step["error"], step.get("message", message)):
        return f"raises {name}: {message}, not {step['error']}: {step.get('message')}"
    return None


def _rows(
    script: Script, step: Mapping[str, Any], names: Any, types: Any, given: list[Any]
) -> str | None:
    expected = [(name.lower(), str(parse_type(of))) for name, of in step["columns"]]
    if names != expected:
        return f"columns {names}, not {expected}"
    placed = [[_value(script, each) for each in row] for row in step["rows"]]
    wanted, got = (
        [[canonical(value, of) for value, of in zip(row, types, strict=True)] for row in each]
        for each in (placed, given)
    )
    if rows_differ(wanted, got, in_order="ORDER BY" in step["sql"].upper()):
        return f"rows {got}, not {wanted}"
    return None


def _value(script: Script, value: Any) -> Any:
    return script.placed(value) if isinstance(value, str) else value
