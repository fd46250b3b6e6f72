"""ORC: columns by position, or by name where the table says so; read by pyarrow, stripe by stripe.

Trino's own rules say how a file's type becomes the table's: SQL over the file's columns as pyarrow
gives them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lakelet.formats import writers
from lakelet.formats.layout import Chunks, Field, Footer
from lakelet.formats.orc import far, footers, unions
from lakelet.formats.orc.reading import arrow_type, bad, column, need_bounds, need_nanos
from lakelet.formats.scanning import NUMBER, PATH, Format, Relation, Request
from lakelet.formats.streams import stream
from lakelet.model import DataFile
from lakelet.types.duckdb import physical
from lakelet.types.quoting import identifier

if TYPE_CHECKING:
    from pyarrow import RecordBatch

BATCH_ROWS: Final = 65_536


@dataclass(frozen=True, slots=True)
class _Part:
    """A file of a scan and its number: where the wanted columns are in it, and the stripes that
    are read."""

    file: DataFile
    number: int
    places: tuple[int, ...]
    footer: Footer
    stripes: tuple[int, ...]


def _scan(request: Request) -> Relation:
    by_name = request.property("orc.column.index.access", "true").lower() == "false"
    positions = {name: index for index, (name, _) in enumerate(request.schema)}
    alike: dict[tuple[bool, tuple[Field | None, ...]], list[_Part]] = {}
    chunks = []
    for number, (file, footer) in enumerate(zip(request.files, request.footers, strict=True)):
        at = _names(footer) if by_name else positions
        places = tuple(at.get(name, len(footer.fields)) for name, _ in request.wanted)
        found = tuple(footer.fields[i] if i < len(footer.fields) else None for i in places)
        for (name, of), place in zip(request.wanted, places, strict=True):
            if name in request.domains and place < len(footer.fields):
                need_bounds(footer, place, of)
        names = (name for name, _ in request.wanted)
        kept = request.surviving(footer, dict(zip(names, places, strict=True)))
        is_far = footers.FAR in footer.marks
        alike.setdefault((is_far, found), []).append(_Part(file, number, places, footer, kept))
        touched = tuple(i for i in places if i < len(footer.fields))
        chunks.append(Chunks(file, footer, touched, kept))
    datasets, parts = {}, []
    for number, ((is_far, fields), files) in enumerate(alike.items()):
        name = f"{request.name}_orc_{number}"
        datasets[name] = _stream(request, fields, files, far.UNIT if is_far else "ns")
        precision = far.PRECISION if is_far else 9
        parts.append(_select(request, name, fields, files[0].file, precision))
    sql = " UNION ALL BY NAME ".join(parts)
    return Relation(sql, datasets, tuple(chunks), numbered=len(parts) == 1)


def _names(footer: Footer) -> Mapping[str, int]:
    return {each.name.lower(): i for i, each in reversed(list(enumerate(footer.fields)))}


def _select(
    request: Request, name: str, fields: Sequence[Field | None], file: DataFile, precision: int
) -> str:
    items = []
    for position, ((wanted, of), field) in enumerate(zip(request.wanted, fields, strict=True)):
        value = f"CAST(NULL AS {physical(of)})"
        if field is not None:
            read = request.asked(wanted, of, field)
            value = column(read, f"c{position}", of, file, field, precision)
        items.append(f"{value} AS {identifier(wanted)}, ")
    return f"SELECT {''.join(items)}{identifier(PATH)}, {identifier(NUMBER)} FROM {name}"


def _stream(
    request: Request, fields: Sequence[Field | None], parts: Sequence[_Part], unit: str
) -> Any:
    """A dataset of the files' own columns `c0`, `c1` … and the file that a row is from."""
    import pyarrow

    types = {
        f"c{position}": arrow_type(field, unit)
        for position, field in enumerate(fields)
        if field is not None
    }
    types |= {PATH: pyarrow.string(), NUMBER: pyarrow.int64()}

    def batches(names: Sequence[str]) -> Iterator["RecordBatch"]:
        for part in parts:
            yield from _batches(request, part, names, types)

    return stream(pyarrow.schema(list(types.items())), batches)


def _batches(
    request: Request, part: _Part, names: Sequence[str], types: Mapping[str, Any]
) -> Iterator["RecordBatch"]:
    import pyarrow
    from pyarrow import orc

    data = [name for name in names if name not in (PATH, NUMBER)]
    with request.open(part.file) as opened:
        try:
            file = orc.ORCFile(pyarrow.PythonFile(opened, mode="r"))
            for number in part.stripes:
                if not data:
                    rows = part.footer.groups[number].rows
                    yield from _empty(part, names, types, rows)
                    continue
                for taken in _taken(file, opened, part, number, data, types):
                    yield _batch(part, names, taken, types, len(next(iter(taken.values()))))
        except (OSError, pyarrow.ArrowException) as failure:
            raise bad(part.file, str(failure)) from failure


def _taken(
    file: Any,
    opened: BinaryIO,
    part: _Part,
    number: int,
    data: Sequence[str],
    types: Mapping[str, Any],
) -> Iterator[Mapping[str, Any]]:
    """The named columns of a stripe, in pieces of some rows."""
    fields = {name: part.footer.fields[part.places[int(name[1:])]] for name in data}
    is_far = footers.FAR in part.footer.marks
    apart = {name: each for name, each in fields.items() if is_far and far.has_moments(each)}
    near = [name for name in data if name not in apart]
    places = sorted({part.places[int(name[1:])] for name in near})
    stripe = file.read_stripe(number, columns=[part.footer.fields[each].name for each in places])
    wanted = [types[name] for name in apart]
    moments = far.arrays(opened, number, [*apart.values()], wanted, BATCH_ROWS) if apart else None
    for start in range(0, part.footer.groups[number].rows, BATCH_ROWS):
        batch = stripe.slice(start, BATCH_ROWS)
        taken = {name: batch.column(places.index(part.places[int(name[1:])])) for name in near}
        yield taken | (dict(zip(apart, next(moments), strict=True)) if moments else {})


def _empty(
    part: _Part, names: Sequence[str], types: Mapping[str, Any], rows: int
) -> Iterator["RecordBatch"]:
    """The rows of a stripe of which no column is wanted."""
    for start in range(0, rows, BATCH_ROWS):
        yield _batch(part, names, {}, types, min(BATCH_ROWS, rows - start))


def _batch(
    part: _Part,
    names: Sequence[str],
    taken: Mapping[str, Any],
    types: Mapping[str, Any],
    rows: int,
) -> "RecordBatch":
    import pyarrow

    same = {PATH: part.file.url, NUMBER: part.number}
    columns = [
        pyarrow.repeat(pyarrow.scalar(same[name], types[name]), rows)
        if name in same
        else _fitted(taken[name], types[name], part)
        for name in names
    ]
    return pyarrow.record_batch(columns, schema=pyarrow.schema([(n, types[n]) for n in names]))


def _fitted(array: Any, of: Any, part: _Part) -> Any:
    if str(of) == "timestamp[ns]" and "C++" in part.footer.marks:
        need_nanos(array, part.file)
    array = unions.united(array)
    return array if array.type == of else array.cast(of, safe=False)


FORMAT: Final = Format(
    name="ORC",
    classification="orc",
    serdes=("org.apache.hadoop.hive.ql.io.orc.OrcSerde",),
    input_format="org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
    scan=_scan,
    writing=writers.orc.writing,
    footers=footers.read,
)
