"""The classes by which Hive reads and writes files, and those that its words stand for
(StorageFormatDescriptors)."""

from dataclasses import dataclass
from typing import Final

from lakelet.formats.scanning import Format

_IO: Final = "org.apache.hadoop.hive.ql.io"
_SERDE: Final = "org.apache.hadoop.hive.serde2"


@dataclass(frozen=True, slots=True)
class StoredAs:
    """The classes of a word of STORED AS, or of a table that a crawler makes; empty where Hive has
    none."""

    serde: str
    input_format: str
    output_format: str

    @classmethod
    def of(cls, form: Format) -> "StoredAs":
        """A format's own."""
        return cls(form.serdes[0], form.input_format, form.output_format)


SEQUENCE_FILE: Final = StoredAs(
    f"{_SERDE}.lazy.LazySimpleSerDe",
    "org.apache.hadoop.mapred.SequenceFileInputFormat",
    f"{_IO}.HiveSequenceFileOutputFormat",
)
RC_FILE: Final = StoredAs(
    f"{_SERDE}.columnar.LazyBinaryColumnarSerDe",
    f"{_IO}.RCFileInputFormat",
    f"{_IO}.RCFileOutputFormat",
)
SYMLINKS: Final = f"{_IO}.SymlinkTextInputFormat"
"""The input format of a table whose files are texts that name the files with its rows."""
UNREAD: Final = frozenset({SEQUENCE_FILE.input_format, RC_FILE.input_format})
"""Input formats whose files lakelet does not read, whatever the SerDe."""
