"""What footers of columnar files say, as a classification."""

from collections.abc import Iterator
from typing import Any

from lakelet.errors import TrinoError
from lakelet.formats.recognition.classified import Classified
from lakelet.formats.recognition.kinds import Kind
from lakelet.formats.recognition.samples import Sample
from lakelet.formats.stored_as import StoredAs
from lakelet.types.hive import to_hive

SERIALIZATION = {"serialization.format": "1"}
"""What Glue's crawlers write of the SerDe of such files."""


def of_arrow(sample: Sample, name: str, stored_as: StoredAs, schema: Any, rows: int) -> Classified:
    """A file whose footer has an Arrow schema and a number of rows."""
    size = sample.info.size // rows if rows else 0
    columns = dict(_kinds(schema))
    return Classified(name, stored_as, columns, "none", rows, size, dict(SERIALIZATION))


def _kinds(schema: Any) -> Iterator[tuple[str, Kind]]:
    for each in schema:
        yield each.name.lower(), Kind(_stored(each.type))


def _stored(given: Any) -> str:
    """The Hive word; an instant is a timestamp there, what Hive lacks is text."""
    from lakelet.types.arrow import from_arrow

    if str(given) == "uint64":
        return "bigint"
    try:
        of = from_arrow(given)
        return "timestamp" if of.name == "timestamp with time zone" else to_hive(of)
    except TrinoError:
        return "string"
