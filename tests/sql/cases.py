"""Reads and writes `.test` files: queries with the answers that a real Trino gave.

    query [schema] [date] [rowsort] [athena]
    SELECT …
    ----
    names ["a","b c"]            only where they are not _col0, _col1 …
    integer, varchar(3)          the types
    [1,"x"]                      one row a line, as JSON
    error DIVISION_BY_ZERO …     instead of names, types and rows

Before `query` may stand `differs: notyet, reason` or `differs: never, reason`; or `says: …`, when
the error is the right one in other words than Trino's. `schema` names the
tables that unqualified names mean, the date the day (in UTC) on which the answer was recorded,
where it depends on it; `rowsort` says that rows come in no order; `athena` that digits with a
point are doubles, which Trino was told by an exponent: `1.5e0`. Cases are parted by an empty line;
lines that begin with # are notes. In JSON decimals, dates, times, intervals, NaN and infinities
are texts, binaries hexadecimal texts, rows lists and maps lists of pairs.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from lakelet.config import Dialect

_WORDS: Final = frozenset({"rowsort", "athena"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What Trino answered: columns and rows, or the name and message of an error."""

    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    error: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One query; `line` is where it stands in its file."""

    file: str
    line: int
    query: str
    schema: str
    rowsort: bool
    differs: str | None
    answer: Answer
    day: date | None = None
    says: str | None = None
    dialect: Dialect = "trino"

    @property
    def id(self) -> str:
        return f"{self.file}:{self.line}"


def read(path: Path) -> Iterator[Case]:
    """The cases of a file."""
    lines = path.read_text(encoding="utf-8").split("\n")
    marks: dict[str, str] = {}
    position = 0
    while position < len(lines):
        line = lines[position]
        if line.startswith(("differs: ", "says: ")):
            mark, _, reason = line.partition(": ")
            marks[mark] = reason
        elif line == "query" or line.startswith("query "):
            end = position
            while end < len(lines) and lines[end]:
                end += 1
            yield _case(path, position, lines[position:end], marks)
            marks, position = {}, end
        position += 1


def _case(path: Path, position: int, lines: list[str], marks: dict[str, str]) -> Case:
    flags = lines[0].split()[1:]
    cut = lines.index("----")
    days = [date.fromisoformat(flag) for flag in flags if flag[0].isdigit()]
    schemas = [flag for flag in flags if flag not in _WORDS and not flag[0].isdigit()]
    return Case(
        f"{path.parent.name}/{path.stem}",
        position + 1,
        "\n".join(lines[1:cut]),
        schemas[0] if schemas else "golden",
        "rowsort" in flags,
        marks.get("differs"),
        _answer(lines[cut + 1 :]),
        days[0] if days else None,
        marks.get("says"),
        "athena" if "athena" in flags else "trino",
    )


def _answer(lines: list[str]) -> Answer:
    if lines[0].startswith("error "):
        _, name, *message = lines[0].split(" ", 2)
        return Answer(error=name, message=message[0] if message else "")
    names: tuple[str, ...] | None = None
    if lines[0].startswith("names "):
        names = tuple(json.loads(lines.pop(0).removeprefix("names ")))
    types = tuple(parted(lines[0]))
    rows = tuple(tuple(json.loads(line)) for line in lines[1:])
    return Answer(names or unnamed(len(types)), types, rows)


def write(path: Path, cases: list[Case]) -> None:
    """Writes a file anew."""
    text = "# Answers of Trino 476.\n" + "".join(map(_text, cases))
    path.write_text(text, encoding="utf-8")


def _text(case: Case) -> str:
    flags = [case.schema] if case.schema != "golden" else []
    flags += [case.day.isoformat()] if case.day else []
    flags += ["rowsort"] if case.rowsort else []
    flags += ["athena"] if case.dialect == "athena" else []
    marks = {"differs": case.differs, "says": case.says}
    lines = ["", *(f"{mark}: {reason}" for mark, reason in marks.items() if reason)]
    lines += [" ".join(["query", *flags]), case.query, "----"]
    answer = case.answer
    if answer.error is not None:
        lines.append(f"error {answer.error} {answer.message}".rstrip())
    else:
        if answer.names != unnamed(len(answer.names)):
            lines.append(f"names {compact(answer.names)}")
        lines.append(", ".join(answer.types))
        lines += map(compact, answer.rows)
    return "\n".join(lines) + "\n"


def compact(value: Any) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def unnamed(count: int) -> tuple[str, ...]:
    """The names of columns that have none."""
    return tuple(f"_col{i}" for i in range(count))


def parted(text: str) -> Iterator[str]:
    """The parts of a text between the commas that are in no parentheses."""
    depth, start, quoted = 0, 0, False
    for i, character in enumerate(text):
        quoted ^= character == '"'
        depth += 0 if quoted else {"(": 1, ")": -1}.get(character, 0)
        if character == "," and not depth and not quoted:
            yield text[start:i].strip()
            start = i + 1
    yield text[start:].strip()
