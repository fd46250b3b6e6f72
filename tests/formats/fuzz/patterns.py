"""RegexSerDe: patterns from parts, lines from parts, columns of any type."""

import random
from typing import Final

from tests.formats.fuzz.making import Made, create, queries, serde, some

_REGEX: Final = "org.apache.hadoop.hive.serde2.RegexSerDe"

_ATOMS: Final = (
    *(
        "a",
        "[a-c]",
        "[^ ]",
        r"\d",
        r"\w",
        r"\S",
        ".",
        "B",
        "[0-9]",
        r"\s",
        "é",
        r"\.",
        "-",
        r"\p{L}",
    ),
    *("[A-Z]", r"\W", "[^,]", "x|y", "[ab&&[bc]]", r"[\w.-]", "[^\\]]", r"\D"),
)
_TIMES: Final = ("", "", "*", "+", "?", "{2}", "{1,3}", "*?", "+?", "??", "{0,2}?", "++", "*+")
_BETWEEN: Final = (" ", ",", " +", r"\s*", "", ":", "-?", " ?", r"\t")
_TEXTS: Final = (
    *("a", "abc", "B", "12", "-3", "1.5", "", " ", "x y", "true", "é", "2024-01-02", "A", "ABC"),
    *("2024-01-02 03:04:05", "NULL", "\\N", "null", "9999999999", "127", "128", "😀", "\t", "b.c"),
)
_TYPES: Final = (
    *("string", "string", "string", "int", "bigint", "tinyint", "smallint", "double", "float"),
    *("boolean", "date", "timestamp", "decimal(5,2)", "varchar(2)", "char(3)"),
)


def regex(given: random.Random) -> Made:
    """A pattern with groups, some optional, and columns that may be fewer or more."""
    groups = given.randint(1, 4)
    pattern = given.choice(_BETWEEN).join(_group(given) for _ in range(groups))
    if given.random() < 0.1:
        pattern = f"^{pattern}$"
    odd = given.random()
    count = groups if odd < 0.85 else max(1, groups + given.choice((-1, 1)))
    properties = {"input.regex": pattern}
    if given.random() < 0.25:
        properties["input.regex.case.insensitive"] = given.choice(("true", "TRUE", "false", "yes"))
    return _made(given, "regex", count, serde(_REGEX, properties), pattern)


def _group(given: random.Random) -> str:
    inner = "".join(given.choice(_ATOMS) + given.choice(_TIMES) for _ in range(given.randint(1, 2)))
    inner = given.choice((inner, inner, inner, f"{inner}|{given.choice(_ATOMS)}", f"(?:{inner})"))
    # Repeated repetition takes a search that goes back for ever.
    again = ("", "", "", "?") if set("*+{") & set(inner) else ("", "", "", "?", "*", "+")
    return f"({inner}){given.choice(again)}"


def _made(given: random.Random, group: str, count: int, stored: str, about: str) -> Made:
    columns = [(f"c{i}", given.choice(_TYPES)) for i in range(count)]
    end = given.choice(("\n", "\n", "\n", "\r\n"))
    lines = [_line(given) for _ in range(given.randint(3, 12))]
    text = end.join(lines) + given.choice((end, end, ""))
    one = given.choice(columns)[0]
    document = {
        "about": about,
        "ddl": [create(columns, stored)],
        "queries": queries("SELECT * FROM ${TABLE}", f"SELECT {one} FROM ${{TABLE}}"),
    }
    return Made(group, document, {"d": text.encode()})


def _line(given: random.Random) -> str:
    separator = given.choice((" ", ",", ":", "", "-", "  ", "\t"))
    return separator.join(some(given, _TEXTS, 0, 4))


FAMILIES: Final = {"regex": regex}
