"""Partition projection: what Athena's guide says of each kind of key.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from lakelet.catalog.projection import partitions
from lakelet.errors import TrinoError
from lakelet.model import Column, Domain, StorageDescriptor, Table

NOW = datetime(2021, 3, 31, 12, 30)


def table(properties: dict[str, str], *keys: tuple[str, str]) -> Table:
    columns = tuple(Column(name, of) for name, of in keys)
    given = {"projection.enabled": "true", **properties}
    return Table("db", "t", StorageDescriptor((), "s3://bucket/t/"), columns, given)


def values(given: Table, **domains: Domain) -> list[Any]:
    found = partitions(given, domains, "athena", NOW)
    return [each.values[0] if len(each.values) == 1 else each.values for each in found]


def one(of: str, **properties: str) -> Table:
    named = {f"projection.k.{name.replace('_', '.')}": value for name, value in properties.items()}
    return table(named, ("k", of))


def test_enums_keep_their_spaces() -> None:
    assert values(one("string", type="enum", values="A,B, C,D")) == ["A", "B", " C", "D"]


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"range": "0,10", "interval": "5"}, ["0", "5", "10"]),
        ({"range": "-2,1"}, ["-2", "-1", "0", "1"]),
        ({"range": "-100,5001", "interval": "2500"}, ["-100", "2400", "4900"]),
        ({"range": "8,11", "digits": "3"}, ["008", "009", "010", "011"]),
        ({"range": "0001,0003"}, ["1", "2", "3"]),
    ],
)
def test_integers(properties: dict[str, str], expected: list[str]) -> None:
    assert values(one("int", type="integer", **properties)) == expected


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"range": "201812,201902", "format": "yyyyMM"}, ["201812", "201901", "201902"]),
        (
            {"range": "01-02-2020,04-02-2020", "format": "dd-MM-yyyy"},
            ["01-02-2020", "02-02-2020", "03-02-2020", "04-02-2020"],
        ),
        (
            {"range": "NOW-2YEARS,NOW", "format": "yyyy", "interval_unit": "YEARS"},
            ["2019", "2020", "2021"],
        ),
        (
            {"range": "NOW-1MONTHS,NOW+1DAY", "format": "yyyy-MM-dd", "interval": "15"},
            ["2021-02-28", "2021-03-15", "2021-03-30"],
        ),
        (
            {"range": "NOW-2HOURS,NOW", "format": "yyyy/MM/dd/HH", "interval_unit": "HOURS"},
            ["2021/03/31/10", "2021/03/31/11", "2021/03/31/12"],
        ),
        (
            {"range": "2020-01-31,2020-04-30", "format": "yyyy-MM-dd", "interval_unit": "MONTHS"},
            ["2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30"],
        ),
        (
            {"range": "2020-01-01,2020-01-20", "format": "yyyy-MM-dd", "interval_unit": "WEEKS"},
            ["2020-01-01", "2020-01-08", "2020-01-15"],
        ),
        (
            {"range": "Jan 2020,Mar 2020", "format": "MMM yyyy"},
            ["Jan 2020", "Feb 2020", "Mar 2020"],
        ),
        (
            {"range": "day 1 of 1,day 3 of 1", "format": "'day' d 'of' M"},
            ["day 1 of 1", "day 2 of 1", "day 3 of 1"],
        ),
    ],
)
def test_dates(properties: dict[str, str], expected: list[str]) -> None:
    assert values(one("string", type="date", **properties)) == expected


def test_a_condition_computes_only_what_it_asks_for() -> None:
    every_second = one(
        "string",
        type="date",
        range="1900-01-01 00:00:00,NOW",
        format="yyyy-MM-dd HH:mm:ss",
        interval="1",
        interval_unit="SECONDS",
    )
    asked = "2020-02-03 04:05:06"
    assert values(every_second, k=Domain((asked, "1800-01-01 00:00:00", "no"))) == [asked]
    near = Domain(low="2020-02-03 04:05:06", high="2020-02-03 04:05:08")
    assert values(every_second, k=near) == [f"2020-02-03 04:05:0{each}" for each in (6, 7, 8)]
    many = one("bigint", type="integer", range="0,9000000000000000000")
    assert values(many, k=Domain((77, -1))) == ["77"]
    assert values(many, k=Domain(low=8999999999999999999)) == [
        "8999999999999999999",
        "9000000000000000000",
    ]


def test_texts_that_do_not_order_as_their_numbers_are_looked_through() -> None:
    numbers = one("string", type="integer", range="8,11")
    assert values(numbers, k=Domain(low="9")) == ["8", "9", "10", "11"]
    assert values(numbers, k=Domain(("10", "010"))) == ["10"]


def test_injected_keys_need_their_values() -> None:
    devices = one("string", type="injected")
    assert values(devices, k=Domain(("a/b", "c"))) == ["a/b", "c"]
    with pytest.raises(TrinoError, match="must contain only static equality conditions") as caught:
        values(devices)
    assert caught.value.name == "CONSTRAINT_VIOLATION"


def test_places() -> None:
    both = table(
        {
            "projection.r.type": "enum",
            "projection.r.values": "us,a/b",
            "projection.n.type": "integer",
            "projection.n.range": "1,2",
        },
        ("r", "string"),
        ("n", "int"),
    )
    found = [each.storage.location for each in partitions(both, {}, "athena", NOW)]
    assert found == [
        "s3://bucket/t/r=us/n=1/",
        "s3://bucket/t/r=us/n=2/",
        "s3://bucket/t/r=a%2Fb/n=1/",
        "s3://bucket/t/r=a%2Fb/n=2/",
    ]
    template = {"storage.location.template": "s3://other/${r}/x${n}/"}
    moved = replace(both, parameters={**both.parameters, **template})
    placed = [each.storage.location for each in partitions(moved, {}, "athena", NOW)]
    assert placed[0] == "s3://other/us/x1/"
    assert placed[3] == "s3://other/a/b/x2/"


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({}, "the following partition columns are missing projection configuration: [k]"),
        ({"type": "list"}, "Unknown projection type: 'list'"),
        ({"type": "integer"}, "Missing required property: 'range'"),
        ({"type": "integer", "range": "1"}, "needs to be a list of 2 integers"),
        ({"type": "integer", "range": "1,2", "interval": "0"}, "is not a valid integer"),
        ({"type": "enum"}, "Missing required property: 'values'"),
        ({"type": "date", "range": "2020,2021"}, "Missing required property: 'format'"),
        (
            {"type": "date", "range": "2020,2021", "format": "yyyy"},
            "Property: 'interval.unit' needs",
        ),
        ({"type": "date", "range": "NOW,x", "format": "yyyy-MM"}, "2 valid dates"),
        ({"type": "date", "range": "2021-01,2020-01", "format": "yyyy-MM"}, "are sequential"),
        ({"type": "date", "range": "1,2", "format": "QQ"}, "Unknown pattern letter: Q"),
    ],
)
def test_properties_that_say_nothing_fail(properties: dict[str, str], message: str) -> None:
    with pytest.raises(TrinoError) as caught:
        values(one("string", **properties))
    assert caught.value.name == "HIVE_METASTORE_ERROR"
    assert message in caught.value.message


def test_no_more_partitions_are_computed_than_a_scan_reads() -> None:
    many = one("bigint", type="integer", range="0,99999999999999999999999")
    with pytest.raises(TrinoError, match="can potentially read more than 1000000 partitions"):
        values(many)
    assert values(many, k=Domain(("7",))) == ["7"]
    assert values(many, k=Domain(low=8, high=10)) == ["8", "9", "10"]
    thousand = {"projection.%s.type": "integer", "projection.%s.range": "1,2000"}
    given = {name % key: value for key in "ab" for name, value in thousand.items()}
    with pytest.raises(TrinoError, match="can potentially read more than 1000000 partitions"):
        values(table(given, ("a", "int"), ("b", "int")))


@pytest.mark.parametrize(
    "properties",
    [
        {"type": "date", "range": "NOW-99999999999DAYS,NOW", "format": "yyyy-MM-dd"},
        {"type": "integer", "range": "0,9", "interval": "²"},
        {"type": "integer", "range": "0,9", "digits": "3000000000"},
    ],
)
def test_numbers_beyond_all_measure_are_invalid(properties: dict[str, str]) -> None:
    with pytest.raises(TrinoError, match=r"needs to be a list|is not a valid integer"):
        values(one("string", **properties))


def test_a_step_may_be_longer_than_the_range() -> None:
    given = {"range": "2020-01-01,2021-01-01", "format": "yyyy-MM-dd", "interval": "2000000000"}
    assert values(one("string", type="date", interval_unit="DAYS", **given)) == ["2020-01-01"]


def test_a_date_may_have_leading_zeros() -> None:
    given = one("string", type="date", range="02020-01-001,02020-01-002", format="yyyyy-MM-ddd")
    assert values(given) == ["02020-01-001", "02020-01-002"]


def test_too_many_partitions_are_narrowed_by_key_before_they_are_refused() -> None:
    given = table(
        {
            "projection.a.type": "integer",
            "projection.a.range": "1,200000",
            "projection.b.type": "enum",
            "projection.b.values": ",".join(f"k{i}" for i in range(100)),
        },
        ("a", "int"),
        ("b", "string"),
    )

    def ending(values: list[str]) -> list[str]:
        return [each for each in values if each.endswith("44")]

    with pytest.raises(TrinoError, match="more than 1000000 partitions"):
        partitions(given, {}, "athena", NOW)
    with pytest.raises(TrinoError, match="more than 1000000 partitions"):
        partitions(given, {"b": Domain(low="k3", high="k4")}, "athena", NOW, {"b": lambda all: all})
    found = partitions(given, {}, "athena", NOW, {"a": ending, "b": ending})
    assert len(found) == 2000
    assert found[0].values == ("44", "k44")


def test_a_key_of_countless_values_is_not_listed() -> None:
    given = one("int", **{"type": "integer", "range": "1,2000000000"})
    with pytest.raises(TrinoError, match="more than 1000000 partitions"):
        partitions(given, {}, "athena", NOW, {"k": lambda values: values[:1]})
