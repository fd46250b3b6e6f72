"""OpenCSVSerde: quoted text; every value is read as a string and then cast.

A value that its column's type can't hold fails the query (HIVE_BAD_DATA), an empty one too where
the column is not a string.
"""

from collections.abc import Mapping
from typing import Final

from lakelet.errors import TrinoError
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

_MAX_LINE: Final = 100_000_000


def _scan(request: Request) -> Relation:
    properties = request.storage.serde_parameters
    names = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name, _ in request.schema)
    skip = int(request.parameters.get("skip.header.line.count") or 0)
    values = "".join(f"{_value(name, of)} AS {identifier(name)}, " for name, of in request.wanted)
    return Relation(
        f"SELECT {values}filename AS {identifier(PATH)} FROM read_csv({file_list(request.urls)},"
        f" columns = {{{names}}}, delim = {quoted(properties.get('separatorChar') or ',')},"
        f" quote = {quoted(properties.get('quoteChar') or chr(34))},"
        f" escape = {quoted(properties.get('escapeChar') or chr(92))}, header = false,"
        f" skip = {skip}, auto_detect = false, null_padding = true, strict_mode = false,"
        f" nullstr = {quoted(chr(7) + chr(29))}, allow_quoted_nulls = false,"
        f" max_line_size = {_MAX_LINE})"
    )


def _value(name: str, of: Type) -> str:
    column = identifier(name)
    if of.name in ("varchar", "char"):
        return column
    message = f"'Error parsing field value ''' || {column} || ''' for field {name}'"
    bad = f"CAST(trino_fail('HIVE_BAD_DATA', {message}) AS {physical(of)})"
    if of.name == "date":
        read = f"DATE '1970-01-01' + TRY_CAST({column} AS INTEGER)"
    elif of.name == "timestamp":
        read = f"make_timestamp(TRY_CAST({column} AS BIGINT) * 1000)"
    else:
        read = f"TRY_CAST({column} AS {physical(of)})"
    return f"CASE WHEN {column} IS NOT NULL THEN coalesce({read}, {bad}) END"


def _writing(compression: str | None, parameters: Mapping[str, str]) -> Writing:
    raise TrinoError("NOT_SUPPORTED", "Writing tables of OpenCSVSerde is not supported by Athena")


FORMAT: Final = Format(
    name="CSV",
    classification="csv",
    serdes=frozenset({"org.apache.hadoop.hive.serde2.OpenCSVSerde"}),
    input_format="org.apache.hadoop.mapred.TextInputFormat",
    output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    scan=_scan,
    writing=_writing,
)
