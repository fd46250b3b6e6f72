"""JSON, one object a line, under Hive's own SerDe and OpenX's.

Keys are found whatever their case. A line that is no JSON fails the query, unless the table says
`ignore.malformed.json` (OpenX), where its values are NULL.
"""

from collections.abc import Mapping
from typing import Final

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
from lakelet.types.duckdb import physical

_MAX_OBJECT: Final = 100_000_000


def _scan(request: Request) -> Relation:
    properties = request.storage.serde_parameters
    ignore = properties.get("ignore.malformed.json", "false").lower() == "true"
    values = "".join(
        f"{_value(properties.get(f'mapping.{name}', name), of)} AS {identifier(name)}, "
        for name, of in request.wanted
    )
    return Relation(
        f"SELECT {values}filename AS {identifier(PATH)} FROM read_json_objects("
        f"{file_list(request.urls)}, format = 'newline_delimited',"
        f" ignore_errors = {str(ignore).lower()}, maximum_object_size = {_MAX_OBJECT})"
    )


def _value(key: str, of: Type) -> str:
    path = quoted(f'$."{key}"')
    folded = quoted(key.lower())
    # Only a row that lacks the key in its own spelling pays for looking at all its keys.
    found = (
        f"CASE WHEN json_exists(json, {path}) THEN {{}}(json, {path}) ELSE {{}}(json, '$.\"' ||"
        f" list_filter(json_keys(json), lambda k: lower(k) = {folded})[1] || '\"') END"
    )
    if of.name in ("array", "map", "row"):
        return f"CAST({found.format('json_extract', 'json_extract')} AS {physical(of)})"
    return text.value(f"({found.format('json_extract_string', 'json_extract_string')})", of)


def _writing(compression: str | None, parameters: Mapping[str, str]) -> Writing:
    word, extension = text.compression(compression, "JSON")
    return Writing({"FORMAT": "json", "COMPRESSION": word}, extension)


_TEXT_INPUT: Final = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT: Final = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

HIVE: Final = Format(
    name="JSON",
    classification="json",
    serdes=frozenset(
        {
            "org.apache.hive.hcatalog.data.JsonSerDe",
            "org.apache.hadoop.hive.serde2.JsonSerDe",
        }
    ),
    input_format=_TEXT_INPUT,
    output_format=_TEXT_OUTPUT,
    scan=_scan,
    by_name=True,
    writing=_writing,
    compressions=frozenset(text.COMPRESSIONS),
)
OPENX: Final = Format(
    name="OPENX_JSON",
    classification="json",
    serdes=frozenset({"org.openx.data.jsonserde.JsonSerDe"}),
    input_format=_TEXT_INPUT,
    output_format=_TEXT_OUTPUT,
    scan=_scan,
    by_name=True,
    writing=_writing,
)
