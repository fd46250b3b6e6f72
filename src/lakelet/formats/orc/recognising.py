"""ORC files by their footers."""

from lakelet.formats.recognition.classified import Classified, Layout
from lakelet.formats.recognition.columnar import of_arrow
from lakelet.formats.recognition.samples import Sample

LAYOUT = Layout(
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
)
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
            return of_arrow(sample, "orc", LAYOUT, footer.schema, footer.nrows)
    except (ArrowException, OSError):
        return None
