"""Delimited text and CSV: every property of the SerDes, and lines that do not keep to them."""

import random
from typing import Final

from tests.formats.fuzz.making import Made, create, queries, quoted, serde, some

_TYPES: Final = (
    *("string", "string", "string", "int", "bigint", "tinyint", "smallint", "double", "float"),
    *("boolean", "date", "timestamp", "decimal(5,2)", "decimal(38,10)", "varchar(2)", "char(3)"),
    *("binary", "array<int>", "array<string>", "map<string,int>", "map<int,string>"),
    *("struct<a:int,b:string>", "array<array<string>>", "map<string,array<int>>"),
    *("struct<a:array<int>,b:map<string,string>>", "array<struct<a:int,b:string>>"),
)
_WORDS: Final = (
    *("a", "abc", "", " ", "1", "-7", "+3", "007", "1.5", "1e3", "NaN", "Infinity", "-0", "128"),
    *("true", "FALSE", "t", "1 ", " 2", "2024-02-29", "2024-2-9", "2023-02-30", "0000-00-00"),
    *("2024-02-29 12:34:56", "2024-02-29 12:34:56.123456789", "2024-02-29T12:34:56", "\\N", "NULL"),
    *("null", "N/A", "é", "größer", "😀", "\u00a0", "x y", "YQ==", "YQ", "99999999999", "0x1F"),
    *("9223372036854775808", "1_0", "1d", "1.5f", ".5", "5.", "-", "12345.678", "\u0001", "\u2028"),
)
_ODD: Final = (b"\0", b"\r", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f", b"\x1a", b"\x0c")
_FIELDS: Final = (
    ",",
    ",",
    "|",
    "\t",
    ";",
    "\x01",
    "~",
    " ",
    "||",
    "\u00a7",
    "^",
    "a",
    "\x02",
    "\0",
)
_ESCAPED: Final = {"\t": "\\t", "\x01": "\\001", "\x02": "\\002", "\0": "\\000"}


def delimited(given: random.Random) -> Made:
    """ROW FORMAT DELIMITED with each of its clauses, or the SerDe's own properties."""
    fields, items, keys = given.choice(_FIELDS), given.choice((":", "\x02", ",", "|")), "="
    if given.random() < 0.6:
        items, keys = "\x02", "\x03"
    escape = given.choice(("\\", "\\", "^", "")) if given.random() < 0.35 else ""
    null = (
        given.choice(("", "NULL", "-", "\\N", "N/A", "1", "null")) if given.random() < 0.3 else None
    )
    if given.random() < 0.5:
        stored = _clauses(fields, items, keys, escape, null)
    else:
        stored = _properties(given, fields, items, keys, escape, null)
    columns = [(f"c{i}", given.choice(_TYPES)) for i in range(given.randint(1, 5))]
    lines = [
        fields.join(
            _cell(given, of, (items, keys, "\x04", "\x05"), (fields, escape, null))
            for _, of in columns
        )
        for _ in range(given.randint(0, 9))
    ]
    return _made(given, "texts", columns, stored, lines)


def _clauses(fields: str, items: str, keys: str, escape: str, null: str | None) -> str:
    told = [f"FIELDS TERMINATED BY {_told(fields)}"]
    if escape:
        told[0] += f" ESCAPED BY {_told(escape)}"
    if (items, keys) != ("\x02", "\x03"):
        told += [
            f"COLLECTION ITEMS TERMINATED BY {_told(items)}",
            f"MAP KEYS TERMINATED BY {_told(keys)}",
        ]
    if null is not None:
        told.append(f"NULL DEFINED AS {_told(null)}")
    return f"ROW FORMAT DELIMITED {' '.join(told)}\nSTORED AS TEXTFILE"


def _properties(
    given: random.Random, fields: str, items: str, keys: str, escape: str, null: str | None
) -> str:
    told = {given.choice(("field.delim", "serialization.format")): fields}
    if (items, keys) != ("\x02", "\x03"):
        told[given.choice(("colelction.delim", "collection.delim"))] = items
        told["mapkey.delim"] = keys
    if escape:
        told["escape.delim"] = escape
    if null is not None:
        told["serialization.null.format"] = null
    if given.random() < 0.15:
        told["serialization.last.column.takes.rest"] = given.choice(("true", "TRUE", "false"))
    if given.random() < 0.15:
        told["timestamp.formats"] = given.choice(("yyyy-MM-dd'T'HH:mm:ss", "millis", "dd/MM/yyyy"))
    name = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
    return serde(name, {key: _ESCAPED.get(value, value) for key, value in told.items()})


def _told(text: str) -> str:
    return f"'{_ESCAPED[text]}'" if text in _ESCAPED else quoted(text)


def _cell(
    given: random.Random, of: str, inner: tuple[str, ...], around: tuple[str, str, str | None]
) -> str:
    fields, escape, null = around
    draw = given.random()
    if draw < 0.05:
        return fields
    if draw < 0.1 and escape:
        return given.choice(
            (f"a{escape}{fields}b", escape, f"{escape}{escape}", f"{escape}n", f"{escape}N")
        )
    if draw < 0.18:
        return "\\N" if null is None else null
    if "<" not in of or draw < 0.25:
        return given.choice(_WORDS)
    return _nested(given, of, inner)


def _nested(given: random.Random, of: str, inner: tuple[str, ...]) -> str:
    if "<" not in of or not inner:
        return given.choice((*_WORDS, "1", "2", "a"))
    if of.startswith("map"):
        key, _, value = of[4:-1].partition(",")
        pairs = [
            inner[1].join((_nested(given, key, ()), _nested(given, value, inner[2:])))
            if given.random() < 0.9
            else "k"
            for _ in range(given.randrange(4))
        ]
        return inner[0].join(pairs)
    if of.startswith("array"):
        return inner[0].join(_nested(given, of[6:-1], inner[1:]) for _ in range(given.randrange(4)))
    parts = ("int", "string") if "array" not in of else ("array<int>", "map<string,string>")
    count = given.choice((0, 1, 2, 2, 2, 3))
    return inner[0].join(_nested(given, part, inner[1:]) for part in (*parts, "x")[:count])


def opencsv(given: random.Random) -> Made:
    """OpenCSVSerde with odd separators, quotes and escapes over lines of quotes."""
    separator = given.choice((",", ",", ",", ";", "\t", "|", "é"))
    quote = given.choice(('"', '"', '"', "'", "|", "`"))
    escape = given.choice(("\\", "\\", "\\", quote, "~", "'"))
    told = {}
    if separator != "," or given.random() < 0.3:
        told["separatorChar"] = _ESCAPED.get(separator, separator)
    if quote != '"' or given.random() < 0.3:
        told["quoteChar"] = quote
    if escape != "\\" or given.random() < 0.3:
        told["escapeChar"] = escape
    stored = serde("org.apache.hadoop.hive.serde2.OpenCSVSerde", told)
    columns = [(f"c{i}", "string") for i in range(given.randint(1, 4))]
    parts = (
        quote,
        quote * 2,
        escape,
        escape + quote,
        separator,
        " ",
        "a",
        "b c",
        "\\",
        "n",
        "é",
        "",
    )
    lines = []
    for _ in range(given.randint(0, 8)):
        cells = []
        for _ in range(given.choice((len(columns), len(columns), len(columns) + 1, 1))):
            inner = (
                "".join(some(given, parts, 0, 4)) if given.random() < 0.6 else given.choice(_WORDS)
            )
            cells.append(f"{quote}{inner}{quote}" if given.random() < 0.5 else inner)
        lines.append(separator.join(cells))
    return _made(given, "texts", columns, stored, lines)


def _made(
    given: random.Random, group: str, columns: list[tuple[str, str]], stored: str, lines: list[str]
) -> Made:
    properties = {}
    if given.random() < 0.15:
        properties["skip.header.line.count"] = given.choice(("1", "2"))
    if given.random() < 0.1:
        properties["skip.footer.line.count"] = given.choice(("1", "2"))
    end = given.choice(("\n", "\n", "\n", "\r\n", "\r"))
    data = (end.join(lines) + given.choice((end, end, "", end * 2))).encode()
    if given.random() < 0.08:
        data = b"\xef\xbb\xbf" + data
    if given.random() < 0.15 and data:
        at = given.randrange(len(data))
        data = data[:at] + given.choice(_ODD) + data[at:]
    if given.random() < 0.02:
        data = data.decode("utf-8", "replace").encode(
            given.choice(("utf-16", "latin-1", "utf-16-be")), "replace"
        )
    one = given.choice(columns)[0]
    document = {
        "about": stored.splitlines()[0],
        "ddl": [create(columns, stored, properties=properties)],
        "queries": queries(
            "SELECT * FROM ${TABLE}",
            f"SELECT {one} FROM ${{TABLE}}",
            f"SELECT count(*), count({one}) FROM ${{TABLE}}",
        ),
    }
    return Made(group, document, {"d": data})


FAMILIES: Final = {"delimited": delimited, "opencsv": opencsv}
