"""Folders of text: packed files, broken ones, hidden ones, headers and footers."""

import random
from typing import Final

from tests.formats.fuzz.making import PACKED, Made, chunks, create, queries, quoted, serde, some

_LINES: Final = ("1,a", "2,b", "3,", "", "4,größer", "5", "x,y,z", ",", '6,"q"', "7,\\N", " 8, c ")
_ENDS: Final = ("\n", "\n", "\n", "\r\n", "\r")
_FOLDERS: Final = ("", "", "", "", "sub/", "_sub/", ".sub/", "sub/deep/", "_t/sub/", "a=1/")
_NAMES: Final = ("a", "b", "c", "a", "b", "_a", ".a", "a.csv", "a.b", "a b", "a%20b", "_", "é")
_STORED: Final = (
    *("ROW FORMAT DELIMITED FIELDS TERMINATED BY ','\nSTORED AS TEXTFILE",) * 3,
    serde("org.apache.hadoop.hive.serde2.OpenCSVSerde"),
    serde("org.apache.hadoop.hive.serde2.RegexSerDe", {"input.regex": "([^,]*),?(.*)"}),
)
_SKIPPED: Final = ("1", "1", "2", "3", "0", "10")


def packed(given: random.Random) -> Made:
    """Files whose extensions are those of what packed them, or are not; some are cut off."""
    files = {}
    for _ in range(given.randint(1, 3)):
        extension = given.choice(list(PACKED))
        data = _packed(given, given.choice(list(PACKED)) if given.random() < 0.1 else extension)
        upper = given.random() < 0.08
        name = given.choice(("a", "b", "c")) + (extension.upper() if upper else extension)
        files[name] = _broken(given, data) if given.random() < 0.15 else data
    return _made(given, files, f"packed: {', '.join(files)}")


def folders(given: random.Random) -> Made:
    """Names that are hidden, empty files and folders in folders."""
    files: dict[str, bytes] = {}
    for _ in range(given.randint(1, 5)):
        key = given.choice(_FOLDERS) + given.choice(_NAMES)
        if not any(each.startswith(f"{key}/") or key.startswith(f"{each}/") for each in files):
            files[key] = b"" if given.random() < 0.2 else _text(given)
    return _made(given, files, f"folders: {', '.join(files)}")


def _text(given: random.Random) -> bytes:
    end = given.choice(_ENDS)
    text = end.join(some(given, _LINES, 0, 6)) + given.choice((end, end, "", f"{end}{end}"))
    return (("\ufeff" if given.random() < 0.05 else "") + text).encode()


def _packed(given: random.Random, extension: str) -> bytes:
    pack = PACKED[extension]
    text = _text(given)
    several = given.random() < 0.4
    return b"".join(map(pack, chunks(text, given))) if several else pack(text)


def _broken(given: random.Random, data: bytes) -> bytes:
    way = given.randrange(4)
    if way == 0:
        return data[: given.randrange(len(data) + 1)]
    if way == 1:
        return data + given.choice((b"\0", b"\0" * 600, b"garbage", b"\n", b"\xff\xff"))
    if way == 2:
        at = given.randrange(len(data)) if data else 0
        return data[:at] + bytes([given.randrange(256)]) + data[at + 1 :]
    return b""


def _made(given: random.Random, files: dict[str, bytes], about: str) -> Made:
    properties = {}
    if given.random() < 0.4:
        properties["skip.header.line.count"] = given.choice(_SKIPPED)
    if given.random() < 0.2:
        properties["skip.footer.line.count"] = given.choice(_SKIPPED)
    stored = given.choice(_STORED)
    first = "string" if "Serde" in stored else given.choice(("int", "string"))
    document = {
        "about": about,
        "ddl": [create((("c0", first), ("c1", "string")), stored, properties=properties)],
        "queries": queries(
            "SELECT c0, c1 FROM ${TABLE}",
            "SELECT count(*) FROM ${TABLE}",
            'SELECT "$path", count(*) FROM ${TABLE} GROUP BY 1',
            f"SELECT c1 FROM ${{TABLE}} WHERE c1 = {quoted('a')}",
        ),
    }
    return Made("folders", document, files)


FAMILIES: Final = {"packed": packed, "folders": folders}
