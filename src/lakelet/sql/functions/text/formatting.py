"""Numbers as short texts, and texts of data sizes as numbers."""

import re
from decimal import MAX_PREC, ROUND_HALF_UP, Context, Decimal
from functools import partial
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.registry import alias, macro, scalar, udf
from lakelet.sql.functions.vectorised import rowwise

_MAGNITUDES: Final = ("", "K", "M", "B", "T", "Q")
_SIZE: Final = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([kMGTPEZY]?B)")
_EXACT: Final = Context(prec=MAX_PREC)
_SIZE_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")


def _format_number(value: int) -> str:
    fraction, magnitude = float(value), 0
    while abs(fraction) >= 1000 and magnitude < len(_MAGNITUDES) - 1:
        fraction /= 1000
        magnitude += 1
    # Trino compares with the sign on: a number below zero has two places.
    places = "0.01" if fraction < 10 else "0.1" if fraction < 100 else "1"
    text = str(Decimal(fraction).quantize(Decimal(places), ROUND_HALF_UP))
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text + _MAGNITUDES[magnitude]


def _parse_data_size(text: str) -> Decimal:
    match = _SIZE.fullmatch(text)
    if match is None:
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Invalid data size: '{text}'")
    size = int(_EXACT.multiply(Decimal(match[1]), Decimal(1024 ** _SIZE_UNITS.index(match[2]))))
    if size >= 2**127:
        raise TrinoError("GENERIC_INTERNAL_ERROR", "Decimal overflow")
    if size >= 10**38:
        raise TrinoError("NUMERIC_VALUE_OUT_OF_RANGE", f"Value out of range: '{text}' ('{size}B')")
    return Decimal(size)


def _load_data_size() -> Any:
    import pyarrow

    def sizes(texts: Any) -> Any:
        found = [None if each is None else _parse_data_size(each) for each in texts.to_pylist()]
        return pyarrow.array(found, pyarrow.decimal128(38, 0))

    return sizes


udf("trino_format_number", partial(rowwise, _format_number, "string"), ("BIGINT",), "VARCHAR")
udf("trino_parse_data_size", _load_data_size, ("VARCHAR",), "DECIMAL(38, 0)")
# Java casts NaN to 0.
macro(
    "trino_format_double",
    "(x) AS trino_format_number(CASE WHEN isnan(x) THEN 0 ELSE trino_java_long(x) END)",
)
scalar(
    "format_number",
    "(bigint) -> varchar",
    "(double) -> varchar",
    sql=lambda call: (
        f"trino_format_{'double' if call.types[0].name == 'double' else 'number'}"
        f"({call.arguments[0]})"
    ),
    doc="A number with a letter for its magnitude: K, M, B, T or Q.",
)
scalar(
    "parse_data_size",
    "(varchar(x)) -> decimal(38, 0)",
    sql="trino_parse_data_size({0})",
    doc="How many bytes a text like 2.3MB means.",
)
alias("parse_presto_data_size", of="parse_data_size")
