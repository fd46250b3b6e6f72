"""The words of STORED AS: what Hive makes of each (its StorageFormatDescriptors, and Athena's ION).

Trino's own words for its formats (CSV, REGEX, OPENX_JSON …) are none of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_IO: Final = "org.apache.hadoop.hive.ql.io"
_SERDE: Final = "org.apache.hadoop.hive.serde2"
_TEXT_INPUT: Final = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT: Final = f"{_IO}.HiveIgnoreKeyTextOutputFormat"


@dataclass(frozen=True, slots=True)
class StoredAs:
    """The classes that a word stands for."""

    serde: str
    input_format: str
    output_format: str


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
WORDS: Final[Mapping[str, StoredAs]] = {
    "TEXTFILE": StoredAs(f"{_SERDE}.lazy.LazySimpleSerDe", _TEXT_INPUT, _TEXT_OUTPUT),
    "SEQUENCEFILE": SEQUENCE_FILE,
    "RCFILE": RC_FILE,
    "ORC": StoredAs(
        f"{_IO}.orc.OrcSerde", f"{_IO}.orc.OrcInputFormat", f"{_IO}.orc.OrcOutputFormat"
    ),
    "PARQUET": StoredAs(
        f"{_IO}.parquet.serde.ParquetHiveSerDe",
        f"{_IO}.parquet.MapredParquetInputFormat",
        f"{_IO}.parquet.MapredParquetOutputFormat",
    ),
    "AVRO": StoredAs(
        f"{_SERDE}.avro.AvroSerDe",
        f"{_IO}.avro.AvroContainerInputFormat",
        f"{_IO}.avro.AvroContainerOutputFormat",
    ),
    "JSONFILE": StoredAs("org.apache.hive.hcatalog.data.JsonSerDe", _TEXT_INPUT, _TEXT_OUTPUT),
    "ION": StoredAs(
        "com.amazon.ionhiveserde.IonHiveSerDe",
        "com.amazon.ionhiveserde.formats.IonInputFormat",
        "com.amazon.ionhiveserde.formats.IonOutputFormat",
    ),
}
UNREAD: Final = frozenset({SEQUENCE_FILE.input_format, RC_FILE.input_format})
"""Input formats whose files lakelet does not read, whatever the SerDe."""
