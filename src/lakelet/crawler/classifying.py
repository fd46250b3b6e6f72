"""What a sample is: Glue's built-in classifiers that lakelet has, in Glue's order."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from lakelet import formats
from lakelet.crawler.samples import Sample
from lakelet.crawler.schemas import NULL, STRING, Kind, Schema, merge_schemas, merged, of_json
from lakelet.errors import TrinoError
from lakelet.formats.scanning import Format
from lakelet.interfaces import Storage
from lakelet.types import Type
from lakelet.types.hive import to_hive

MAX_RECORDS = 1000
DELIMITERS = (",", "|", "\t", ";", "\x01")
_PARQUET = b"PAR1"
_MAX_HEADER = 150
_HEADER_NAME = re.compile(r"[A-Za-z_][\w .\-/()#%&]*")
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Classified:
    """A format, its schema and what its table needs to be read; `records` is how many a file
    has, by the sample's measure, and `size` how many bytes one takes."""

    format: Format
    schema: Schema
    compression: str
    records: int
    size: int
    serde_parameters: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> tuple[str, str]:
        """Files of one table have this in common."""
        return self.format.name, self.compression


def classify(storage: Storage, sample: Sample) -> Classified | None:
    """The first classifier that knows the sample decides; None for UNKNOWN."""
    for classifier in (_parquet, _json, _csv):
        found = classifier(storage, sample)
        if found is not None:
            return found
    return None


def _counted(sample: Sample, seen: int) -> tuple[int, int]:
    """How many records a file has if they go on as in the sample, and the bytes of one."""
    if not seen:
        return 0, 0
    each = max(1, len(sample.head) // seen)
    return (seen if sample.complete else max(seen, sample.info.size // each)), each


# Parquet ------------------------------------------------------------------------------------


def _parquet(storage: Storage, sample: Sample) -> Classified | None:
    """By the footer alone; a file that only begins like Parquet is none."""
    if not sample.head.startswith(_PARQUET):
        return None
    from pyarrow import ArrowException, parquet

    from lakelet.types.arrow import from_arrow

    try:
        with storage.open(sample.info.bucket, sample.info.key) as file:
            footer = parquet.ParquetFile(file)
            rows = footer.metadata.num_rows
            schema = {
                each.name.lower(): Kind(_stored(from_arrow(each.type)))
                for each in footer.schema_arrow
            }
    except (ArrowException, OSError):
        return None
    size = sample.info.size // rows if rows else 0
    serde = {"serialization.format": "1"}
    return Classified(formats.parquet.FORMAT, schema, "none", rows, size, serde)


def _stored(of: Type) -> str:
    """The Hive word; an instant is a timestamp there, what Hive lacks is text."""
    if of.name == "timestamp with time zone":
        return "timestamp"
    try:
        return to_hive(of)
    except TrinoError:
        return "string"


# JSON ---------------------------------------------------------------------------------------


def _json(storage: Storage, sample: Sample) -> Classified | None:
    """One object a line."""
    if not sample.head.lstrip().startswith(b"{"):
        return None
    schema: dict[str, Kind] = {}
    keys: dict[str, None] = {}
    seen = 0
    for line in sample.lines[:MAX_RECORDS]:
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            return None
        if not isinstance(record, dict):
            return None
        seen += 1
        keys.update(dict.fromkeys(record))
        schema = merge_schemas(schema, dict(of_json(record).fields))
    if not seen:
        return None
    records, size = _counted(sample, seen)
    serde = {"paths": ",".join(keys)}
    return Classified(formats.json.OPENX, schema, sample.compression, records, size, serde)


# CSV ----------------------------------------------------------------------------------------


def _csv(storage: Storage, sample: Sample) -> Classified | None:
    """At least two columns and two rows under one delimiter."""
    lines = [line for line in sample.lines[:MAX_RECORDS] if line]
    if len(lines) < 2 or "\x00" in lines[0]:
        return None
    quoted = any('"' in line for line in lines[1:])  # a header is skipped, quotes and all
    for delimiter in DELIMITERS:
        rows = _split(lines, delimiter, quoted)
        if rows is not None:
            return _table(sample, rows, delimiter, quoted)
    return None


def _split(lines: Sequence[str], delimiter: str, quoted: bool) -> list[list[str]] | None:
    """The cells, when nearly all lines have as many as the first one, two at least."""
    if delimiter not in lines[0]:
        return None
    if quoted:
        rows = list(csv.reader(lines, delimiter=delimiter, escapechar="\\"))
    else:
        first = next(csv.reader(lines[:1], delimiter=delimiter))
        rows = [first, *(line.split(delimiter) for line in lines[1:])]
    width = len(rows[0])
    even = sum(1 for row in rows if len(row) == width)
    return rows if width > 1 and even >= 0.9 * len(rows) else None


def _table(sample: Sample, rows: list[list[str]], delimiter: str, quoted: bool) -> Classified:
    width = len(rows[0])
    header = _is_header(rows)
    names = _header_names(rows[0]) if header else [f"col{i}" for i in range(width)]
    data = rows[1:] if header else rows
    kinds = [_column([row[i] for row in data if i < len(row)]) for i in range(width)]
    if quoted:  # OpenCSVSerde takes no empty text for a number
        kinds = [
            STRING if any(i < len(row) and not row[i] for row in data) else kind
            for i, kind in enumerate(kinds)
        ]
    records, size = _counted(sample, len(data))
    parameters = {
        "delimiter": delimiter,
        "columnsOrdered": "true",
        "areColumnsQuoted": str(quoted).lower(),
    }
    if header:
        parameters["skip.header.line.count"] = "1"
    form = formats.opencsv.FORMAT if quoted else formats.delimited.FORMAT
    serde = (
        {"separatorChar": delimiter, "quoteChar": '"', "escapeChar": "\\"}
        if quoted
        else {"field.delim": delimiter}
    )
    schema = dict(zip(names, kinds, strict=True))
    return Classified(form, schema, sample.compression, records, size, serde, parameters)


def _is_header(rows: list[list[str]]) -> bool:
    """Glue's rule: every cell is a short text that can be a name, and some row below is not all
    text ("Built-in CSV classifier", Glue developer guide)."""
    first = rows[0]
    if any(
        _kind(cell) != STRING or len(cell) >= _MAX_HEADER or not _HEADER_NAME.fullmatch(cell)
        for cell in first
    ):
        return False
    if len({cell.lower() for cell in first}) < len(first):
        return False
    return any(_kind(cell).name in ("bigint", "double") for row in rows[1:] for cell in row)


def _header_names(cells: list[str]) -> list[str]:
    return [
        re.sub(r"[^a-z0-9_]", "_", cell.strip().lower()) or f"col{i}"
        for i, cell in enumerate(cells)
    ]


def _column(cells: Sequence[str]) -> Kind:
    found = NULL
    for cell in cells:
        found = merged(found, _kind(cell))
        if found == STRING:
            break
    return found


def _kind(cell: str) -> Kind:
    if not cell or cell == "\\N":
        return NULL
    if _INTEGER.fullmatch(cell):
        return Kind("bigint")
    return Kind("double") if _NUMBER.fullmatch(cell) else STRING
