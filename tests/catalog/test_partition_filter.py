"""Expressions as Glue's API reference has them ("GetPartitions"); the texts of refusals are those
that moto's authors recorded from AWS."""

import pytest

from lakelet.catalog.catalog import GlueCatalog
from lakelet.errors import InvalidInput
from lakelet.model import Document

KEYS = {
    "int": ["1", "2", "9", "10", "-3"],
    "bigint": ["1", "2", "9", "10", "9223372036854775807"],
    "string": ["a", "A", "ab", "a_b", "10", "9", "o'clock", "*", "__HIVE_DEFAULT_PARTITION__"],
    "date": ["2023-12-31", "2024-01-01", "2024-02-29"],
    "timestamp": ["2024-01-01 00:00:00", "2024-01-01 00:00:00.5", "2024-01-01 00:00:00.25"],
    "decimal(38,2)": ["1.50", "1.5", "-2.25", "-2.3", "10", "99999999999999999999999999999.01"],
}


def names(catalog: GlueCatalog, kind: str, expression: str) -> list[str]:
    """The values kept, of a table with one key `k` of that type."""
    table = f"t_{kind.partition('(')[0]}"
    catalog.tables.create("sales", {"Name": table, "PartitionKeys": [{"Name": "k", "Type": kind}]})
    catalog.partitions_of.create("sales", table, [{"Values": [value]} for value in KEYS[kind]])
    found = catalog.partitions_of.page("sales", table, expression).partitions
    return sorted((each["Values"][0] for each in found), key=KEYS[kind].index)


@pytest.mark.parametrize(
    ("kind", "expression", "kept"),
    [
        ("int", "k = 1", ["1"]),
        ("int", "k <> 1", ["2", "9", "10", "-3"]),
        ("int", "k != 1", ["2", "9", "10", "-3"]),
        ("int", "k > 2", ["9", "10"]),
        ("int", "k >= 9 and k < 10", ["9"]),
        ("int", "k <= -3", ["-3"]),
        ("int", "k = '10'", ["10"]),
        ("int", "k in (1, 10, 77)", ["1", "10"]),
        ("int", "k NOT IN (1, 10)", ["2", "9", "-3"]),
        ("int", "k between 2 and 9", ["2", "9"]),
        ("int", "k not between 2 and 9", ["1", "10", "-3"]),
        ("int", "not k = 1 and not (k = 2 or k = 9)", ["10", "-3"]),
        ("int", "k = 1 or k = 2 and k = 9", ["1"]),
        ("int", "(k = 1 or k = 2) and k = 2", ["2"]),
        ("int", "((k = 1)) OR (k) = (2)", ["1", "2"]),
        ("int", "not not k = 1", ["1"]),
        ("int", "t.k = 1", ["1"]),
        ("int", "`k` = 1", ["1"]),
        ("int", '"k" = 1', ["1"]),
        ("int", "K = 1", ["1"]),
        ("int", f"k = {'(' * 900}1{')' * 900}", ["1"]),
        ("int", " or ".join(f"k = {i}" for i in range(1, 2500)), ["1", "2", "9", "10"]),
        ("int", "", KEYS["int"]),
        ("int", "   ", KEYS["int"]),
        ("int", "k is null", []),
        ("int", "k is not null", KEYS["int"]),
        ("bigint", "k = 9223372036854775807", ["9223372036854775807"]),
        ("bigint", "k > 9", ["10", "9223372036854775807"]),
        ("string", "k = 'a'", ["a"]),
        ("string", "k = 10", ["10"]),
        ("string", "k > '10' and k < 'A'", ["9"]),
        ("string", "k = 'o''clock'", ["o'clock"]),
        ("string", "k like 'a%'", ["a", "ab", "a_b"]),
        ("string", "k like '%b'", ["ab", "a_b"]),
        ("string", "k like 'a_'", ["ab"]),
        ("string", "k like '*'", ["*"]),
        (
            "string",
            "k not like '%a%'",
            ["A", "10", "9", "o'clock", "*", "__HIVE_DEFAULT_PARTITION__"],
        ),
        ("string", "k is null", ["__HIVE_DEFAULT_PARTITION__"]),
        ("string", "k is not null and k like '\\_%'", []),
        ("date", "k = '2024-01-01'", ["2024-01-01"]),
        ("date", "k >= '2024-01-01'", ["2024-01-01", "2024-02-29"]),
        ("date", "k = date '2024-02-29'", ["2024-02-29"]),
        ("timestamp", "k > '2024-01-01 00:00:00.3'", ["2024-01-01 00:00:00.5"]),
        ("timestamp", "k = '2024-01-01 00:00:00.500'", ["2024-01-01 00:00:00.5"]),
        ("timestamp", "k <= timestamp '2024-01-01 00:00:00'", ["2024-01-01 00:00:00"]),
        ("decimal(38,2)", "k = 1.5", ["1.50", "1.5"]),
        ("decimal(38,2)", "k < -2.25", ["-2.3"]),
        ("decimal(38,2)", "k between -2.25 and 10.0", ["1.50", "1.5", "-2.25", "10"]),
        (
            "decimal(38,2)",
            "k > 99999999999999999999999999999",
            ["99999999999999999999999999999.01"],
        ),
    ],
)
def test_an_expression_keeps_partitions_by_the_types_of_keys(
    catalog: GlueCatalog, kind: str, expression: str, kept: list[str]
) -> None:
    assert names(catalog, kind, expression) == kept


@pytest.mark.parametrize(
    ("kind", "expression", "message"),
    [
        ("int", "x = 1", "Unknown column 'x'"),
        ("int", "k = 'a'", '"a" is not an integer.'),
        ("int", "k = 1.5", '"1.5" is not an integer.'),
        ("int", "k like '1'", "Integral data type doesn't support operation 'LIKE'"),
        ("date", "k like '2'", "Date data type doesn't support operation 'LIKE'"),
        ("date", "k = '2024-02-30'", '"2024-02-30" is not a date.'),
        ("timestamp", "k = '2024'", '"2024" is not a timestamp.'),
        ("decimal(38,2)", "k = 'many'", '"many" is not a decimal.'),
        *(
            ("int", expression, f"Unsupported expression '{expression}'")
            for expression in (
                "k",
                "k =",
                "k = 1 and",
                "k = 1 k = 2",
                "(k = 1",
                "k = 1)",
                "k in ()",
                "k in 1",
                "1 = k",
                "k + 1 = 2",
                "k between 1",
                "k is 1",
                "k not = 1",
                "lower(k) = 1",
                "k = 1; drop table t",
                "k = 'open",
                "k === 1",
            )
        ),
        ("int", "(" * 200 + "k = 1" + ")" * 200, "Unsupported expression"),
    ],
)
def test_what_the_grammar_has_not_is_invalid_input(
    catalog: GlueCatalog, kind: str, expression: str, message: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        names(catalog, kind, expression)
    assert refused.value.message.startswith(message)


def test_a_key_of_a_type_that_glue_does_not_filter_by_is_invalid_input(
    catalog: GlueCatalog,
) -> None:
    keys = [{"Name": "k", "Type": "struct<a:int>"}]
    catalog.tables.create("sales", {"Name": "t", "PartitionKeys": keys})
    with pytest.raises(InvalidInput, match=r"Unknown type : 'struct<a:int>'"):
        catalog.partitions_of.page("sales", "t", "k = 1")


def test_values_that_are_none_of_their_key_s_type_are_kept_by_no_comparison(
    catalog: GlueCatalog,
) -> None:
    catalog.tables.create("sales", {"Name": "t", "PartitionKeys": [{"Name": "k", "Type": "int"}]})
    given: list[Document] = [{"Values": ["x"]}, {"Values": ["__HIVE_DEFAULT_PARTITION__"]}]
    catalog.partitions_of.create("sales", "t", [*given, {"Values": ["7"]}])
    kept = catalog.partitions_of.page("sales", "t", "k > 0 or k <= 0").partitions
    assert [each["Values"] for each in kept] == [["7"]]


@pytest.mark.parametrize("position", range(7))
def test_every_key_of_many_can_be_compared(catalog: GlueCatalog, position: int) -> None:
    keys = [{"Name": f"k{number}", "Type": "int"} for number in range(7)]
    catalog.tables.create("sales", {"Name": "t", "PartitionKeys": keys})
    given = [{"Values": [str((row + 1) * 10 + key) for key in range(7)]} for row in range(20)]
    catalog.partitions_of.create("sales", "t", given)
    expression = f"k{position} > 100 and k{position} < {110 + position + 1} and k0 > 0"
    kept = catalog.partitions_of.page("sales", "t", expression).partitions
    expected = [
        each["Values"] for each in given if 100 < int(each["Values"][position]) < 110 + position + 1
    ]
    assert [each["Values"] for each in kept] == expected


CLIENTS = {
    # Trino's GlueExpressionUtil.
    "((day = '2024-01-01'))": {0},
    "((day = '2024-01-01')) AND ((name in ('a', 'b')))": {0},
    "((name = 'a')) AND ((n < 0) OR (n > 5))": {0},
    "((n < 0) OR (n > 5) OR (n = 3))": {0, 1},
    "((day >= '2024-01-01' AND day <= '2024-01-31') OR (day in ('2024-02-01', '2024-02-02')))": {
        *(0, 1)
    },
    "(name = '__HIVE_DEFAULT_PARTITION__')": {2},
    "((name <> '__HIVE_DEFAULT_PARTITION__')) AND ((price = 10.50000))": {0},
    # The Hive client of Glue, and Spark by it.
    "((name = 'a') and (at = '2024-01-01 10:00:00'))": {0},
    "(((name = 'a') and (n = 7)) and ((name = 'a') and (n = 7)))": {0},
    "((name) NOT IN ('x', 'a'))": {1, 2},
    "(name) IN ('o\\'clock', 'a')": {0, 1},
    "name BETWEEN 'a' AND 'b'": {0},
    "(((name) NOT IN ('x', 'y')) and n NOT BETWEEN 4 AND 8)": {1, 2},
    "(((name) NOT IN ('x')) or ((name) NOT IN ('a')))": {0, 1, 2},
    "(name='a') AND (day='2024-01-01') AND (n=7)": {0},
    "name = 'a' and n >= 1 and (day = '2024-01-01' or day = '2024-01-02')": {0},
    "not (name = 'a')": {1, 2},
    # awswrangler's examples and Athena's own.
    "n=7 AND name LIKE 'a%'": {0},
    "(n IN (3,7)) AND (name IN ('o''clock'))": {1},
    "n\n  =\n\t3": {1},
}
"""What clients send ("TestGlueExpressionUtil" of Trino, "ExpressionHelperTest" of Glue's catalogue
client for Hive), and which of the three partitions it keeps."""


@pytest.mark.parametrize("expression", CLIENTS)
def test_what_clients_send_is_understood(catalog: GlueCatalog, expression: str) -> None:
    types = {
        "name": "string",
        "n": "int",
        "day": "date",
        "at": "timestamp",
        "price": "decimal(10,2)",
    }
    keys = [{"Name": name, "Type": of} for name, of in types.items()]
    rows = [
        ["a", "7", "2024-01-01", "2024-01-01 10:00:00", "10.50"],
        ["o'clock", "3", "2024-02-01", "2024-01-01 10:00:00.1", "1"],
        ["__HIVE_DEFAULT_PARTITION__", "1", "2025-01-01", "2025-01-01 00:00:00", "2"],
    ]
    catalog.tables.create("sales", {"Name": "sent", "PartitionKeys": keys})
    catalog.partitions_of.create("sales", "sent", [{"Values": row} for row in rows])
    found = catalog.partitions_of.page("sales", "sent", expression).partitions
    assert {rows.index(each["Values"]) for each in found} == CLIENTS[expression]


def test_a_date_without_quotes_is_invalid_input(catalog: GlueCatalog) -> None:
    """As Glue refuses it of Spark (a Waggle Dance regression test)."""
    with pytest.raises(InvalidInput):
        names(catalog, "date", "k >= 2024-01-01 and k < 2024-08-04")


def test_a_text_in_double_quotes_is_a_name(catalog: GlueCatalog) -> None:
    """Clients replace them before they ask, since Glue does not take them for texts."""
    with pytest.raises(InvalidInput):
        names(catalog, "string", 'k = "a"')


@pytest.mark.parametrize("name", ["my-key", "a.b", "a b", "and", "ключ"])
def test_a_quoted_name_is_any_name(catalog: GlueCatalog, name: str) -> None:
    keys = [{"Name": name, "Type": "string"}]
    catalog.tables.create("sales", {"Name": "t", "PartitionKeys": keys})
    catalog.partitions_of.create("sales", "t", [{"Values": [value]} for value in "vw"])
    found = catalog.partitions_of.page("sales", "t", f"`{name}` = 'v'").partitions
    assert [each["Values"] for each in found] == [["v"]]


@pytest.mark.parametrize("number", ["1e999999", "-1e999999", "1e-999999"])
def test_a_decimal_of_countless_digits_is_none(catalog: GlueCatalog, number: str) -> None:
    with pytest.raises(InvalidInput, match="is not a decimal"):
        names(catalog, "decimal(38,2)", f"k = '{number}'")


def test_all_digits_of_a_decimal_count(catalog: GlueCatalog) -> None:
    small = [f"0.{'0' * 35}{digits}" for digits in ("001", "002", "003")]
    keys = [{"Name": "k", "Type": "decimal(38,38)"}]
    catalog.tables.create("sales", {"Name": "t", "PartitionKeys": keys})
    catalog.partitions_of.create("sales", "t", [{"Values": [f"1{each[1:]}"]} for each in small])
    found = catalog.partitions_of.page("sales", "t", f"k = '1{small[1][1:]}'").partitions
    assert [each["Values"] for each in found] == [[f"1{small[1][1:]}"]]
