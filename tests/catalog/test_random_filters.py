"""Random expressions keep what the same conditions keep in Python, which knows nothing of SQLite.

NULLs are Python's None and conditions have three values (SQL-92, "search condition").
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from lakelet.catalog.catalog import GlueCatalog

NULL = "__HIVE_DEFAULT_PARTITION__"
READ: dict[str, tuple[str, Callable[[str], Any], tuple[str, ...]]] = {
    "s": ("string", str, ("a", "A", "b", "ü", "日", "a%", "a_b", "it's", "10", "9", "NULL", NULL)),
    "i": ("int", int, ("1", "2", "10", "-5", "007", "2147483647", NULL)),
    "b": ("bigint", int, ("9007199254740993", "9007199254740992", "-1", "0", NULL)),
    "d": ("date", date.fromisoformat, ("2020-01-01", "2020-01-02", "1999-12-31", NULL)),
    "t": (
        "timestamp",
        datetime.fromisoformat,
        ("2020-01-01 00:00:00", "2020-01-01 00:00:00.5", "1999-12-31 23:59:59", NULL),
    ),
    "c": ("decimal(10,2)", Decimal, ("1.00", "1", "10.50", "-3.25", "0.1", NULL)),
}
"""Keys: their types, how their values are read, and values."""

PATTERNS = ("%", "a%", "%b", "_", "a_b", "%ü%", "A%", "it's%", "a[b", "*", "?", "")

Row = dict[str, Any]
Test = Callable[[Row], bool | None]


def value(key: str, text: str) -> Any:
    """None for NULL, but of texts, where Hive's word for it is a text as any other."""
    return None if text == NULL and key != "s" else READ[key][1](text)


class Making:
    """Expressions, and what they mean."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def expression(self, depth: int = 0) -> tuple[str, Test]:
        way = self.random.random()
        if depth > 3 or way < 0.4:
            return self.predicate()
        text, test = self.expression(depth + 1)
        if way < 0.52:
            return f"NOT ({text})", lambda row: _not(test(row))
        other, second = self.expression(depth + 1)
        if way < 0.76:
            return f"({text}) AND ({other})", lambda row: _and(test(row), second(row))
        either = f"({text}) OR ({other})"
        return either, lambda row: _not(_and(_not(test(row)), _not(second(row))))

    def predicate(self) -> tuple[str, Test]:
        key = self.random.choice("sibdtc")
        name = self.random.choice([key, key.upper(), f"`{key}`", f"({key})"])
        kind = self.random.choice(
            [self.comparison, self.within, self.between, self.like, self.null]
        )
        return kind(key, name)

    def literal(self, key: str) -> tuple[str, Any]:
        text = self.random.choice([each for each in READ[key][2] if each != NULL])
        quoted = key in "sdt" or self.random.random() < 0.3
        shown = "'" + text.replace("'", "''") + "'" if quoted else text
        if key in "dt" and self.random.random() < 0.2:
            shown = f"{READ[key][0]} {shown}"
        return shown, value(key, text)

    def comparison(self, key: str, name: str) -> tuple[str, Test]:
        sign = self.random.choice(list(COMPARED))
        shown, wanted = self.literal(key)
        return f"{name} {sign} {shown}", lambda row: _of(
            row[key], lambda v: COMPARED[sign](v, wanted)
        )

    def within(self, key: str, name: str) -> tuple[str, Test]:
        literals = [self.literal(key) for _ in range(self.random.randint(1, 3))]
        wanted, word = [each for _, each in literals], self.random.choice(["IN", "not in"])
        text = f"{name} {word} ({', '.join(shown for shown, _ in literals)})"
        return text, lambda row: _of(row[key], lambda v: (v in wanted) == (word == "IN"))

    def between(self, key: str, name: str) -> tuple[str, Test]:
        (low, least), (high, most) = self.literal(key), self.literal(key)
        word = self.random.choice(["BETWEEN", "not between"])
        text = f"{name} {word} {low} AND {high}"
        return text, lambda row: _of(
            row[key], lambda v: (least <= v <= most) == (word == "BETWEEN")
        )

    def like(self, key: str, name: str) -> tuple[str, Test]:
        pattern, word = self.random.choice(PATTERNS), self.random.choice(["LIKE", "not like"])
        signs = {"%": ".*", "_": "."}
        wanted = re.compile("".join(signs.get(c, re.escape(c)) for c in pattern), re.DOTALL)
        shown = pattern.replace("'", "''")
        return (
            f"s {word} '{shown}'",
            lambda row: (wanted.fullmatch(row["s"]) is not None) == (word == "LIKE"),
        )

    def null(self, key: str, name: str) -> tuple[str, Test]:
        word = self.random.choice(["IS NULL", "is not null"])
        return f"{name} {word}", lambda row: (row[key] in (None, NULL)) == (word == "IS NULL")


COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _of(found: Any, test: Callable[[Any], bool]) -> bool | None:
    return None if found is None else test(found)


def _not(found: bool | None) -> bool | None:
    return None if found is None else not found


def _and(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


@pytest.mark.parametrize("seed", range(4))
def test_random_expressions_keep_what_they_mean(catalog: GlueCatalog, seed: int) -> None:
    making = Making(seed)
    keys = [{"Name": key, "Type": kind} for key, (kind, _, _) in READ.items()]
    catalog.tables.create("sales", {"Name": "t", "PartitionKeys": keys})
    rows: dict[tuple[str, ...], Row] = {}
    while len(rows) < 200:
        texts = {key: making.random.choice(READ[key][2]) for key in READ}
        rows[tuple(texts.values())] = {key: value(key, text) for key, text in texts.items()}
    catalog.partitions_of.create("sales", "t", [{"Values": list(each)} for each in rows])
    for _ in range(60):
        text, test = making.expression()
        found = catalog.partitions_of.page("sales", "t", text).partitions
        kept = {tuple(each["Values"]) for each in found}
        assert kept == {each for each in rows if test(rows[each])}, text
