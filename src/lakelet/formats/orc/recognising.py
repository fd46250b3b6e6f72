"""ORC files by their footers."""

from lakelet.formats.orc import FORMAT
from lakelet.formats.recognition.classified import Classified
from lakelet.formats.recognition.columnar import of_arrow
from lakelet.formats.recognition.samples import Sample
from lakelet.formats.stored_as import StoredAs

_STORED_AS = StoredAs.of(FORMAT)
_MAGIC = b"ORC"


def recognise(sample: Sample) -> Classified | None:
    """By the footer."""
    if not sample.head.startswith(_MAGIC):
        return None
    from pyarrow import ArrowException
    from pyarrow.orc import ORCFile

    try:
        with sample.open() as file:
            footer = ORCFile(file)
            return of_arrow(sample, "orc", _STORED_AS, footer.schema, footer.nrows)
    except (ArrowException, OSError):
        return None
