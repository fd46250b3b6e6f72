"""Avro files of primitives: the columns of rugo and of blocks side by side are fastavro's rows,
whatever the bytes.

Values are told by fastavro reading the file by itself.
"""

import io
import random
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import fastavro
import pytest

import lakelet
from lakelet.errors import TrinoError
from lakelet.formats.avro import container, lanes, schemas
from tests.formats import lakes

_TYPES = {
    "b": "boolean",
    "i": "int",
    "l": "long",
    "d": "double",
    "s": "string",
    "y": "bytes",
    "ni": ["null", "int"],
    "ns": ["string", "null"],
}
_HIVE = "b boolean, i int, l bigint, d double, s string, y binary, ni int, ns string"


@pytest.fixture(scope="module")
def lake() -> Iterator[lakelet.Lake]:
    with lakes.named("avro", "athena") as made:
        yield made


@pytest.fixture(params=["rugo", "lanes", "fastavro"])
def _library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    _only(request.param, monkeypatch)


def _only(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in one of the ways."""
    if way != "rugo":
        monkeypatch.setitem(sys.modules, "rugo", None)
    if way == "fastavro":
        monkeypatch.setattr(lanes, "LEAST", sys.maxsize)


_answer = partial(lakes.rows, database="avro")


def _file(rows: list[dict[str, Any]], codec: str = "null", types: Any = None) -> bytes:
    fields = [{"name": name, "type": of} for name, of in (types or _TYPES).items()]
    schema = fastavro.parse_schema({"type": "record", "name": "r", "fields": fields})
    made = io.BytesIO()
    fastavro.writer(made, schema, rows, codec=codec, sync_interval=4000)
    return made.getvalue()


def _rows(count: int, seed: int) -> list[dict[str, Any]]:
    chosen = random.Random(seed)
    return [
        {
            "b": chosen.random() < 0.5,
            "i": chosen.choice([0, -1, 2**31 - 1, -(2**31)]),
            "l": chosen.choice([0, 2**63 - 1, -(2**63), 300]),
            "d": chosen.choice([-0.0, 1e300, float("inf"), 1.1]),
            "s": chosen.choice(["", "é" * 9, "a\0b", "\U0001f600"]),
            "y": chosen.choice([b"", b"\xff\x00"]),
            "ni": chosen.choice([None, 7]),
            "ns": chosen.choice([None, "", "x"]),
        }
        for _ in range(count)
    ]


def _table(lake: lakelet.Lake, data: bytes, columns: str = _HIVE) -> None:
    lake.storage.write("avro", "t/data", data)
    _answer(lake, "DROP TABLE IF EXISTS t")
    _answer(lake, f"CREATE EXTERNAL TABLE t ({columns}) STORED AS AVRO LOCATION 's3://avro/t/'")


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2"])
def test_values_are_those_that_were_written(lake: lakelet.Lake, codec: str) -> None:
    data = _file(_rows(5000, seed=1), codec)
    _table(lake, data, f"{_HIVE}, missing array<int>")
    expected: list[Any] = list(fastavro.reader(io.BytesIO(data)))
    assert _answer(lake, "SELECT * FROM t") == [(*row.values(), None) for row in expected]
    assert _answer(lake, "SELECT count(*), count(missing) FROM t") == [(5000, 0)]
    assert _answer(lake, "SELECT ns, i FROM t") == [(row["ns"], row["i"]) for row in expected]


@pytest.mark.usefixtures("_library")
def test_decimals_moments_and_bytes_as_texts(lake: lakelet.Lake) -> None:
    raw: dict[str, Any] = {"p": (-1234).to_bytes(2, "big", signed=True), "t": 1500, "f": 1.5}
    types = {"p": ["null", "bytes"], "t": "long", "y": "bytes", "f": "float"}
    rows = [{**raw, "y": b"a\xffb"}, {**raw, "p": None, "y": b""}]
    _table(lake, _file(rows, types=types), "p decimal(9,2), t timestamp, y string, f float")
    found = _answer(lake, "SELECT CAST(p AS varchar), CAST(t AS varchar), y, f FROM t")
    second = "1970-01-01 00:00:01.500"
    assert found == [("-12.34", second, "a\ufffdb", 1.5), (None, second, "", 1.5)]


@pytest.mark.usefixtures("_library")
def test_a_text_that_is_no_utf_8_is_refused_where_it_is_read(lake: lakelet.Lake) -> None:
    row = {**_rows(1, seed=2)[0], "s": "MARK", "i": 5}
    _table(lake, _file([row]).replace(b"MARK", b"\xff\xfe\xfd\xfc"))
    assert _answer(lake, "SELECT i FROM t") == [(5,)]
    with pytest.raises(TrinoError) as refused:
        _answer(lake, "SELECT s FROM t")
    assert refused.value.name == "HIVE_CURSOR_ERROR"


@pytest.mark.parametrize("size", [1 << 50, 1 << 62, -5])
def test_a_block_longer_than_its_file_is_refused(lake: lakelet.Lake, size: int) -> None:
    data = _file(_rows(8, seed=4))
    opened = io.BytesIO(data)
    container.header(opened)
    start = data[: opened.tell()] + container.encoded(8) + container.encoded(size)
    _table(lake, start + data[opened.tell() + 3 :])
    for columns in ("*", "count(*)"):
        with pytest.raises(TrinoError) as refused:
            _answer(lake, f"SELECT {columns} FROM t")
        assert refused.value.name == "HIVE_CURSOR_ERROR"


def test_wrong_bytes_are_what_fastavro_says(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = random.Random(3)
    head = len(_file([]))
    for seed in range(60):
        data = bytearray(_file(_rows(8, seed)))
        for _ in range(2):
            data[chosen.randrange(head + 3, len(data) - 16)] = chosen.choice([0, 1, 2, 128, 255])
        _table(lake, bytes(data))
        with monkeypatch.context() as without:
            ours = _told(lake)
            without.setitem(sys.modules, "rugo", None)
            assert ours == _told(lake)


@pytest.mark.parametrize("first", [True, False])
def test_many_blocks_are_read_side_by_side(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    _only("lanes", monkeypatch)
    monkeypatch.setattr(fastavro, "reader", None)  # it is not asked
    of = (lambda name: ["null", name]) if first else (lambda name: [name, "null"])
    types: dict[str, Any] = {"l": of("long"), "d": of("double"), "f": of("float"), "y": of("bytes")}
    chosen = random.Random(5)
    rows = [
        {
            "l": chosen.choice([None, 0, -1, 63, 64, -64, -65, 2**63 - 1, -(2**63)]),
            "d": chosen.choice([None, float("inf"), -0.0, 1e-300]),
            "f": chosen.choice([None, 1.5, -2.25]),
            "y": chosen.choice([None, b"", b"\xff" * 63, b"a" * 64, b"b" * 9000]),
        }
        for _ in range(chosen.randrange(400, 500))
    ]
    _table(lake, _file(rows, types=types), "l bigint, d double, f float, y binary")
    assert _answer(lake, "SELECT * FROM t") == [tuple(row.values()) for row in rows]
    assert _answer(lake, "SELECT y FROM t WHERE l = -65") == [
        (row["y"],) for row in rows if row["l"] == -65
    ]


def test_wrong_bytes_among_many_blocks_are_what_fastavro_says(
    lake: lakelet.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = random.Random(6)
    head = len(_file([]))
    whole = _file(_rows(3000, seed=7))
    answers = set()
    for _ in range(30):
        data = bytearray(whole)
        data[chosen.randrange(head + 3, len(data) - 16)] ^= 1 << chosen.randrange(8)
        _table(lake, bytes(data))
        told = []
        for way in ("lanes", "fastavro"):
            with monkeypatch.context() as patched:
                _only(way, patched)
                told.append(_told(lake))
        assert told[0] == told[1]
        answers.add(told[0])
    assert len(answers) > 2


def _told(lake: lakelet.Lake) -> str:
    try:
        return repr(_answer(lake, "SELECT * FROM t"))
    except TrinoError as refused:
        return refused.name


def _of_a(kind: str) -> str:
    return f'{{"type":"record","name":"r","fields":[{{"name":"a","type":{kind}}}]}}'


_BROKEN = [  # what a Trino 476 said of tables whose Glue parameters held them
    ('"string"', "Internal error"),
    ('["null","string"]', "Internal error"),
    ('{"type":"array","items":"int"}', "Internal error"),
    ('{"type":"fixed","name":"f","size":2}', "Internal error"),
    ("[]", "Internal error"),
    ("5", "Schema not yet supported: 5"),
    ("null", "Schema not yet supported: null"),
    ("{}", "No type: {}"),
    ('{"type":5}', 'No type: {"type":5}'),
    ('{"type":"record","name":"r"}', 'Record has no fields: {"type":"record","name":"r"}'),
    ('{"type":"record","fields":[]}', 'No name in schema: {"type":"record","fields":[]}'),
    ('{"type":"record","name":"r","fields":[5]}', "No field name: 5"),
    ('{"type":"record","name":"r","fields":[{"name":"a"}]}', 'No field type: {"name":"a"}'),
    (_of_a('{"type":"array"}'), 'Array has no items type: {"type":"array"}'),
    (_of_a('{"type":"map"}'), 'Map has no values type: {"type":"map"}'),
    (_of_a('{"type":"enum","name":"e"}'), 'Enum has no symbols: {"type":"enum","name":"e"}'),
    (_of_a('{"type":"fixed","name":"e"}'), 'Invalid or no size: {"type":"fixed","name":"e"}'),
    (_of_a('["int","int"]'), "Duplicate in union:int"),
    (_of_a('["null",["int"]]'), 'Nested union: ["null",["int"]]'),
]


@pytest.mark.parametrize(("literal", "message"), _BROKEN)
def test_a_table_whose_schema_is_none_is_told_so_in_trino_s_words(
    literal: str, message: str
) -> None:
    with pytest.raises(TrinoError) as failure:
        schemas.parsed(literal)
    assert (failure.value.name, failure.value.message) == ("GENERIC_INTERNAL_ERROR", message)


def test_a_schema_of_unknown_types_or_no_json_is_none() -> None:
    with pytest.raises(TrinoError, match="Unable to load or parse schema") as failure:
        schemas.parsed(_of_a('"nope"'))
    assert failure.value.name == "HIVE_CANNOT_OPEN_SPLIT"
    for literal in ("nope", "[" * 9000):
        with pytest.raises(TrinoError, match="JsonParseException") as failure:
            schemas.parsed(literal)
        assert failure.value.name == "GENERIC_INTERNAL_ERROR"


def test_the_schema_of_an_error_is_a_record_s() -> None:
    text = _of_a('"int"').replace("record", "error")
    assert schemas.parsed(text)["type"] == "record"
