"""Base 64 that DuckDB reads is read as by Python's library."""

import hmac
import random
from collections.abc import Iterator

import pyarrow
import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.sql.functions.registry import FUNCTIONS, NOT_CONSTANT, UDFS, Call
from lakelet.types.parsing import parse_type
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


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize("key", [b"k", b"\0\xff" * 20, b"x" * 64, b"y" * 65, b"z" * 200])
def test_hmac_with_a_constant_key(engine: DuckDb, name: str, key: bytes) -> None:
    of = parse_type("varbinary")
    written = f"from_hex('{key.hex()}')"
    call = Call(f"hmac_{name}", ("x", written), (of, of), of, (NOT_CONSTANT, key))
    sql = FUNCTIONS[f"hmac_{name}"].emit(call)
    choose = random.Random(name)
    given = [None, b"", *(choose.randbytes(choose.randrange(200)) for _ in range(300))]
    assert differences(engine, sql, lambda data: hmac.digest(key, data, name), given) == []


def _is_sound(function: object, text: str) -> bool:
    from lakelet.errors import TrinoError

    try:
        function(text)  # type: ignore[operator]
    except TrinoError:
        return False
    return True
