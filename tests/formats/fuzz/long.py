"""Text that is longer than what is read at a time: headers, footers, quotes and odd lines anywhere,
packed by any codec, and rows of very many columns."""

import random
from typing import Final

from tests.formats.fuzz.making import PACKED, Made, chunks, create, queries, quoted, serde

_STORED: Final = {
    "text": "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','\nSTORED AS TEXTFILE",
    "escaped": (
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\\\'\nSTORED AS TEXTFILE"
    ),
    "csv": serde("org.apache.hadoop.hive.serde2.OpenCSVSerde"),
    "hive": serde("org.apache.hive.hcatalog.data.JsonSerDe"),
    "openx": serde("org.openx.data.jsonserde.JsonSerDe"),
    "regex": serde(
        "org.apache.hadoop.hive.serde2.RegexSerDe", {"input.regex": "([^,]*),([^,]*),(.*)"}
    ),
}
_PLAIN: Final = {
    "hive": '{{"a":"{0}","b":"b{1}","c":"{2}"}}',
    "openx": '{{"a":"{0}","b":"b{1}","c":"{2}"}}',
}
_ODD: Final = (
    *("", ",", "x", "1,2", "1,2,3,4", '"a,b",c,d', '"a', '"a""b",c', "a\\,b,c,d", "a\\", "\\N,b,c"),
    *(
        '{"a":"x"}',
        "{}",
        '{"a":"x","b":"y","c":"z","d":1}',
        '{"c":"z","a":"x"}',
        "\t",
        "é,ü,😀",
        "\r",
    ),
    *("'a','b','c'", '"q","w"\r', "x" * 70_000, '{"a":"' + "y" * 70_000 + '"}'),
)


def blocks(given: random.Random) -> Made:
    """Some megabytes of even lines with a few odd ones among them."""
    kind = given.choice(list(_STORED))
    line = _PLAIN.get(kind, "{0},b{1},{2}")
    quotes = kind == "csv" and given.random() < 0.5
    filler = "x" * given.choice((5, 60, 900))
    count = given.choice((100, 20_000, 60_000)) if len(filler) < 100 else 4_000
    lines = [
        line.format(number, f'"{number}"' if quotes else number, filler) for number in range(count)
    ]
    for _ in range(given.choice((0, 0, 1, 3))):
        at = given.choice((0, 1, count - 1, count, given.randrange(count)))
        lines.insert(at, given.choice(_ODD))
    properties = {}
    if given.random() < 0.5:
        properties["skip.header.line.count"] = given.choice(("1", "2", "150", "30000", "0"))
    if given.random() < 0.4:
        properties["skip.footer.line.count"] = given.choice(("1", "2", "150", "30000", "0"))
    end = given.choice(("\n", "\n", "\n", "\r\n", "\r"))
    data = (end.join(lines) + given.choice((end, ""))).encode()
    extension = given.choice(list(PACKED))
    pack = PACKED[extension]
    packed = b"".join(map(pack, chunks(data, given))) if given.random() < 0.5 else pack(data)
    columns = [(name, "string") for name in "abc"]
    return _made(columns, _STORED[kind], properties, {f"d{extension}": packed}, kind)


def wide(given: random.Random) -> Made:
    """Rows of hundreds of columns, some of more or fewer."""
    kind = given.choice(("text", "csv", "escaped", "openx", "hive"))
    count = given.choice((120, 500, 1500))
    columns = [(f"c{place}", given.choice(("string", "string", "int"))) for place in range(count)]
    if kind == "csv":
        columns = [(name, "string") for name, _ in columns]
    lines = []
    for _ in range(given.choice((1, 3, 40))):
        cells = [given.choice(("1", "22", "", "a", "\\N")) for _ in columns]
        cells = cells[: given.choice((count, count, count, count // 2, 0))]
        cells += ["z"] * given.choice((0, 0, 0, 5))
        if kind in _PLAIN:
            pairs = (f'"c{place}":"{cell}"' for place, cell in enumerate(cells) if "\\" not in cell)
            lines.append(f"{{{','.join(pairs)}}}")
        else:
            lines.append(",".join(cells))
    data = "".join(f"{line}\n" for line in lines).encode()
    return _made(columns, _STORED[kind], {}, {"d": data}, f"{count} columns of {kind}")


def _made(
    columns: list[tuple[str, str]],
    stored: str,
    properties: dict[str, str],
    files: dict[str, bytes],
    about: str,
) -> Made:
    first, *_, last = (name for name, _ in columns)
    document = {
        "about": about,
        "ddl": [create(columns, stored, properties=properties)],
        "queries": queries(
            f"SELECT count(*), count({first}), count({last}) FROM ${{TABLE}}",
            f"SELECT count(DISTINCT {first}), min({first}), max({last}) FROM ${{TABLE}}",
            f"SELECT {last}, count(*) FROM ${{TABLE}} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5",
            f"SELECT sum(length(CAST({first} AS varchar))) FROM ${{TABLE}}",
            f"SELECT count(*) FROM ${{TABLE}} WHERE CAST({last} AS varchar) = {quoted('x')}",
        ),
    }
    return Made("long", document, files)


FAMILIES: Final = {"blocks": blocks, "wide": wide}
