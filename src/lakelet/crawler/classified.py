"""What a classifier says of a file, and how a table over such files is laid out."""

from dataclasses import dataclass, field, replace

from lakelet.crawler.schemas import Schema, merge_schemas

_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"


@dataclass(frozen=True, slots=True)
class Layout:
    """The SerDe and the formats that Glue's crawler gives a table; empty where Hive has none."""

    serde: str
    input_format: str = _TEXT_INPUT
    output_format: str = _TEXT_OUTPUT


PARQUET = Layout(
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
)
ORC = Layout(
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
)
AVRO = Layout(
    "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
)
JSON = Layout("org.openx.data.jsonserde.JsonSerDe")
OPEN_CSV = Layout("org.apache.hadoop.hive.serde2.OpenCSVSerde")
LAZY_SIMPLE = Layout("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe")
GROK = Layout("com.amazonaws.glue.serde.GrokSerDe")
NONE = Layout("", "", "")


@dataclass(frozen=True, slots=True)
class Classified:
    """A classification, its schema and what its table needs to be read.

    `certainty` is from 0 to 1; `records` is how many a file has by the sample's measure, `size`
    how many bytes one takes.
    """

    classification: str
    layout: Layout
    schema: Schema
    compression: str = "none"
    records: int = 0
    size: int = 0
    serde_parameters: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    certainty: float = 1.0

    @property
    def kind(self) -> tuple[str, str]:
        """Files of one table have this in common."""
        return self.classification, self.compression

    def together(self, other: "Classified") -> "Classified":
        """Both files in one table; where one has quotes all are read by the SerDe that knows
        them."""
        teller = other if other.layout == OPEN_CSV else self
        paths = {"paths": _union(self, other)} if "paths" in self.serde_parameters else {}
        return replace(
            teller,
            schema=merge_schemas(self.schema, other.schema),
            records=self.records,
            size=max(self.size, other.size),
            serde_parameters={**teller.serde_parameters, **paths},
        )


def _union(a: Classified, b: Classified) -> str:
    """The paths of both files, each once, in the order in which they were met."""
    texts = (each.serde_parameters.get("paths", "") for each in (a, b))
    return ",".join(dict.fromkeys(path for text in texts for path in text.split(",") if path))
