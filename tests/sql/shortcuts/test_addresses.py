"""IP addresses that DuckDB reads and writes by itself, and networks that are constants."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError
from lakelet.sql.functions.registry import FUNCTIONS, NOT_CONSTANT, Call
from lakelet.sql.functions.text import networks
from lakelet.types.literals import address_text, packed_address
from lakelet.types.parsing import parse_type
from tests.sql.shortcuts.answering import differences


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDb]:
    engine = DuckDb(threads=1)
    yield engine
    engine.close()


def _packed(text: str) -> bytes:
    try:
        return packed_address(text)
    except ValueError:
        raise TrinoError("INVALID_CAST_ARGUMENT", text) from None


def _texts(choose: random.Random) -> Iterator[str]:
    for _ in range(600):
        yield ".".join(
            str(choose.choice((0, 1, 9, 10, 99, 100, 199, 249, 250, 255))) for _ in "1234"
        )
    for _ in range(60):
        parts = [
            choose.choice(("0", "00", "01", "256", "300", "-1", "", "1 ", "a", "5")) for _ in "1234"
        ]
        yield ".".join(parts[: choose.randrange(1, 5)])
    yield from (
        "::",
        "::1",
        "::ffff:1.2.3.4",
        "2001:db8::1",
        "1.2.3.4.5",
        "1.2.3.4\n",
        "::ffff:1:2",
    )


def _addresses(choose: random.Random) -> list[Any]:
    mapped = bytes(10) + b"\xff\xff"
    found = [mapped + choose.randbytes(4) for _ in range(300)]
    found += [
        choose.choice((bytes(12), bytes(8), b"\x20\x01")) + choose.randbytes(4) for _ in range(300)
    ]
    near = (choose.randrange(-3, 3) for _ in range(300))
    base = int.from_bytes(mapped + b"\x0a\0\0\0")
    found += [(base + choose.choice((0, 1 << 24, 1 << 16)) + each).to_bytes(16) for each in near]
    return [None, *(each.ljust(16, b"\x01") for each in found)]


def test_addresses_are_read(engine: DuckDb) -> None:
    texts = [None, *_texts(random.Random(1))]
    assert differences(engine, "trino_varchar_to_ipaddress(x)", _packed, texts) == []


def test_addresses_are_written(engine: DuckDb) -> None:
    given = _addresses(random.Random(2))
    assert differences(engine, "trino_ipaddress_to_varchar(x)", address_text, given) == []


@pytest.mark.parametrize(
    "network", ["10.0.0.0/8", "10.1.0.0/16", "10.0.0.1/32", "0.0.0.0/0", "2001::/16", "::/0"]
)
def test_networks_hold_addresses(engine: DuckDb, network: str) -> None:
    types = (parse_type("varchar"), parse_type("ipaddress"))
    call = Call(
        "contains", (f"'{network}'", "x"), types, parse_type("boolean"), (network, NOT_CONSTANT)
    )
    sql = FUNCTIONS["contains"].emit(call)
    assert "trino_network_contains" not in sql
    given = _addresses(random.Random(network))
    assert differences(engine, sql, lambda each: networks._contains(network, each), given) == []
