"""Trino's server from Maven's registry, unpacked once: its own libraries and a few plugins."""

import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

VERSION = "476"
PLUGINS = ("hive", "iceberg", "tpch")

_NAME = f"trino-server-{VERSION}.tar.gz"
_PLACE = f"io/trino/trino-server/{VERSION}/{_NAME}"
_FETCH_SECONDS = 840


class Unavailable(Exception):  # noqa: N818 - what is so, not what broke
    """No Trino can be had here; the text says why."""


def server() -> Path:
    """The folder of an unpacked server with `PLUGINS`. Raises `Unavailable`."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lakelet"
    folder = cache / f"trino-{VERSION}-{'-'.join(PLUGINS)}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=cache))
        try:
            _unpack(_tarball(scratch), scratch / "unpacked")
            # Another process may have been first: either folder is whole.
            if not folder.exists():
                (scratch / "unpacked" / f"trino-server-{VERSION}").rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _tarball(scratch: Path) -> Path:
    """Maven's local repository has it, or mvn fetches it, or its settings say from where."""
    local = Path.home() / ".m2" / "repository" / _PLACE
    if local.exists():
        return local
    maven = shutil.which("mvn")
    if maven is None:
        return _downloaded(scratch / _NAME)
    goal = [
        "dependency:copy",
        f"-Dartifact=io.trino:trino-server:{VERSION}:tar.gz",
        f"-DoutputDirectory={scratch}",
    ]
    done = subprocess.run(
        [maven, "-q", "-B", *goal],
        capture_output=True,
        text=True,
        timeout=_FETCH_SECONDS,
        check=False,
    )
    if not (scratch / _NAME).exists():
        raise Unavailable(f"mvn {goal[0]} failed: {(done.stdout + done.stderr).strip()[-500:]}")
    return scratch / _NAME


def _downloaded(to: Path) -> Path:
    """From the mirror that Maven's settings name."""
    settings = Path.home() / ".m2" / "settings.xml"
    if not settings.exists():
        raise Unavailable(f"no mvn on the PATH, and no {settings} that names a mirror")
    try:
        found = ElementTree.parse(settings).iterfind(".//{*}mirror/{*}url")
    except ElementTree.ParseError as error:
        raise Unavailable(f"{settings} can't be read: {error}") from error
    mirrors = [each.text for each in found]
    for mirror in mirrors:
        try:
            with (
                urllib.request.urlopen(f"{str(mirror).rstrip('/')}/{_PLACE}") as answer,
                to.open("wb") as file,
            ):
                shutil.copyfileobj(answer, file)
            return to
        except (urllib.error.URLError, OSError):
            continue
    raise Unavailable(f"no mirror of {settings} has {_PLACE}")


def _unpack(tarball: Path, to: Path) -> None:
    """Only what is run. Plugins share their libraries by links, so a link's target comes along."""
    top = f"trino-server-{VERSION}"
    wanted = (f"{top}/lib/", f"{top}/bin/", *(f"{top}/plugin/{name}/" for name in PLUGINS))
    with tarfile.open(tarball) as archive:
        members = archive.getmembers()
        targets = {each.linkname for each in members if each.name.startswith(wanted)}
        chosen = [each for each in members if each.name.startswith(wanted) or each.name in targets]
        archive.extractall(to, _files_before_links(chosen), filter="tar")
    for plugin in (to / top / "plugin").iterdir():
        if plugin.name not in PLUGINS:
            shutil.rmtree(plugin)


def _files_before_links(members: Sequence[tarfile.TarInfo]) -> list[tarfile.TarInfo]:
    return sorted(members, key=lambda each: each.islnk())
