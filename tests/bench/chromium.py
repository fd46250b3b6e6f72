"""A real Chromium: found on the PATH, else installed from Debian's packages."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 600


class NoBrowserError(Exception):
    """Why there is no browser."""


def found() -> str:
    """The program; raises NoBrowserError."""
    program = _program()
    if program is None:
        _install()
        program = _program()
    if program is None:
        raise NoBrowserError("Debian's chromium was installed, but is not on the PATH")
    return program


def _program() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


def _install() -> None:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise NoBrowserError("it is not on the PATH, and only root can install it, with apt-get")
    for command in ("update", "install -y --no-install-recommends chromium"):
        ran = subprocess.run(
            ["apt-get", "-q", *command.split()],
            capture_output=True, text=True, timeout=_SECONDS, check=False,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )  # fmt: skip
        if ran.returncode:
            raise NoBrowserError(f"apt-get {command}: {ran.stderr.strip()[-300:]}")


@contextmanager
def running(program: str) -> Iterator[Browser]:
    """A browser without a window; root may not use its sandbox."""
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=program, args=options)
        try:
            yield browser
        finally:
            browser.close()
