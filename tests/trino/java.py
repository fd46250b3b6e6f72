"""A Java that is new enough, among those this machine has."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

_INSTALLED = (
    "/usr/lib/jvm/*",
    "/usr/local/lib/jvm/*",
    "/opt/java/*",
    "/opt/jdk*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
    "~/.local/share/mise/installs/java/*",
)
"""Where packages and version managers put a Java's home."""

_VERSION = re.compile(r'^JAVA_VERSION="(\d+)', re.MULTILINE)


def java(least: int) -> Path | None:
    """The first home of at least a version: JAVA_HOME, the PATH's, then the newest installed."""
    for home in _homes():
        if (_version(home) or 0) >= least:
            return home / "bin" / "java"
    return None


def _homes() -> Iterator[Path]:
    if told := os.environ.get("JAVA_HOME"):
        yield Path(told)
    if found := shutil.which("java"):
        yield Path(found).resolve().parent.parent
    homes = (home for pattern in _INSTALLED for home in _matching(Path(pattern).expanduser()))
    yield from sorted(homes, key=lambda home: _version(home) or 0, reverse=True)


def _matching(pattern: Path) -> Iterator[Path]:
    """The paths of a glob, from its root on."""
    yield from Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))


def _version(home: Path) -> int | None:
    """What the home's own `release` file says; None where there is no Java."""
    try:
        said = _VERSION.search((home / "release").read_text())
    except OSError:
        return None
    return int(said[1]) if said and (home / "bin" / "java").exists() else None
