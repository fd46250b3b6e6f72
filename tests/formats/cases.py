"""Recorded tables: a folder each, with `case.json` and, for reading, the table's files in `data`.

`case.json` holds `about`; `ddl` (statements that make the table) and `partition_columns`
(partitions that have columns of their own in the catalogue, with `storage` also another format)
for a table that is read, `session` (Trino's session properties: Athena behaves as with
`hive.ignore_absent_partitions`), `steps` and `written` (the files that Trino wrote) for one that is
written; `queries`, each with `columns` and `rows` or with `error`; `keys`, of a file in `data` the
key that it has below the table's location where some system of files cannot hold it; and
`differs`, why ours is not Trino's answer. `${TABLE}` and `${LOCATION}` stand for the table and its
folder, the second in files too: symbolic links name others.

Values: double and real as texts, decimal, char, varchar, date, time and timestamp as Trino's
texts, varbinary as hex, a map as a list of pairs, a row as the list of its values.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    """A recorded table."""

    folder: Path
    document: Mapping[str, Any]

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def differs(self) -> str | None:
        return self.document.get("differs")

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The table's files: their keys below its location and their bytes."""
        data, keys = self.folder / "data", self.document.get("keys", {})
        for path in sorted(data.rglob("*")):
            if path.is_file():
                name = path.relative_to(data).as_posix()
                yield keys.get(name, name), path.read_bytes()


def places(keys: Collection[str]) -> dict[str, str]:
    """Of each key the name of its file in `data`: the key itself, unless Windows refuses it or
    another differs from it in case alone."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for number, key in enumerate(sorted(keys)):
        is_portable = not _REFUSED.search(key) and key.lower() not in taken
        found[key] = key if is_portable else f"key-{number}"
        taken.add(key.lower())
    return found


_REFUSED: Final = re.compile(r'[<>:"|?*\\\x00-\x1f]|[. ](/|$)')


def read() -> list[Case]:
    """All recorded tables."""
    return [
        Case(path.parent, json.loads(path.read_text("utf-8")))
        for path in sorted(CASES.glob("*/*/case.json"))
    ]


def write(case: Case, document: Mapping[str, Any]) -> None:
    """Keeps a case's changed document."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (case.folder / "case.json").write_text(f"{text}\n", "utf-8")
