"""JSON that DuckDB or orjson reads is answered as by the functions in Python that read all."""

import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError
from lakelet.sql.emitter.casts import cast
from lakelet.sql.emitter.json_casts import parsed_as
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.json import extraction, queries
from lakelet.sql.functions.registry import FUNCTIONS, NOT_CONSTANT, Call
from lakelet.types.json import dump
from lakelet.types.parsing import parse_type
from tests.sql.shortcuts.answering import answered, differences, emission

_NUMBERS = (
    *("0", "-0", "1", "-7", "12345", "9007199254740993", "1234567890123456789"),
    *("123456789012345678901234567890", "1.0", "1.5", "1.50", "0.1", "0.10", "-0.0", "-2.25"),
    *(
        "0.01",
        "0.001",
        "0.00012",
        "0.000001",
        "1e3",
        "1E-5",
        "1.5e300",
        "1e400",
        "2E23",
        "1234567.5",
    ),
    *("9999999.99999999999", "999999.9999999999", "12345678.5", "1234567890123.5", "100.0"),
    *("0.30000000000000004", "123456.78901234567", "4.9E-324", "0.000", "5.0e-1", "1."),
)
_STRINGS = (
    *(
        "",
        "a",
        "b c",
        "ä",
        "\U0001f600",
        "x" * 20,
        "1.50",
        "e5",
        "3e4",
        "null",
        "{",
        "}",
        "[1,2.50]",
    ),
    *('quo\\"te', "back\\\\slash", "new\\nline", "\\u0041", "\\u000b", "\\u001f", "\\ud83d\\ude00"),
    *("\\ud83d", "\\/", "\x7f", "\u2028", ",]", ":nan", '\\"a\\":1'),
)
_KEYS = ("a", "b", "A", "ä", "a b", "", "\\u0061", "c\\nd", "\U0001f600", "id")
_BROKEN = (
    "",
    " ",
    "{",
    "[1,]",
    "[1",
    "nan",
    "[NaN]",
    "-",
    "[-Infinity]",
    '{"a":1,}',
    "01",
    "1 2",
    "tru",
)


def _texts(seed: int, number: int) -> Iterator[str]:
    choose = random.Random(seed)
    for _ in range(number):
        text = _value(choose, choose.randrange(4))
        if choose.random() < 0.05:
            text = text[: choose.randrange(len(text) + 1)] + choose.choice(("", "x", "]", "}", " "))
        yield text
    yield from _BROKEN


def _value(choose: random.Random, depth: int) -> str:
    blank = choose.choice(("", "", "", " ", "\n", "\t "))
    kind = choose.random() if depth else choose.random() * 0.5
    if kind < 0.2:
        text = choose.choice(_NUMBERS)
    elif kind < 0.4:
        text = f'"{choose.choice(_STRINGS)}"'
    elif kind < 0.5:
        text = choose.choice(("true", "false", "null"))
    elif kind < 0.7:
        items = (_value(choose, depth - 1) for _ in range(choose.randrange(4)))
        text = f"[{','.join(items)}]"
    else:
        members = (
            f'"{choose.choice(_KEYS)}"{blank}:{_value(choose, depth - 1)}'
            for _ in range(choose.randrange(4))
        )
        text = f"{{{','.join(members)}}}"
    return blank + text + blank


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _parsed(text: str) -> str:
    """What `json_parse` is without a shortcut."""
    try:
        return dump(json.loads(text, parse_constant=_refuse))
    except ValueError:
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", text) from None


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDb]:
    engine = DuckDb(threads=1)
    yield engine
    engine.close()


@pytest.mark.parametrize("seed", range(3))
def test_json_parse(engine: DuckDb, seed: int) -> None:
    texts = [None, *_texts(seed, 400)]
    assert differences(engine, emission("json_parse", result="json"), _parsed, texts) == []


def test_json_parse_of_many_that_are_well_formed(engine: DuckDb) -> None:
    """They are written at once, be one of them nested deeper than orjson writes."""
    texts = [each for each in _texts(17, 600) if _is_json(each)]
    deep = [*texts[:50], "[" * 300 + "]" * 300, None, *texts[50:100]]
    for given in (texts, texts[:1], [None, *texts, None], deep):
        assert differences(engine, emission("json_parse", result="json"), _parsed, given) == []


def _is_json(text: str) -> bool:
    try:
        _parsed(text)
    except TrinoError:
        return False
    return True


@pytest.mark.parametrize("path", ["$", "$.a", "$.a.b", "$[0]", "$.a[1]", "$.id", '$["a b"]'])
@pytest.mark.parametrize("name", ["json_extract", "json_extract_scalar", "json_size"])
def test_paths(engine: DuckDb, name: str, path: str) -> None:
    slow = {
        "json_extract": extraction._extract,
        "json_extract_scalar": extraction._extract_scalar,
        "json_size": extraction._size,
    }[name]
    texts = [None, *_texts(len(path), 500)]
    sql = emission(name, path)
    assert differences(engine, sql, lambda text: slow(text, path), texts) == []


@pytest.mark.parametrize("path", ["lax $.a", "lax $.a.b", 'lax $."a b"', "lax $.id"])
@pytest.mark.parametrize("returning", ["varchar", "bigint", "double", "boolean"])
def test_json_value(engine: DuckDb, path: str, returning: str) -> None:
    sql, slow = _with_options("json_value", path, returning)
    texts = [None, *_texts(len(path) + len(returning), 400)]
    wrong = [
        each for each in differences(engine, sql, slow, texts) if not _same(returning, *each[1:])
    ]
    assert wrong == []


def _same(returning: str, expected: Any, given: Any) -> bool:
    """Whether two answers differ in how they spell a double that both mean."""
    if returning != "double" or expected["text"] is None or given["text"] is None:
        return False
    return expected["state"] == given["state"] and float(expected["text"]) == float(given["text"])


@pytest.mark.parametrize("path", ["lax $.a", "lax $.a.b", 'lax $."a b"', "lax $.id"])
@pytest.mark.parametrize("name", ["json_query", "json_exists"])
def test_json_query(engine: DuckDb, name: str, path: str) -> None:
    sql, slow = _with_options(name, path, "varchar")
    assert differences(engine, sql, slow, [None, *_texts(len(path), 400)]) == []


def _with_options(name: str, path: str, returning: str) -> tuple[str, Callable[[str], Any]]:
    """The SQL before the last cast, and the function."""
    options = {"passing": [], "on_empty": "NULL", "on_error": "NULL", "formats": []}
    options |= {"wrapper": "WITHOUT", "quotes": "KEEP"}
    written = json.dumps(options)
    types = tuple(map(parse_type, ("varchar", "varchar", "varchar", "varchar", "varchar")))
    call = Call(
        name,
        ("x", quote(path), quote(written), "NULL", "NULL"),
        types,
        parse_type(returning),
        (NOT_CONSTANT, path, written, None, None),
    )
    state = queries._value_state(call, options) if name == "json_value" else None
    sql = state or FUNCTIONS[name].emit(call)
    written = json.dumps({**options, "returning": returning})
    slow = {
        "json_value": queries._value,
        "json_query": queries._query,
        "json_exists": queries._exists,
    }[name]
    return sql, lambda text: slow(text, path, written, "[]")


@pytest.mark.parametrize("index", [0, 1, 2, 7])
def test_json_array_get(engine: DuckDb, index: int) -> None:
    texts = [None, *_texts(index, 500)]
    sql = emission("json_array_get", index)
    assert differences(engine, sql, lambda text: extraction._element(text, index), texts) == []


@pytest.mark.parametrize(
    ("wanted", "kind"), [(1, "bigint"), (0, "bigint"), ("a", "varchar"), ('quo"te', "varchar")]
)
def test_json_array_contains(engine: DuckDb, wanted: Any, kind: str) -> None:
    texts = [None, *_texts(3, 1500)]
    same = extraction._same_integer if kind == "bigint" else extraction._same_text
    sql = emission("json_array_contains", wanted, result="boolean")
    slow = extraction._contains(same)
    assert differences(engine, sql, lambda text: slow(text, wanted), texts) == []


_ROW = "row(a varchar, b double, id array(varchar))"


def test_casts_of_parsed_texts_to_rows(engine: DuckDb) -> None:
    target = parse_type(_ROW)
    direct = cast(parsed_as("x", target), parse_type("json"), target)
    slow = cast("trino_json_parse(x)", parse_type("json"), target).replace(
        "trino_json_row_at", "trino_json_row"
    )
    slow = re.sub(r"(trino_json_row\(.*?\]), \[.*?\]\)", r"\1)", slow)
    texts = [None, *(each for text in _texts(11, 12) for each in _rows_with(text))]
    given = [(each, _answer(engine, direct, each), _answer(engine, slow, each)) for each in texts]
    assert [each for each in given if each[1] != each[2]] == []
    assert sum(each[1] != "fails" for each in given) > 10


@pytest.mark.parametrize("kind", ["varchar", "bigint", "integer", "double"])
def test_casts_of_arrays(engine: DuckDb, kind: str) -> None:
    target = parse_type(f"array({kind})")
    direct = cast("x", parse_type("json"), target)
    assert f"trino_json_{kind}s(x)" in direct
    slow = direct.replace(f"trino_json_{kind}s(x)", "NULL")
    choose = random.Random(kind)
    items = (
        *("0", "1", "-7", "123456789", "1234567890", "-99999999999999999", "2.5", "-0.0", "0.1"),
        *('"a"', '""', '"ä,]"', '"[1"', '"1"', "true", "null", "1.0E10", "9223372036854775807"),
    )
    texts: list[str | None] = [None, "null", "[]", "7", '"[]"', "{}", "[[1]]"]
    for among in (items[:6], items[6:9], items[9:14], items, items):
        texts += [f"[{','.join(choose.choices(among, k=choose.randrange(4)))}]" for _ in range(60)]
    given = [(each, _answer(engine, direct, each), _answer(engine, slow, each)) for each in texts]
    assert [each for each in given if repr(each[1]) != repr(each[2])] == []
    assert sum(each[1] != "fails" for each in given) > 30


def _rows_with(text: str) -> Iterator[str]:
    yield text
    yield f'{{"a":{text},"b":2}}'
    yield f'{{"id":["x",1.50],"b":{text},"c":{{"d":{text}}}}}'
    yield f'{{"b":1.0E3,"id":{text},"A":0,"a":"q"}}'


def _answer(engine: DuckDb, sql: str, text: str | None) -> Any:
    try:
        return answered(engine, sql, [text])[0]
    except TrinoError:
        return "fails"
