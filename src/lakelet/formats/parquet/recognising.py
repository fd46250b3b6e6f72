"""Parquet files by their footers."""

from lakelet.formats.parquet import FORMAT
from lakelet.formats.recognition.classified import Classified
from lakelet.formats.recognition.columnar import of_arrow
from lakelet.formats.recognition.samples import Sample
from lakelet.formats.stored_as import StoredAs

_STORED_AS = StoredAs.of(FORMAT)
_MAGIC = b"PAR1"
_TAIL = 8 * 1024


def recognise(sample: Sample) -> Classified | None:
    """By the footer alone; a file that only begins like Parquet is none."""
    if not sample.head.startswith(_MAGIC):
        return None
    from pyarrow import ArrowException, BufferReader
    from pyarrow.parquet import read_metadata

    tail = sample.tail(_TAIL)
    if not tail.endswith(_MAGIC):
        return None
    length = int.from_bytes(tail[-8:-4], "little") + 8
    if length > len(tail):
        tail = sample.tail(length)
    try:
        # The columns' chunks are not looked at, so the footer may stand for the file.
        footer = read_metadata(BufferReader(_MAGIC + tail[-length:]))
        schema = footer.schema.to_arrow_schema()
    except (ArrowException, OSError):
        return None
    return of_arrow(sample, "parquet", _STORED_AS, schema, footer.num_rows)
