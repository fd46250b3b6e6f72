"""RegexSerDe: a Java pattern must match the whole line; its groups are the columns.

A line that it does not match is a row of NULLs; so are a group that takes no part and a column
without a group. What is no value of its type is NULL.
"""

from collections.abc import Mapping
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats.scanning import (
    PATH,
    TEXT_INPUT,
    TEXT_OUTPUT,
    Format,
    Relation,
    Request,
)
from lakelet.formats.text import lines, values
from lakelet.types.quoting import identifier, quoted

_LINE: Final = "$line"
_GROUPS: Final = "$groups"


def _scan(request: Request) -> Relation:
    properties = request.properties
    pattern = properties.get("input.regex")
    if pattern is None:
        raise TrinoError(
            "GENERIC_INTERNAL_ERROR",
            "Schema does not have required 'input.regex' property",
            error_type="INTERNAL_ERROR",
        )
    if request.files and any(of.name not in values.JAVA for _, of in request.wanted):
        raise lines.unreadable(request.files[0].info.uri)
    folds = properties.get("input.regex.case.insensitive", "").lower() == "true"
    places = {name: place for place, (name, _) in enumerate(request.schema)}
    return grouped(request, pattern, "si" if folds else "s", places)


def grouped(
    request: Request,
    pattern: str,
    flags: str,
    places: Mapping[str, int],
    *,
    unquoted: bool = False,
) -> Relation:
    """A scan whose columns are the groups of a pattern (`trino_regex_groups`).

    `places` are the columns' groups, from 0; `unquoted`: quotes around a whole value are no part
    of it.
    """
    data = lines.dataset(
        request, [_LINE], lambda block, names: {_LINE: lines.split(block)} if names else {}
    )
    if not request.wanted:
        return Relation(f"SELECT {identifier(PATH)} FROM {request.name}", {request.name: data})
    groups = f"trino_regex_groups({identifier(_LINE)}, {quoted(pattern)}, {quoted(flags)})"
    groups_of = "trino_hive_unquoted({}[{}])" if unquoted else "{}[{}]"
    texts = {
        name: groups_of.format(identifier(_GROUPS), place + 1) for name, place in places.items()
    }
    selected = "".join(
        f"{values.value(texts[name], of, 'java')} AS {identifier(name)}, "
        for name, of in request.wanted
    )
    inner = f"SELECT {groups} AS {identifier(_GROUPS)}, {identifier(PATH)} FROM {request.name}"
    return Relation(f"SELECT {selected}{identifier(PATH)} FROM ({inner})", {request.name: data})


FORMAT: Final = Format(
    name="REGEX",
    classification="regex",
    serdes=frozenset(
        {
            "org.apache.hadoop.hive.serde2.RegexSerDe",
            "org.apache.hadoop.hive.contrib.serde2.RegexSerDe",
        }
    ),
    input_format=TEXT_INPUT,
    output_format=TEXT_OUTPUT,
    scan=_scan,
)
