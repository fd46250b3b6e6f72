"""Files that a bench reads and writes."""

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from lakelet.errors import LakeletError


def read(path: Path) -> bytes:
    """What is in a file; raises LakeletError where that can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise LakeletError(f"{path} can't be read: {error.strerror}") from error


def text(path: Path) -> str:
    """A file's text in UTF-8, whatever its line ends are; raises LakeletError."""
    try:
        return read(path).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise LakeletError(f"{path} can't be read: it is no text in UTF-8") from error


def write(path: Path, content: bytes) -> None:
    """Writes a file: another reader sees the old one or the new one. Raises LakeletError."""
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as error:
        raise LakeletError(f"{path} can't be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            beside.unlink()
