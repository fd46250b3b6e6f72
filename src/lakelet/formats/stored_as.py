"""What STORED AS says: the classes that Hive makes of its words (StorageFormatDescriptors)."""

from dataclasses import dataclass
from typing import Final

from lakelet.formats.scanning import Format

_IO: Final = "org.apache.hadoop.hive.ql.io"
_SERDE: Final = "org.apache.hadoop.hive.serde2"


@dataclass(frozen=True, slots=True)
class StoredAs:
    """The classes that a word stands for."""

    serde: str
    input_format: str
    output_format: str

    @classmethod
    def of(cls, form: Format, serde: str = "") -> "StoredAs":
        """A format's own; `serde` is the one of several that Hive takes."""
        return cls(serde or min(form.serdes), form.input_format, form.output_format)


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
