"""Base 64 that DuckDB reads is read as by Python's library."""

import random
from collections.abc import Iterator

import pyarrow
import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.sql.functions.registry import UDFS
from tests.sql.shortcuts.answering import differences, emission


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDb]:
    engine = DuckDb(threads=1)
    yield engine
    engine.close()


@pytest.mark.parametrize("name", ["from_base64", "from_base64url"])
def test_from_base64(engine: DuckDb, name: str) -> None:
    choose = random.Random(name)
    slow = UDFS[f"trino_{name}"].load()

    def expected(text: str) -> bytes:
        found: bytes = slow(pyarrow.array([text.encode()], pyarrow.binary()))[0].as_py()
        return found

    letters = "AQgwEIMz09+/_-" + "=" * 3
    texts: list[str | None] = [None, "", "====", "QUJD\n", "ä"]
    for _ in range(1500):
        texts.append("".join(choose.choice(letters) for _ in range(choose.randrange(10))))
    for _ in range(1500):
        digits = choose.choice((letters[:10], letters[:12], letters[:10] + "_-"))
        text = "".join(choose.choice(digits) for _ in range(choose.randrange(14)))
        texts.append(text + choose.choice(("", "=" * (-len(text) % 4))))
    sql = emission(name, result="varbinary")
    sound = [each for each in texts if each is None or _is_sound(expected, each)]
    assert len(sound) > 500
    assert differences(engine, sql, expected, sound) == []
    unsound = [each for each in texts if each not in sound][:150]
    assert differences(engine, sql, expected, unsound) == []


def _is_sound(function: object, text: str) -> bool:
    from lakelet.errors import TrinoError

    try:
        function(text)  # type: ignore[operator]
    except TrinoError:
        return False
    return True
