"""URLs and their escapes are read by DuckDB as by Python's library."""

import random
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_plus

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.text import url
from tests.sql.shortcuts.answering import answered, differences, emission

_PARTS = (
    *("a", "Z", "0", "-", "_", ".", "*", "~", " ", "+", "%20", "%2B", "%2b", "%41", "%00", "%7F"),
    *("%C3%A4", "%c3%a4", "%E2%82%AC", "%F0%9F%98%80", "%C3", "%A4", "%FF", "%C0%80", "%ED%A0%80"),
    *(
        "%F4%90%80%80",
        "%E0%80%80",
        "ä",
        "€",
        "\U0001f600",
        "\x00",
        "\n",
        "!",
        "'",
        "(",
        "&",
        "=",
        "#",
    ),
    *("user=", "user", "&user=1", "?", "/", ":", "@", "\\", '"', "user=a+b%20c&"),
)
_BAD = ("%", "%4", "%zz", "%G0", "%0G")
_BEGINS = (
    "http://",
    "https://h.example.com:80/p?",
    "//a.b/",
    "mailto:",
    "/x?",
    "",
    "http://u@[::1]:9/?",
)


def _texts(seed: int, number: int, *, bad: bool) -> list[str | None]:
    choose = random.Random(seed)
    parts = (*_PARTS, *_BAD) if bad else _PARTS
    return [
        None,
        "",
        *("".join(choose.choice(parts) for _ in range(choose.randrange(7))) for _ in range(number)),
    ]


def _urls(seed: int, number: int) -> list[str]:
    choose = random.Random(seed)
    texts = _texts(seed, number, bad=True)
    return [choose.choice(_BEGINS) + (each or "") for each in texts]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDb]:
    engine = DuckDb(threads=1)
    yield engine
    engine.close()


def test_url_encode(engine: DuckDb) -> None:
    texts = [*_texts(1, 3000, bad=True), *map(chr, range(0x180))]

    def encoded(text: str) -> str:
        return quote_plus(text, safe="*").replace("~", "%7E")

    assert differences(engine, emission("url_encode"), encoded, texts) == []


def test_url_decode(engine: DuckDb) -> None:
    def decoded(text: str) -> str:
        url._check_escapes(text)
        return url.unescaped(text.replace("+", " "))

    sql = emission("url_decode")
    assert differences(engine, sql, decoded, _texts(2, 3000, bad=False)) == []
    assert differences(engine, sql, decoded, _texts(3, 100, bad=True)) == []


_SCHEME = "[A-Za-z][A-Za-z0-9+.-]*"
_RAW = {
    "path": rf"(?:{_SCHEME}:)?(?://[^/?#]*)?([^?#]*)",
    "query": r"[^?#]*\?([^#]*)",
    "fragment": r"[^#]*#(.*)",
}


def _raw(uri: str, part: str) -> str:
    """A part of a URI with its escapes."""
    opaque = part != "fragment" and re.match(f"{_SCHEME}:[^/]", uri)
    match = None if opaque else re.match(_RAW[part], uri, re.DOTALL)
    return match[1] if match else ""


@pytest.mark.parametrize("part", ["path", "query", "fragment"])
def test_parts(engine: DuckDb, part: str) -> None:
    _same(engine, _urls(4, 3000), part, emission(f"url_extract_{part}"), url.unescaped)


def test_parameters(engine: DuckDb) -> None:
    def parameter(query: str) -> str | None:
        for each in query.split("&"):
            name, _, value = each.partition("=")
            if each and name == "user":
                return url.unescaped(value.replace("+", " "))
        return None

    sql = emission("url_extract_parameter", "user")
    _same(engine, _urls(5, 5000), "query", sql, parameter)


def _same(
    engine: DuckDb, urls: list[str], part: str, sql: str, function: Callable[[str], Any]
) -> None:
    uris = answered(engine, "trino_is_uri(x)", urls)
    assert sum(uris) > len(urls) / 10
    expected = [
        function(_raw(each, part)) if uri else None for each, uri in zip(urls, uris, strict=True)
    ]
    found = answered(engine, sql, urls)
    rows = zip(urls, found, expected, strict=True)
    assert [each for each in rows if each[1] != each[2]] == []


def test_hosts(engine: DuckDb) -> None:
    urls = [
        *_urls(6, 3000),
        "http://10.0.0.1/",
        "http://a-b.c-d:1",
        "http://-a.b",
        "x://h.",
        "x://1",
    ]
    pattern = quote("^" + url._SERVER + "$")
    authority = "trino_url_authority(x)"
    slow = (
        f"CASE WHEN trino_is_uri(x) THEN CASE WHEN regexp_full_match({authority},"
        f" {quote(url._SERVER)}) THEN regexp_extract({authority}, {pattern}, 1) ELSE '' END END"
    )
    assert answered(engine, emission("url_extract_host"), urls) == answered(engine, slow, urls)


@pytest.mark.parametrize("part", [1, 2])
def test_hosts_with_ports(engine: DuckDb, part: int) -> None:
    choose = random.Random(part)
    pieces = ("a", "Z9", "-", ".", "1", ":", ":80", "@", "[::1]", "10.0.0.1", "example.com", "9a")
    texts = [
        *(f"//{''.join(choose.choices(pieces, k=choose.randrange(5)))}/" for _ in range(3000)),
    ]
    whole = quote(f"^{url._SERVER}$")
    slow = f"regexp_extract(trino_url_authority(x), {whole}, {part})"
    engine.prepare(slow)
    assert answered(engine, f"trino_url_server(x, {part})", texts) == answered(engine, slow, texts)
