"""Avro files under another schema: defaults, aliases, promotions, unions and logical types."""

import datetime
import decimal
import io
import json
import random
from typing import Any, Final

from tests.formats.fuzz.making import Made, create, queries, quoted

_NAMES: Final = ("a", "b", "c", "D", "e_f", "x")
_PRIMITIVE: Final = ("boolean", "int", "long", "float", "double", "bytes", "string")
_PROMOTED: Final = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}
_LOGICAL: Final = (
    {"type": "int", "logicalType": "date"},
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2},
    {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 4},
    {"type": "int", "logicalType": "time-millis"},
    {"type": "string", "logicalType": "uuid"},
    {"type": "long", "logicalType": "local-timestamp-millis"},
)
_HIVE: Final = {
    "boolean": ("boolean", "string"),
    "int": ("int", "int", "bigint", "smallint", "tinyint", "double", "string", "date"),
    "long": ("bigint", "bigint", "int", "double", "float", "timestamp"),
    "float": ("float", "float", "double", "bigint"),
    "double": ("double", "double", "float", "string"),
    "bytes": ("binary", "binary", "string", "decimal(5,2)"),
    "string": ("string", "string", "varchar(2)", "char(3)", "binary", "int"),
    "date": ("date", "date", "int", "string", "timestamp"),
    "timestamp-millis": ("timestamp", "timestamp", "bigint", "date", "string"),
    "timestamp-micros": ("timestamp", "bigint"),
    "local-timestamp-millis": ("timestamp", "bigint"),
    "decimal": ("decimal(5,2)", "decimal(20,4)", "decimal(10,2)", "binary", "double"),
    "time-millis": ("int", "bigint", "string"),
    "uuid": ("string", "binary"),
}
_VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "boolean": (True, False),
    "int": (0, 1, -7, 300, 2**31 - 1, -(2**31)),
    "long": (0, 1, -9, 2**40, 2**63 - 1),
    "float": (0.0, 1.5, -2.25, 1e10),
    "double": (0.0, 1.5, 1e300, 0.1, float("inf"), float("nan")),
    "bytes": (b"", b"ab", b"\x00\xff"),
    "string": ("", "a", "abcdef", "é", "12", "x  "),
    "date": tuple(datetime.date(*each) for each in ((1970, 1, 1), (2024, 2, 29), (1500, 3, 1))),
    "timestamp-millis": (
        datetime.datetime(2024, 2, 29, 12, 34, 56, 789000, datetime.UTC),
        datetime.datetime(1960, 1, 1, tzinfo=datetime.UTC),
    ),
    "timestamp-micros": (datetime.datetime(2024, 2, 29, 12, 34, 56, 789000, datetime.UTC),),
    "local-timestamp-millis": (datetime.datetime(2024, 2, 29, 12, 34, 56, 789000),),
    "decimal": tuple(map(decimal.Decimal, ("0", "1.25", "-3.5", "999.99"))),
    "time-millis": (datetime.time(12, 34, 56, 789000), datetime.time(0)),
    "uuid": ("6f9619ff-8b86-d011-b42d-00c04fc964ff",),
}


class _Making:
    """Makes types and gives each named one a name of its own."""

    def __init__(self, given: random.Random) -> None:
        self.given = given
        self.named = 0

    def name(self) -> str:
        self.named += 1
        return f"n{self.named}"

    def kind(self, depth: int = 0) -> Any:
        """A file's type."""
        draw = self.given.random()
        if draw < 0.45 or depth > 2:
            return self.given.choice(_PRIMITIVE)
        if draw < 0.6:
            return dict(self.given.choice(_LOGICAL))
        if draw < 0.75:
            return self.union(depth)
        return self.composed(depth)

    def union(self, depth: int) -> Any:
        """A type that may be null, or seldom one of several."""
        if self.given.random() < 0.15:
            return self.given.sample(
                ("null", "int", "string", "double", "long", "boolean"), self.given.randint(2, 3)
            )
        inner = self.kind(depth + 1)
        if isinstance(inner, list):
            return inner
        return ["null", inner] if self.given.random() < 0.8 else [inner, "null"]

    def composed(self, depth: int) -> Any:
        """An array, a map, a record, an enum or a fixed."""
        way = self.given.choice(("array", "map", "record", "record", "enum", "fixed"))
        if way == "array":
            return {"type": "array", "items": self.kind(depth + 1)}
        if way == "map":
            return {"type": "map", "values": self.kind(depth + 1)}
        if way == "enum":
            return {"type": "enum", "name": self.name(), "symbols": ["A", "B", "C"]}
        if way == "fixed":
            return {"type": "fixed", "name": self.name(), "size": 2}
        names = self.given.sample(_NAMES, self.given.randint(1, 3))
        fields = [{"name": name, "type": self.kind(depth + 1)} for name in names]
        return {"type": "record", "name": self.name(), "fields": fields}

    def read(self, of: Any) -> Any:
        """The reader's type of a file's: often the same, else promoted, wrapped or any."""
        draw = self.given.random()
        if draw < 0.04:
            return self.kind(2)
        if isinstance(of, str):
            return self.given.choice(_PROMOTED.get(of, (of,))) if draw < 0.25 else of
        if isinstance(of, list):
            return [each if each == "null" else self.read(each) for each in of]
        if draw < 0.1 and of["type"] != "record":
            return ["null", of]
        return self._changed(of)

    def _changed(self, of: dict[str, Any]) -> Any:
        if of["type"] == "array":
            return {**of, "items": self.read(of["items"])}
        if of["type"] == "map":
            return {**of, "values": self.read(of["values"])}
        if of["type"] == "enum" and self.given.random() < 0.2:
            return {
                **of,
                "symbols": self.given.choice((["A", "B"], ["C", "B", "A"], ["A", "B", "C", "D"])),
            }
        return self.record(of) if of["type"] == "record" else of

    def record(self, of: dict[str, Any]) -> dict[str, Any]:
        """A record with fields left out, put in, renamed and in another order."""
        fields = [self._field(field) for field in of["fields"]]
        if self.given.random() < 0.25:
            fields.insert(self.given.randrange(len(fields) + 1), self._added())
        if self.given.random() < 0.2 and len(fields) > 1:
            fields.pop(self.given.randrange(len(fields)))
        if self.given.random() < 0.2:
            self.given.shuffle(fields)
        renamed = {"name": f"{of['name']}r"} if self.given.random() < 0.05 else {}
        return {**of, **renamed, "fields": fields}

    def _field(self, field: dict[str, Any]) -> dict[str, Any]:
        changed = {**field, "type": self.read(field["type"])}
        if self.given.random() < 0.1:
            changed |= {"name": f"r_{field['name']}", "aliases": [field["name"]]}
        elif self.given.random() < 0.05:
            changed["name"] = field["name"].swapcase()
        return changed

    def _added(self) -> dict[str, Any]:
        of, default = self.given.choice(
            (
                (["null", "string"], None),
                ("int", 7),
                ("string", "d"),
                ("double", 1.5),
                ({"type": "array", "items": "int"}, [1, 2]),
                ({"type": "map", "values": "string"}, {"k": "v"}),
                (["string", "null"], "u"),
                ("bytes", "\u00ff"),
                ("boolean", True),
                ("long", 2**40),
            )
        )
        added = {"name": f"add{self.given.randrange(9)}", "type": of}
        return added if self.given.random() < 0.1 else {**added, "default": default}


def hive(given: random.Random, of: Any, exact: bool) -> str:
    """The Hive type of a column of an Avro type."""
    if isinstance(of, list):
        left = [each for each in of if each != "null"]
        return hive(given, left[0], exact) if left else "string"
    name = of if isinstance(of, str) else of.get("logicalType", of["type"])
    if name == "record":
        fields = [f"{each['name']}:{hive(given, each['type'], exact)}" for each in of["fields"]]
        return f"struct<{','.join(fields)}>"
    if name == "array":
        return f"array<{hive(given, of['items'], exact)}>"
    if name == "map":
        return f"map<string,{hive(given, of['values'], exact)}>"
    if name == "decimal" and exact:
        return f"decimal({of['precision']},{of['scale']})"
    words = _HIVE.get(name, ("string",) if name == "enum" else ("binary",))
    return words[0] if exact else given.choice(words)


def value(given: random.Random, of: Any) -> Any:
    """A value of a type."""
    if isinstance(of, list):
        return _of_union(given, of)
    name = of if isinstance(of, str) else of.get("logicalType", of["type"])
    if name == "null":
        return None
    if name == "record":
        return {each["name"]: value(given, each["type"]) for each in of["fields"]}
    if name == "array":
        return [value(given, of["items"]) for _ in range(given.randrange(3))]
    if name == "map":
        return {
            key: value(given, of["values"])
            for key in given.sample(("k", "l", "é"), given.randrange(3))
        }
    if name == "enum":
        return given.choice(of["symbols"])
    return b"xy" if name == "fixed" else given.choice(_VALUES[name])


def _of_union(given: random.Random, of: list[Any]) -> Any:
    chosen = given.choice(of)
    return value(given, chosen)


def _written(given: random.Random, schema: dict[str, Any]) -> bytes:
    import fastavro

    rows = [value(given, schema) for _ in range(given.choice((0, 1, 3, 6)))]
    out = io.BytesIO()
    codec = given.choice(("null", "deflate", "bzip2"))
    fastavro.writer(
        out,
        fastavro.parse_schema(schema),
        rows,
        codec=codec,
        sync_interval=given.choice((1, 16000)),
    )
    return out.getvalue()


def avro(given: random.Random) -> Made:
    """Files of one schema or two, read by a literal schema or by the columns."""
    making = _Making(given)
    names = given.sample(_NAMES, given.randint(1, 4))
    schema = {
        "type": "record",
        "name": "r",
        "fields": [{"name": name, "type": making.kind()} for name in names],
    }
    files = {"f1": _written(given, schema)}
    if given.random() < 0.25:
        other = making.record(schema)
        other["fields"] = [
            {name: each for name, each in field.items() if name not in {"default", "aliases"}}
            for field in other["fields"]
        ]
        files["f2"] = _written(given, {**other, "name": "r"})
    read = making.record(schema)
    seen = {field["name"].lower(): field for field in read["fields"]}
    by_literal = given.random() < 0.6
    exact = given.random() < 0.7
    columns = [(name, hive(given, field["type"], exact)) for name, field in seen.items()]
    stored, properties = "STORED AS AVRO", {}
    if by_literal:
        literal = json.dumps(read)
        if given.random() < 0.5:
            stored = (
                "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.avro.AvroSerDe'\n"
                f"WITH SERDEPROPERTIES ('avro.schema.literal' = {quoted(literal)})\nSTORED AS AVRO"
            )
        else:
            properties["avro.schema.literal"] = literal
    document = {
        "about": f"avro by {'literal' if by_literal else 'columns'}",
        "ddl": [create(columns, stored, properties=properties)],
        "queries": queries(
            "SELECT * FROM ${TABLE}",
            f"SELECT {given.choice(columns)[0]} FROM ${{TABLE}}",
            "SELECT count(*) FROM ${TABLE}",
        ),
    }
    return Made("avro", document, files)


FAMILIES: Final = {"avro": avro}
