"""Where the server's tarball comes from without mvn: the mirrors of Maven's settings."""

import io
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.trino import tarball

TOP = f"trino-server-{tarball.VERSION}"
SETTINGS = """<?xml version="1.0"?>
<settings xmlns="urn:settings"><mirrors>{}</mirrors></settings>
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without Maven."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    """A repository on loopback that has the tarball."""
    place = tmp_path / "repository" / tarball._PLACE
    place.parent.mkdir(parents=True)
    with tarfile.open(place, "w:gz") as archive:
        for name in (
            "lib/main.jar",
            "bin/launcher",
            "plugin/mysql/own.jar",
            "plugin/jmx/shared.jar",
        ):
            member = tarfile.TarInfo(f"{TOP}/{name}")
            member.size = len(name)
            archive.addfile(member, io.BytesIO(name.encode()))
        for plugin in tarball.PLUGINS:
            link = tarfile.TarInfo(f"{TOP}/plugin/{plugin}/shared.jar")
            link.type, link.linkname = tarfile.LNKTYPE, f"{TOP}/plugin/jmx/shared.jar"
            archive.addfile(link)
    handler = partial(_Quiet, directory=str(tmp_path / "repository"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


def settle(home: Path, *urls: str) -> None:
    mirrors = "".join(f"<mirror><id>m</id><url>{url}</url></mirror>" for url in urls)
    (home / ".m2").mkdir()
    (home / ".m2/settings.xml").write_text(SETTINGS.format(mirrors))


@pytest.mark.parametrize("ending", ["", "/"])
def test_the_first_mirror_that_has_it_is_taken(home: Path, mirror: str, ending: str) -> None:
    settle(home, f"{mirror}/nothing", f"{mirror}{ending}")
    folder = tarball.server()
    assert sorted(path.name for path in (folder / "plugin").iterdir()) == sorted(tarball.PLUGINS)
    assert (folder / "plugin/hive/shared.jar").read_text() == "plugin/jmx/shared.jar"
    assert (folder / "lib/main.jar").exists()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_what_was_unpacked_is_found_again(home: Path, mirror: str) -> None:
    settle(home, mirror)
    folder = tarball.server()
    (home / ".m2/settings.xml").unlink()
    assert tarball.server() == folder


@pytest.mark.parametrize("urls", [(), ("{}/nothing",), ("http://127.0.0.1:1",)])
def test_no_mirror_that_has_it_is_a_reason_to_skip(
    home: Path, mirror: str, urls: tuple[str, ...]
) -> None:
    settle(home, *(url.format(mirror) for url in urls))
    with pytest.raises(tarball.Unavailable, match="no mirror of"):
        tarball.server()
    assert list((home / "cache/lakelet").iterdir()) == []


def test_no_settings_are_a_reason_to_skip(home: Path) -> None:
    with pytest.raises(tarball.Unavailable, match="no mvn on the PATH"):
        tarball.server()


def test_settings_that_are_no_xml_are_a_reason_to_skip(home: Path) -> None:
    (home / ".m2").mkdir()
    (home / ".m2/settings.xml").write_text("<settings>")
    with pytest.raises(tarball.Unavailable, match="can't be read"):
        tarball.server()
