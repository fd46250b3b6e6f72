"""Dates and times that DuckDB reads and writes by itself are those of the longer way."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pyarrow
import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.sql.emitter import zoned
from lakelet.sql.emitter.casts import cast
from lakelet.sql.emitter.comparison import key
from lakelet.sql.functions.binding import attempted
from lakelet.sql.functions.datetime import by_row, natively, patterns
from lakelet.sql.functions.registry import FUNCTIONS, NOT_CONSTANT, Call
from lakelet.types.model import BIGINT, VARCHAR
from lakelet.types.parsing import parse_type
from lakelet.types.zones import CYCLE
from tests.sql.shortcuts.answering import answered, emission

_EPOCH = datetime(1970, 1, 1)
_READ = (
    *("%Y-%m-%d %H:%i:%s", "%Y-%m-%d", "%d/%m/%Y", "%Y%m%d", "%Y%m%d%H%i%s", "%d/%b/%Y:%T"),
    *("%e.%c.%Y", "%Y-%m-%d %h:%i %p", "%Y-%m-%dT%H:%i:%s", "%c/%e/%Y %r", "%k:%i %d-%m-%Y"),
    *("%M %d %Y", "%Y-%m-%d %h:%i", "%m-%d", "%H:%i:%s", "%d%b%Y", "%Y %Y-%m-%d"),
)
_JODA = (
    *("yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSSZ", "yyyy-MM-dd'T'HH:mm:ssZZ", "d/M/yyyy"),
    *("dd/MMM/yyyy:HH:mm:ss Z", "yyyyMMddHHmmss", "yyyy-MM-dd'T'HH:mm:ss'Z'", "MMM d yyyy hh:mm a"),
    *("yyyyMd", "yyyy-MM-ddHH", "yyyy-MM-dd HH:mm:ssS", "hh:mma dd.MM.yyyy", "y/M/d H:m:s"),
)
_PIECES = (
    *(
        "2024",
        "1999",
        "0024",
        "12024",
        "24",
        "-5",
        "+7",
        "02",
        "2",
        "29",
        "30",
        "31",
        "12",
        "13",
        "00",
    ),
    *(
        "0",
        "59",
        "60",
        "23",
        "24",
        "Jan",
        "feb",
        "March",
        "MAY",
        "AM",
        "pm",
        "Pm",
        "+0200",
        "+02:00",
    ),
    *("Z", "-1900", "+1430", "123", "5", "123456", " ", "-", "/", ":", ".", "T", "", "x", "\n"),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDb]:
    engine = DuckDb(threads=1)
    yield engine
    engine.close()


def _moments(choose: random.Random, number: int) -> list[datetime]:
    span = 10**9
    days = [_EPOCH + timedelta(seconds=choose.randrange(-span, span)) for _ in range(number)]
    return [each.replace(microsecond=choose.randrange(10**6)) for each in days]


def _texts(language: str, pattern: str) -> list[str | None]:
    """Texts of a pattern, and what is left when they are spoilt."""
    choose = random.Random(pattern)
    found: list[str | None] = [None, ""]
    for moment in _moments(choose, 60):
        clock = (moment - _EPOCH) // timedelta(microseconds=1)
        offset = choose.choice((0, 60, -330, 840))
        text = by_row.write(language, clock, offset, "UTC", pattern)
        found.append(text)
        found += _spoilt(choose, (text,), 2)
    return found


def _same(engine: DuckDb, sql: str, slow: str, texts: list[str | None], least: int) -> None:
    """That two expressions answer the same, and fail (NULL here) of the same texts."""
    assert slow != sql
    found, expected = (
        answered(engine, f"CAST({attempted(each)} AS VARCHAR)", texts) for each in (sql, slow)
    )
    rows = zip(texts, found, expected, strict=True)
    assert [each for each in rows if each[1] != each[2]] == []
    assert sum(each is not None for each in found) >= least


@pytest.mark.parametrize(
    ("name", "pattern"),
    [*(("date_parse", each) for each in _READ), *(("parse_datetime", each) for each in _JODA)],
)
def test_patterns(engine: DuckDb, monkeypatch: pytest.MonkeyPatch, name: str, pattern: str) -> None:
    result, language = {
        "date_parse": ("timestamp(3)", "mysql"),
        "parse_datetime": ("timestamp(3) with time zone", "joda"),
    }[name]
    sql = emission(name, pattern, result=result)
    plain = natively.plain(by_row._tokens(language, pattern))
    monkeypatch.setattr(natively, "plain", lambda _: None)
    slow = emission(name, pattern, result=result)
    assert (plain is None) == (sql == slow)
    if plain is not None:
        _same(engine, sql, slow, _texts(language, pattern), 50)


def test_most_patterns_are_read_plainly() -> None:
    mysql = [pattern for pattern in _READ if natively.plain(patterns.mysql(pattern))]
    joda = [pattern for pattern in _JODA if natively.plain(patterns.joda(pattern))]
    assert (len(mysql), len(joda)) == (13, 10)


@pytest.mark.parametrize(
    "pattern",
    [
        *("%Y-%m-%d %H:%i:%s.%f", "%y %b %M %a %W %e %c %k %l %j", "100%% %p %r %T", "%x %v"),
        *("%d%%%Y\n'\"", "%Y"),
    ],
)
def test_date_format(engine: DuckDb, pattern: str) -> None:
    choose = random.Random(3)
    counts = [
        (each - _EPOCH) // timedelta(microseconds=1000) * 1000 for each in _moments(choose, 100)
    ]
    counts += [
        each * CYCLE // 100 + shift for each in range(-900, 2000, 97) for shift in (0, -1000)
    ]
    moments = pyarrow.array(counts, pyarrow.timestamp("us"))
    sql = emission("date_format", pattern, of="timestamp(3)")
    rows = pyarrow.table({"x": moments})
    found = engine.execute(f"SELECT {sql} AS y FROM rows", {"rows": rows}).read_all()
    assert found["y"].to_pylist() == [
        by_row.write("mysql", each, 0, "", pattern) for each in counts
    ]


_ISO = (
    *(
        "2024-02-29T01:02:03",
        "2024-02-29T01:02:03.1Z",
        "2024-02-29T01:02:03.123+05:30",
        "2024-02-29",
    ),
    *(
        "2024-02-29T01:02:03.1234Z",
        "2024-02-29T24:00:00Z",
        "2023-02-29",
        "2024-02-29T01:02:03.12-08:00",
    ),
    *(
        "2024-2-9T1:2:3",
        "2024-02-29t01:02:03z",
        "2024-02",
        "2024-W05-2",
        "T01:02",
        "0000-01-01T00:00:00",
    ),
    *("2023-02-29T01:02:03Z", "2024-04-30T23:59:59-00:00", "2024-04-31T01:02:03.5-13:59"),
    *("1900-12-28T00:00:00.007+14:00", "9999-12-31T23:59:59.999-13:30", "1001-01-01T00:00:00Z"),
    *("2024-02-29T01:02:60Z", "2024-02-29T01:02:03+19:00", "2024-02-29T01:02:03+00:00", "2024-060"),
)


@pytest.mark.parametrize("name", ["from_iso8601_timestamp", "from_iso8601_date"])
def test_iso_8601(engine: DuckDb, name: str) -> None:
    choose = random.Random(5)
    texts: list[str | None] = [None, *_ISO, *_spoilt(choose, _ISO, 60)]
    moment = name == "from_iso8601_timestamp"
    sql = emission(name, result="timestamp(3) with time zone" if moment else "date")
    slow = sql.replace("trino_iso_plain(x)", "NULL").replace("TRY_CAST(x AS DATE)", "NULL::DATE")
    _same(engine, sql, slow, texts, 100 if moment else 20)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns", "+05:30", "-00:30"])
def test_zones_that_are_constants(engine: DuckDb, zone: str) -> None:
    """They are in the text, where others are parts of a value."""
    of = parse_type("timestamp(3) with time zone")
    local = parse_type("timestamp(3)")
    choose = random.Random(zone)
    # Many about the last Sundays of March and October.
    moments = [
        choose.choice((1711846800, 1729990800)) + choose.randrange(-9000, 9000) for _ in range(300)
    ]
    moments += [choose.randrange(-3 * 10**9, 5 * 10**9) for _ in range(300)]
    texts = [None, *(str(_EPOCH + timedelta(seconds=at)) for at in moments)]
    fixed = f"trino_zoned(CAST(x AS TIMESTAMP), '{zone}')"
    given = f"struct_pack(instant := CAST(x AS TIMESTAMP), zone := '{zone}')"
    for write in (
        lambda sql: FUNCTIONS["hour"].emit(Call("hour", (sql,), (of,), BIGINT, (NOT_CONSTANT,))),
        lambda sql: cast(sql, of, VARCHAR),
        lambda sql: cast(sql, of, local),
        lambda sql: key(sql, of),
        lambda sql: FUNCTIONS["date_trunc"].emit(
            Call("date_trunc", ("'day'", sql), (VARCHAR, of), of, ("day", NOT_CONSTANT))
        ),
        lambda sql: FUNCTIONS["timezone_hour"].emit(
            Call("timezone_hour", (sql,), (of,), BIGINT, (NOT_CONSTANT,))
        ),
    ):
        found, expected = (
            answered(engine, f"CASE WHEN x IS NOT NULL THEN {write(each)} END", texts)
            for each in (fixed, given)
        )
        assert found == expected
    clock = zoned.of_clock("CAST(x AS TIMESTAMP)", f"'{zone}'", local)
    by_value = f"trino_zoned_clock(CAST(x AS TIMESTAMP), '{zone}')"
    assert answered(engine, clock, texts) == answered(engine, by_value, texts)


def _spoilt(choose: random.Random, texts: Sequence[str], times: int) -> Iterator[str]:
    for text in tuple(texts) * times:
        at, much = choose.randrange(len(text)), choose.randrange(3)
        yield text[:at] + choose.choice(_PIECES) + text[at + much :]


def test_casts_to_timestamp(engine: DuckDb) -> None:
    slow = (
        "CASE WHEN trino_zone_text(trim(x)) = ''"
        " OR trino_zone(trino_zone_text(trim(x))) IS NOT NULL"
        " THEN TRY_CAST(trino_timestamp_text(trino_before_zone(trim(x))) AS TIMESTAMP) END"
    )
    texts = [None, *_CAST, *_spoilt(random.Random(7), _CAST, 500)]
    _same(engine, "trino_try_varchar_to_timestamp(x)", slow, texts, 200)


_CAST = ("2024-02-29 01:02:03.123456", "2024-02-29", "2024-02-29 23:59:59", "0000-01-01 00:00:00.5")
