"""RegexSerDe: a Java pattern must match the whole line; its groups are the columns.

A line that it does not match is a row of NULLs; so are a group that takes no part and a column
without a group. What is no value of its type is NULL.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

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
from lakelet.formats.text.re2_groups import Re2Groups, re2_groups
from lakelet.types.quoting import identifier, quoted

if TYPE_CHECKING:
    from pyarrow import Array
    from pyarrow.dataset import Dataset

_LINE: Final = "$line"
_GROUPS: Final = "$groups"


def _scan(request: Request) -> Relation:
    properties = request.properties
    pattern = properties.get("input.regex")
    if pattern is None:
        raise TrinoError(
            "GENERIC_INTERNAL_ERROR", "Schema does not have required 'input.regex' property"
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
    if not request.wanted:
        data = lines.dataset(
            request, [_LINE], lambda block, names: {_LINE: lines.split(block)} if names else {}
        )
        return Relation(f"SELECT {identifier(PATH)} FROM {request.name}", {request.name: data})
    wanted = {name: places[name] for name, _ in request.wanted}
    data, texts = _texts(request, pattern, flags, wanted)
    if unquoted:
        texts = {name: f"trino_hive_unquoted({text})" for name, text in texts.items()}
    line = identifier(_LINE)
    found = f"trino_regex_groups({line}, {quoted(pattern)}, {quoted(flags)})"
    groups = f"CASE WHEN {line} IS NOT NULL THEN {found} END AS {identifier(_GROUPS)}"
    read = "".join(f"{text} AS {identifier(name)}, " for name, text in texts.items())
    values_of = "".join(
        f"{values.value(identifier(name), of, 'java')} AS {identifier(name)}, "
        for name, of in request.wanted
    )
    inner = f"SELECT *, {groups} FROM {request.name}"
    middle = f"SELECT {read}{identifier(PATH)} FROM ({inner})"
    return Relation(f"SELECT {values_of}{identifier(PATH)} FROM ({middle})", {request.name: data})


def _texts(
    request: Request, pattern: str, flags: str, places: Mapping[str, int]
) -> tuple["Dataset", Mapping[str, str]]:
    """The files with what is read of them, and the SQL of each column's text.

    Lines whose groups RE2 finds are NULL, and the groups columns of their own.
    """
    plain = re2_groups(pattern, flags)
    if plain is None:
        data = lines.dataset(request, [_LINE], lambda block, _: {_LINE: lines.split(block)})
        texts = {name: f"{identifier(_GROUPS)}[{place + 1}]" for name, place in places.items()}
        return data, texts
    named = {f"$group {place}": place for place in places.values()}

    def decode(block: bytes, names: Sequence[str]) -> Mapping[str, "Array"]:
        return _divided(block, plain, named) if names else {}

    texts = {
        name: f"CASE WHEN {identifier(_LINE)} IS NULL THEN {identifier(f'$group {place}')}"
        f" ELSE {identifier(_GROUPS)}[{place + 1}] END"
        for name, place in places.items()
    }
    return lines.dataset(request, [_LINE, *named], decode), texts


def _divided(block: bytes, plain: Re2Groups, named: Mapping[str, int]) -> Mapping[str, "Array"]:
    """The lines of a block that are not ASCII, and the groups of all others."""
    import pyarrow
    from pyarrow import compute

    found = lines.split(block)
    groups = plain.of(found)
    none = pyarrow.nulls(len(found), pyarrow.string())
    odd = none
    if not block.isascii():
        odd = compute.if_else(compute.string_is_ascii(found), None, found)
    return {
        _LINE: odd,
        **{name: groups[place] if place < len(groups) else none for name, place in named.items()},
    }


FORMAT: Final = Format(
    name="REGEX",
    classification="regex",
    serdes=(
        "org.apache.hadoop.hive.serde2.RegexSerDe",
        "org.apache.hadoop.hive.contrib.serde2.RegexSerDe",
    ),
    input_format=TEXT_INPUT,
    output_format=TEXT_OUTPUT,
    scan=_scan,
)
