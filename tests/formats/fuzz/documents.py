"""Lines of JSON for both SerDes: types, names in any case, properties, and what is no JSON."""

import json
import random
from typing import Any, Final

from tests.formats.fuzz.making import Made, create, queries, serde

_HIVE: Final = "org.apache.hive.hcatalog.data.JsonSerDe"
_OPENX: Final = "org.openx.data.jsonserde.JsonSerDe"
_NAMES: Final = ("a", "b", "c", "d_e", "x1", "ts", "end", "select")
_TYPES: Final = (
    *("string", "string", "string", "int", "bigint", "tinyint", "smallint", "double", "float"),
    *("boolean", "date", "timestamp", "decimal(5,2)", "decimal(38,10)", "varchar(2)", "char(3)"),
    *("binary", "array<int>", "array<string>", "map<string,int>", "map<int,string>"),
    *("struct<a:int,b:string>", "array<array<string>>", "map<string,array<int>>"),
    *("struct<a:array<int>,b:map<string,string>>", "array<struct<a:int,b:string>>"),
    *("struct<A:int,c_d:double>", "array<boolean>", "array<timestamp>", "map<string,string>"),
)
_SCALARS: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -7, 128, 40000, 2**31, 2**63, 2**70, 1.5, -0.0, 1e300, 0.1, 1e-7),
    *("", "a", "abc", "é", "1", "-7", "1.5", "true", "TRUE", "null", "NaN", "2024-02-29", "1e3"),
    *("2024-02-29 12:34:56", "2024-02-29T12:34:56Z", "2024-02-29T12:34:56.789+01:00", " 1", "1 "),
    *("\n", "\t", '"', "\\", "\u2028", "😀", "YQ==", "0x1F", "010", "1709210096", "1709210096123"),
)
_RAW: Final = (
    *("1.0", "1e2", "1E+2", "-0", "007", "0.10", "1.5e-3", "+1", ".5", "5.", "NaN", "Infinity"),
    *("'a'", "a", "tru", '"\\u00e9"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\x"', "", "[", "{}"),
    *("123456789012345678901234567890", "1.00", "100e-2", '"\\/"', "9007199254740993", "0x10"),
    *("[1,]", "[1 2]", '{"a":1,}', "{a:1}", '{"a" 1}', "nul", "True", '"a', "1e400", "[[]]"),
)
_LINES: Final = (
    *(
        "",
        " ",
        "{}",
        "null",
        "1",
        '"a"',
        "[]",
        "[1,2]",
        "{",
        "}",
        '{"a"',
        "not json",
        "{}{}",
        "[{}]",
    ),
    *('{"a":1} x', '{"a":1}{"a":2}', "# c", "// c", '{"a":1}//c', '/*c*/{"a":1}', '\ufeff{"a":1}'),
    *('{"a":1,"a":2}', '{"A":1,"a":2}', '{"a":1;"b":2}', "{'a':1}", "{a:1}", '{"a"=1}', '{"a"=>1}'),
    *(
        '{"a":1,}',
        '{,"a":1}',
        '{"a":1,,"b":2}',
        '{"":1}',
        '{"a":{"b":1},"a.b":2}',
        "\x00",
        '{"a":1\t}',
    ),
)


def hive_json(given: random.Random) -> Made:
    """Hive's SerDe."""
    told = {}
    if given.random() < 0.15:
        told["timestamp.formats"] = given.choice(
            ("yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd HH:mm:ss,millis")
        )
    return _made(given, serde(_HIVE, told), _columns(given), {})


def openx_json(given: random.Random) -> Made:
    """OpenX's SerDe, and its properties."""
    told, columns, names = {}, _columns(given), {}
    if given.random() < 0.3:
        told["ignore.malformed.json"] = given.choice(("true", "TRUE", "false", "True"))
    if given.random() < 0.2:
        told["dots.in.keys"] = given.choice(("true", "TRUE", "false"))
    if given.random() < 0.2:
        told["case.insensitive"] = given.choice(("true", "FALSE", "false"))
    if given.random() < 0.3:
        name = given.choice(columns)[0]
        names[name] = given.choice(("Key", "k.v", "A", "b", "@x", "time stamp", "é"))
        told[f"mapping.{name}"] = names[name]
    if given.random() < 0.1:
        told["explicit.null"] = "true"
    return _made(given, serde(_OPENX, told), columns, names)


def _columns(given: random.Random) -> list[tuple[str, str]]:
    return [(name, given.choice(_TYPES)) for name in given.sample(_NAMES, given.randint(1, 4))]


def _made(
    given: random.Random, stored: str, columns: list[tuple[str, str]], names: dict[str, str]
) -> Made:
    share = given.choice((0, 0, 0.1, 0.3))
    lines = [
        given.choice(_LINES) if given.random() < share else _object(given, columns, names)
        for _ in range(given.randint(1, 6))
    ]
    end = given.choice(("\n", "\n", "\n", "\r\n"))
    data = (end.join(lines) + given.choice((end, end, "", end * 2))).encode(
        "utf-8", "surrogatepass"
    )
    one = given.choice(columns)[0]
    document = {
        "about": stored.splitlines()[0],
        "ddl": [create(columns, stored)],
        "queries": queries(
            "SELECT * FROM ${TABLE}",
            f'SELECT "{one}" FROM ${{TABLE}}',
            f'SELECT count(*), count("{one}") FROM ${{TABLE}}',
            "SELECT count(*) FROM ${TABLE}",
        ),
    }
    return Made("documents", document, {"d": data})


def _object(given: random.Random, columns: list[tuple[str, str]], names: dict[str, str]) -> str:
    pairs = []
    for name, of in columns:
        draw, key = given.random(), names.get(name, name)
        if draw < 0.1:
            continue
        if draw < 0.15:
            key = key.upper()
        if draw > 0.97:
            pairs.append(f'"{key}": {_value(given, of)}')
        pairs.append(f"{json.dumps(key)}:{given.choice(('', ' '))}{_value(given, of)}")
    if given.random() < 0.3:
        pairs.append(f'"other": {_value(given, "string")}')
    if given.random() < 0.2:
        given.shuffle(pairs)
    return "{" + ",".join(pairs) + "}"


def _value(given: random.Random, of: str, depth: int = 0) -> str:
    draw = given.random()
    if draw < 0.04:
        return given.choice(_RAW)
    if draw < 0.1 or "<" not in of:
        return json.dumps(_fit(given, of), ensure_ascii=given.random() < 0.3)
    if of.startswith("map"):
        key, _, inner = of[4:-1].partition(",")
        keys = [json.dumps(str(_fit(given, key))) for _ in range(given.randrange(3))]
        return "{" + ",".join(f"{each}:{_value(given, inner, depth + 1)}" for each in keys) + "}"
    if of.startswith("array"):
        count = given.randrange(4)
        return "[" + ",".join(_value(given, of[6:-1], depth + 1) for _ in range(count)) + "]"
    return _struct(given, of[7:-1], depth)


def _struct(given: random.Random, fields: str, depth: int) -> str:
    found = []
    for name, of in _fields(fields):
        if given.random() < 0.85:
            shown = name.upper() if given.random() < 0.1 else name
            found.append(f'"{shown}":{_value(given, of, depth + 1)}')
    return "{" + ",".join(found) + "}"


def _fields(text: str) -> list[tuple[str, str]]:
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character == "<") - (character == ">")
        if character == "," and not depth:
            parts.append(text[start:at])
            start = at + 1
    return [(name, of) for name, _, of in (each.partition(":") for each in (*parts, text[start:]))]


def _fit(given: random.Random, of: str) -> Any:
    if given.random() < 0.25:
        return given.choice(_SCALARS)
    whole = of in {"int", "bigint", "tinyint", "smallint"}
    if whole or of.startswith(("decimal", "double", "float")):
        return given.choice((0, 1, -7, 12, *(() if whole else (1.5, 0.1, 1e10))))
    if of == "boolean":
        return given.choice((True, False))
    if of in {"date", "timestamp"}:
        return given.choice(("2024-02-29", "2024-02-29 12:34:56", "1969-12-31 23:59:59.5"))
    return given.choice(("", "a", "abc", "é", "x y"))


FAMILIES: Final = {"hive_json": hive_json, "openx_json": openx_json}
