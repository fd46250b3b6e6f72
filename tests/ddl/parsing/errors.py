"""The recorded statements: each with Hive's message, '' where it parses, and sometimes why ours is
another."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql.statements import hive
from lakelet.sql.statements.model import Unreadable

_FILE: Final = Path(__file__).with_name("errors.json")
_START: Final = "FAILED: ParseException "


@dataclass(frozen=True, slots=True)
class Error:
    """A statement and Hive's message of it."""

    statement: str
    message: str
    differs: str | None = None


def read() -> list[Error]:
    """All recorded statements."""
    return [Error(**each) for each in json.loads(_FILE.read_text("utf-8"))]


def write(errors: list[Error]) -> None:
    """Keeps recorded statements."""
    told = [{k: v for k, v in asdict(each).items() if v is not None} for each in errors]
    _FILE.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")


def ours(statement: str) -> str:
    """What lakelet's parser says of a statement; '' where it reads it."""
    try:
        found = hive.read(statement)
    except TrinoError as failure:
        return failure.message
    return found.error.message.removeprefix(_START) if isinstance(found, Unreadable) else ""
