"""Strings that DuckDB trims by its quickest ways are trimmed as character by character."""

import random
from collections.abc import Iterator

import pytest

from lakelet.engines.duckdb import DuckDb
from tests.sql.shortcuts.answering import differences, emission

# Character.isWhitespace of Java.
_BLANKS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a"
    "\u2028\u2029\u205f\u3000"
)
_OTHERS = "ab!~\x7fä\u00a0\u2007\u202f\x1b\0\U0001f600"


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDb]:
    engine = DuckDb(threads=1)
    yield engine
    engine.close()


@pytest.mark.parametrize(
    ("name", "slow"),
    [
        ("trim", lambda text: text.strip(_BLANKS)),
        ("ltrim", lambda text: text.lstrip(_BLANKS)),
        ("rtrim", lambda text: text.rstrip(_BLANKS)),
    ],
)
def test_trim(engine: DuckDb, name: str, slow: object) -> None:
    choose = random.Random(name)
    letters = _BLANKS + 6 * " " + 3 * _OTHERS
    texts = [None, "", " ", "a", *_BLANKS, *_OTHERS]
    texts += ["".join(choose.choices(letters, k=choose.randrange(7))) for _ in range(3000)]
    assert differences(engine, emission(name), slow, texts) == []  # type: ignore[arg-type]
