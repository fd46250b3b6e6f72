"""LazySimpleSerDe: text with a delimiter and no quotes, columns by position.

A column that a line lacks is NULL, one too many is passed over, and so is a text that is no value
of its column's type.
"""

from collections.abc import Mapping
from typing import Final

from lakelet.errors import TrinoError
from lakelet.formats import text
from lakelet.formats.scanning import (
    PATH,
    Format,
    Relation,
    Request,
    Writing,
    file_list,
    identifier,
    quoted,
)
from lakelet.types import Type

DELIMITER: Final = "\x01"
NULL: Final = "\\N"
_MAX_LINE: Final = 100_000_000


def _scan(request: Request) -> Relation:
    properties = request.storage.serde_parameters
    if properties.get("escape.delim"):
        raise TrinoError("NOT_SUPPORTED", "escape.delim of LazySimpleSerDe is not supported")
    delimiter = properties.get("field.delim") or properties.get("serialization.format") or DELIMITER
    names = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name, _ in request.schema)
    skip = int(request.parameters.get("skip.header.line.count") or 0)
    null = properties.get("serialization.null.format", NULL)
    values = "".join(f"{_value(name, of)} AS {identifier(name)}, " for name, of in request.wanted)
    return Relation(
        f"SELECT {values}filename AS {identifier(PATH)} FROM read_csv({file_list(request.urls)},"
        f" columns = {{{names}}}, delim = {quoted(_character(delimiter))}, quote = '', escape = '',"
        f" header = false, skip = {skip}, auto_detect = false, null_padding = true,"
        f" strict_mode = false, nullstr = {quoted(null)}, max_line_size = {_MAX_LINE})"
    )


def _value(name: str, of: Type) -> str:
    return text.value(identifier(name), of)


def _character(text_: str) -> str:
    """Hive also takes a delimiter as its number ("9")."""
    return chr(int(text_)) if text_.isdigit() and len(text_) > 1 else text_


def _writing(compression: str | None, parameters: Mapping[str, str]) -> Writing:
    word, extension = text.compression(compression, "TEXTFILE")
    options: dict[str, object] = {
        "FORMAT": "csv",
        "HEADER": False,
        "DELIMITER": parameters.get("field_delimiter") or DELIMITER,
        "QUOTE": "",
        "ESCAPE": "",
        "NULLSTR": NULL,
        "COMPRESSION": word,
    }
    return Writing(options, extension)


FORMAT: Final = Format(
    name="TEXTFILE",
    classification="csv",
    serdes=frozenset({"org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"}),
    input_format="org.apache.hadoop.mapred.TextInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    scan=_scan,
    writing=_writing,
    compressions=frozenset(text.COMPRESSIONS),
)
