"""RegexSerDe: a Java pattern must match the whole line; its groups are the columns.

A line that it does not match is a row of NULLs; so are a group that takes no part and a column
without a group. What is no value of its type is NULL.
"""

from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats import hive_text, lines
from lakelet.formats.scanning import PATH, Format, Relation, Request, identifier, quoted

_LINE: Final = "$line"
_GROUPS: Final = "$groups"


def _scan(request: Request) -> Relation:
    properties = request.properties
    pattern = properties.get("input.regex")
    if pattern is None:
        raise TrinoError(
            "HIVE_CURSOR_ERROR",
            "Schema does not have required 'input.regex' property",
            error_type="EXTERNAL",
        )
    folds = properties.get("input.regex.case.insensitive", "").lower() == "true"
    return grouped(request, pattern, "si" if folds else "s")


def grouped(request: Request, pattern: str, flags: str) -> Relation:
    """A scan whose columns are the groups of a pattern (`trino_regex_groups`)."""
    data = lines.dataset(
        request, [_LINE], lambda block, names: {_LINE: lines.split(block)} if names else {}
    )
    if not request.wanted:
        return Relation(f"SELECT {identifier(PATH)} FROM {request.name}", {request.name: data})
    groups = f"trino_regex_groups({identifier(_LINE)}, {quoted(pattern)}, {quoted(flags)})"
    positions = {name: i for i, (name, _) in enumerate(request.schema, start=1)}
    values = "".join(
        hive_text.value(f"{identifier(_GROUPS)}[{positions[name]}]", of, "java")
        + f" AS {identifier(name)}, "
        for name, of in request.wanted
    )
    inner = f"SELECT {groups} AS {identifier(_GROUPS)}, {identifier(PATH)} FROM {request.name}"
    return Relation(f"SELECT {values}{identifier(PATH)} FROM ({inner})", {request.name: data})


FORMAT: Final = Format(
    name="REGEX",
    classification="regex",
    serdes=frozenset(
        {
            "org.apache.hadoop.hive.serde2.RegexSerDe",
            "org.apache.hadoop.hive.contrib.serde2.RegexSerDe",
        }
    ),
    input_format="org.apache.hadoop.mapred.TextInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    scan=_scan,
)
