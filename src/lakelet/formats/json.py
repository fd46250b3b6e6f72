"""JSON, one object a line, under Hive's own SerDe and OpenX's.

Both read keys whatever their case; for all else see `hive_json` and `openx_json`. A line is read
only if a column of it is: counting rows counts lines, whatever they hold.
"""

from collections.abc import Callable
from typing import Final

from lakelet.formats import canonical, lines, writers
from lakelet.formats.json_lines import Spec
from lakelet.formats.scanning import PATH, Format, Relation, Request, identifier, quoted

_LINE: Final = "$line"
_ROW: Final = "$json"


def _scan(function: str) -> Callable[[Request], Relation]:
    def scan(request: Request) -> Relation:
        data = lines.dataset(
            request,
            [_LINE],
            lambda block, names: {_LINE: lines.split(block)} if names else {},
        )
        if not request.wanted:
            sql = f"SELECT {identifier(PATH)} FROM {request.name}"
            return Relation(sql, {request.name: data})
        line, uri, row = map(identifier, (_LINE, lines.URI, _ROW))
        parsed = f"{function}({line}, CAST({uri} AS VARCHAR), {quoted(_spec(request).text())})"
        made = f"json_transform({parsed}, {quoted(canonical.structure(request.wanted))})"
        values = "".join(
            f"{canonical.value(f'{row}.{identifier(name)}', of)} AS {identifier(name)}, "
            for name, of in request.wanted
        )
        inner = f"SELECT {made} AS {row}, {identifier(PATH)} FROM {request.name}"
        sql = f"SELECT {values}{identifier(PATH)} FROM ({inner})"
        return Relation(sql, {request.name: data})

    return scan


def _spec(request: Request) -> Spec:
    positions = {name: i for i, (name, _) in enumerate(request.schema)}
    columns = tuple((name, str(of), positions[name]) for name, of in request.wanted)
    return Spec(columns, request.storage.serde_parameters)


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
    scan=_scan("trino_hive_json"),
    by_name=True,
    writing=writers.json.hive,
)
OPENX: Final = Format(
    name="OPENX_JSON",
    classification="json",
    serdes=frozenset({"org.openx.data.jsonserde.JsonSerDe"}),
    input_format=_TEXT_INPUT,
    output_format=_TEXT_OUTPUT,
    scan=_scan("trino_openx_json"),
    by_name=True,
    writing=writers.json.openx,
)
