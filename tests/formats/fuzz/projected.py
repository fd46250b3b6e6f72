"""Partition projection: types, ranges, formats and units, with folders that are there or not."""

import random
from collections.abc import Sequence
from typing import Final

from tests.formats.fuzz.making import Made, create, queries

_TEXT: Final = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','\nSTORED AS TEXTFILE"
_FORMATS: Final = {
    "yyyy-MM-dd": ("2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02"),
    "yyyy/MM/dd": ("2024/02/27", "2024/02/28", "2024/02/29", "2024/03/01"),
    "yyyyMMdd": ("20240227", "20240228", "20240229", "20240301"),
    "yyyy-MM": ("2023-11", "2023-12", "2024-01", "2024-02"),
    "yyyyMM": ("202311", "202312", "202401"),
    "yyyy": ("2022", "2023", "2024"),
    "yyyy-MM-dd-HH": ("2024-02-28-22", "2024-02-28-23", "2024-02-29-00", "2024-02-29-01"),
    "yyyy/MM/dd/HH": ("2024/02/28/22", "2024/02/28/23", "2024/02/29/00"),
    "yyyy-MM-dd HH:mm:ss": ("2024-02-28 23:59:58", "2024-02-28 23:59:59", "2024-02-29 00:00:00"),
    "yyyy-MM-dd'T'HH": ("2024-02-28T23", "2024-02-29T00"),
    "dd-MM-yyyy": ("27-02-2024", "28-02-2024", "29-02-2024", "01-03-2024"),
    "yyyy-MM-dd-HH-mm": ("2024-02-28-23-58", "2024-02-28-23-59", "2024-02-29-00-00"),
    "MMM dd yyyy": ("Feb 27 2024", "Feb 28 2024", "Feb 29 2024"),
    "yyyy-DDD": ("2024-058", "2024-059", "2024-060"),
    "E yyyy-MM-dd": ("Tue 2024-02-27", "Wed 2024-02-28", "Thu 2024-02-29"),
    "yyyy-MM-dd hh a": ("2024-02-28 11 PM", "2024-02-29 12 AM", "2024-02-29 01 AM"),
    "EEEE dd MMMM yyyy": ("Wednesday 28 February 2024", "Thursday 29 February 2024"),
    "yyyy/'w'MM": ("2023/w12", "2024/w01", "2024/w02"),
    "yyyyMMddHH": ("2024022822", "2024022823", "2024022900"),
    "HH-dd-MM-yyyy": ("23-28-02-2024", "00-29-02-2024"),
    "y-M-d": ("2024-2-27", "2024-2-28", "2024-2-29", "2024-3-1"),
    "yy-MM-dd": ("24-02-27", "24-02-28", "24-02-29"),
}
_UNITS: Final = (
    *("DAYS", "DAYS", "HOURS", "HOURS", "MONTHS", "YEARS", "WEEKS", "days", "DAY", "Hours"),
    *("DECADES", "x", ""),
)


def dates(given: random.Random) -> Made:
    """A date column: its format, range, interval and unit."""
    pattern = given.choice(list(_FORMATS))
    values = _FORMATS[pattern]
    start, end = sorted((given.randrange(len(values)), given.randrange(len(values))))
    bounds = [values[start], values[end]]
    if given.random() < 0.05:
        bounds.reverse()
    told = {"type": given.choice(("date", "date", "date", "DATE", "Date"))}
    told["range"] = given.choice((",", ",", ",", " , ", ", ")).join(bounds)
    told["format"] = pattern
    if given.random() < 0.6:
        told["interval"] = given.choice(("1", "1", "2", "3", "24", "x"))
    if given.random() < 0.6:
        told["interval.unit"] = given.choice(_UNITS)
    kind = given.choice(("string", "string", "string", "varchar(19)", "date", "timestamp", "int"))
    return _made(given, told, kind, values, "date")


def integers(given: random.Random) -> Made:
    """An integer column: its range, interval and digits."""
    low, high = given.randint(-3, 9), given.randint(0, 12)
    told = {"type": given.choice(("integer", "integer", "INTEGER")), "range": f"{low},{high}"}
    if given.random() < 0.1:
        told["range"] = given.choice(("1", "1,2,3", "a,b", "", " 1 , 4 ", "+1,3", "1,99999999999"))
    if given.random() < 0.4:
        told["interval"] = given.choice(("1", "2", "5", "0", "-1", "x"))
    digits = None
    if given.random() < 0.4:
        told["digits"] = digits = given.choice(("1", "2", "4", "0", "x"))
    width = int(digits) if digits in {"2", "4"} else 0
    values = [str(number).zfill(width) for number in range(-3, 13)]
    kind = given.choice(("int", "int", "bigint", "string", "string", "smallint", "tinyint", "date"))
    return _made(given, told, kind, values, "integer")


def enums(given: random.Random) -> Made:
    """An enum or injected column."""
    values = ("a", "b", "A", "a b", "é", "1", "2", "x=y", "ü", "a%2Fb")
    chosen = [given.choice(values) for _ in range(given.randint(1, 4))]
    told = {"type": "enum", "values": given.choice((",", ",", ", ", " ,")).join(chosen)}
    if given.random() < 0.3:
        told = {"type": given.choice(("injected", "INJECTED"))}
    kind = given.choice(("string", "string", "varchar(3)", "char(3)", "int"))
    return _made(given, told, kind, values, told["type"])


def templates(given: random.Random) -> Made:
    """Several projected keys, and a template that names them in any order, twice or not at all."""
    told = {
        "y": ({"type": "integer", "range": "2023,2024"}, "int", ("2023", "2024")),
        "m": ({"type": "integer", "range": "1,3", "digits": "2"}, "string", ("01", "02", "3")),
        "r": ({"type": "enum", "values": "eu,us"}, "string", ("eu", "us")),
        "d": (
            {"type": "date", "range": "2024-01-01,2024-01-03", "format": "yyyy-MM-dd"},
            "string",
            ("2024-01-01", "2024-01-02"),
        ),
        "i": ({"type": "injected"}, "string", ("x", "y z")),
    }
    names = given.sample(list(told), given.randint(1, 3))
    properties = {"projection.enabled": given.choice(("true", "true", "true", "TRUE", "false"))}
    for name in names:
        if given.random() < 0.95:
            properties |= {f"projection.{name}.{key}": text for key, text in told[name][0].items()}
    template = _template(given, names)
    if given.random() < 0.9:
        properties["storage.location.template"] = f"${{LOCATION}}/{template}"
    files = {}
    for number in range(given.randint(1, 6)):
        values = {name: given.choice(told[name][2]) for name in names}
        key = template.rstrip("/")
        for name, value in values.items():
            key = key.replace(f"${{{name}}}", value)
        files[f"{key}/f"] = f"{number},x\n".encode()
    keys = [(name, told[name][1]) for name in names]
    one = given.choice(names)
    literal = _literal(given.choice(told[one][2]), told[one][1])
    injected = " AND ".join(f"{name} = 'x'" for name in names if name == "i" and one != "i")
    asked = f"{one} = {literal}" + (f" AND {injected}" if injected else "")
    document = {
        "about": f"template {template}",
        "ddl": [create((("id", "int"), ("s", "string")), _TEXT, keys, properties)],
        "session": {"hive.ignore_absent_partitions": "true"},
        "queries": queries(
            "SELECT * FROM ${TABLE}",
            f"SELECT * FROM ${{TABLE}} WHERE {asked}",
            f"SELECT id FROM ${{TABLE}} WHERE {one} IN ({literal}) AND id >= 0",
            'SELECT "$path", id FROM ${TABLE}' + (f" WHERE {asked}" if "i" in names else ""),
        ),
    }
    return Made("projected", document, files)


def _template(given: random.Random, names: list[str]) -> str:
    ways = ("${{{0}}}", "${{{0}}}", "{0}=${{{0}}}", "x-${{{0}}}", "${{{0}}}.d", "k/${{{0}}}")
    chosen = given.sample(names, len(names))
    if given.random() < 0.08:
        chosen = chosen[1:] or ["nothing"]
    if given.random() < 0.08:
        chosen.append(chosen[0])
    separator = given.choice(("/", "/", "/", "-", "/k/"))
    return separator.join(given.choice(ways).format(name) for name in chosen) + given.choice(
        ("", "/")
    )


def _made(
    given: random.Random, told: dict[str, str], kind: str, values: Sequence[str], about: str
) -> Made:
    properties = {"projection.enabled": "true"}
    properties |= {f"projection.p.{name}": value for name, value in told.items()}
    folder = "p=${p}"
    if given.random() < 0.3:
        folder = given.choice(("${p}", "${p}/", "x/${p}/y", "k=${p}"))
        properties["storage.location.template"] = f"${{LOCATION}}/{folder}"
    there = given.sample(values, min(len(values), given.randint(1, 4)))
    files = {
        f"{folder.rstrip('/').replace('${p}', value)}/f": f"{number},x\n".encode()
        for number, value in enumerate(there)
    }
    literal = _literal(given.choice(values), kind)
    document = {
        "about": f"{about}: {told}",
        "ddl": [create((("id", "int"), ("s", "string")), _TEXT, (("p", kind),), properties)],
        "session": {"hive.ignore_absent_partitions": "true"},
        "queries": queries(
            "SELECT * FROM ${TABLE}",
            f"SELECT * FROM ${{TABLE}} WHERE p = {literal}",
            f"SELECT id, p FROM ${{TABLE}} WHERE p >= {literal}",
            "SELECT count(*), min(p), max(p) FROM ${TABLE}",
        ),
    }
    return Made("projected", document, files)


def _literal(value: str, kind: str) -> str:
    if kind in {"date", "timestamp"}:
        return f"{kind.upper()} '2024-02-28'"
    whole = kind in {"int", "bigint", "smallint", "tinyint"} and value.lstrip("-").isdigit()
    return value if whole else f"'{value}'"


FAMILIES: Final = {"dates": dates, "integers": integers, "enums": enums, "templates": templates}
