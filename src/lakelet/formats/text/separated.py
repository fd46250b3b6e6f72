"""Lines of separated fields by the fast readers: Arrow's takes a block, DuckDB's whole files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from lakelet.formats.scanning import PATH, Relation, Request, file_list
from lakelet.formats.text import lines, proving
from lakelet.types.quoting import identifier, quoted

if TYPE_CHECKING:
    from pyarrow import Array, DataType

_TEXTS: Final[Mapping[str, "DataType"]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fields:
    """How fields stand in a line: between what, in which quotes ('' for none; one in a field is
    doubled), and which text is NULL where no quotes stand around it."""

    separator: str
    quote: str
    null: str


def split(
    block: bytes,
    names: Sequence[str],
    columns: Sequence[str],
    fields: Fields,
    types: Mapping[str, "DataType"] = _TEXTS,
) -> "Mapping[str, Array] | None":
    """The columns of some names, texts but for those of which types are given, to which an empty
    text is NULL; None when not every line has as many fields as there are columns, or a text is no
    value of its type."""
    import pyarrow
    from pyarrow import csv

    places = [f"c{i}" for i in range(len(columns))]
    wanted = {name: places[columns.index(name)] for name in names}
    has_null = not types or _may_hold(block, fields.null)
    # What is NULL is told for all columns alike, and an empty string is none.
    empty = types and (not has_null or len(types) == len(names))
    try:
        table = csv.read_csv(
            pyarrow.BufferReader(block),
            csv.ReadOptions(column_names=places, use_threads=False, block_size=len(block) + 1),
            csv.ParseOptions(
                delimiter=fields.separator,
                quote_char=fields.quote or False,
                double_quote=bool(fields.quote),
                ignore_empty_lines=False,
            ),
            csv.ConvertOptions(
                check_utf8=False,
                include_columns=list(wanted.values()),
                column_types={
                    place: types.get(name, pyarrow.string()) for name, place in wanted.items()
                },
                null_values=[*[fields.null] * has_null, *[""] * bool(empty)],
                strings_can_be_null=has_null,
                true_values=["true", "TRUE", "True"],
                false_values=["false", "FALSE", "False"],
            ),
        )
    except pyarrow.ArrowInvalid:
        return None
    found = {name: table.column(place) for name, place in wanted.items()}
    return {
        name: column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        for name, column in found.items()
    }


def _may_hold(block: bytes, text: str) -> bool:
    """A rare byte is looked for much faster than a text."""
    return all(bytes((byte,)) in block for byte in text.encode())


def plain(request: Request, values: Iterable[str], fields: Fields) -> Relation:
    """`values`, one for each column that is wanted, over its texts as DuckDB reads them."""
    texts = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name, _ in request.schema)
    selected = "".join(
        f"{value} AS {identifier(name)}, "
        for value, (name, _) in zip(values, request.wanted, strict=True)
    )
    return Relation(
        f"SELECT {selected}{identifier(PATH)} FROM read_csv({file_list(request.urls)},"
        f" columns = {{{texts}}}, filename = {quoted(PATH)},"
        f" delim = {quoted(fields.separator)},"
        f" quote = {quoted(fields.quote)}, escape = {quoted(fields.quote)},"
        f" header = false, skip = {lines.Trimming.of(request.parameters).header},"
        f" auto_detect = false, strict_mode = false, nullstr = {quoted(fields.null)},"
        f" allow_quoted_nulls = false, max_line_size = {proving.MAX_LINE},"
        f" buffer_size = {2 * proving.MAX_LINE})"
    )
