"""Trino's canonical JSON text, and Java's texts of floating numbers, in Python.

For constants and Python functions; DuckDB's side has macros of its own.
"""

import json
import math
import re
from contextlib import suppress
from typing import Any, Final

import orjson

# Escapes, characters that are escaped, and numbers that have another text in Java or Python.
_ODD: Final = re.compile(r"\\|[\U00010000-\U0010ffff]|(?:^|[:\[,])\s*-?(?:[0-9]+[.eE]|[0-9]{16})")


def canonical(text: str) -> str:
    """A JSON text as Trino keeps it: no blanks, members sorted by name, the last one of a name.

    Raises ValueError for a text that is no JSON.
    """
    if _ODD.search(text) is None:
        with suppress(orjson.JSONDecodeError):
            return orjson.dumps(orjson.loads(text), option=orjson.OPT_SORT_KEYS).decode()
    return dump(json.loads(text, parse_constant=_refuse))


def dump(value: Any) -> str:
    """Python's JSON values as canonical text."""
    if isinstance(value, dict):
        members = (f"{_string(key)}:{dump(value[key])}" for key in sorted(value, key=_utf16))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float):
        return java_double(value) if math.isfinite(value) else f'"{java_double(value)}"'
    return {None: "null", True: "true", False: "false"}[value] if _is_word(value) else str(value)


def java_double(value: float) -> str:
    """What Java's Double.toString gives."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = _decimal(value)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _decimal(value: float) -> tuple[str, str, int]:
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    leading = len(whole + part) - len(digits)
    exponent = len(whole) - leading - 1 + int(power or 0)
    return "-" if value < 0 else "", digits.rstrip("0"), exponent


def _is_word(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


_ESCAPED: Final = re.compile("[\x00-\x1f\ud800-\udfff\U00010000-\U0010ffff]")


def whole(text: str) -> str:
    """A text as UTF-8 holds it: half a surrogate pair is a question mark (airlift's Slice)."""
    return text.encode("utf-8", "replace").decode()


def _string(text: str) -> str:
    """A text in quotes; the digits of what is escaped are capitals (Jackson)."""
    if _ESCAPED.search(text) is None:
        return json.dumps(text, ensure_ascii=False)
    return '"' + "".join(map(_character, text)) + '"'


def _character(character: str) -> str:
    inside = json.dumps(character, ensure_ascii=_ESCAPED.match(character) is not None)[1:-1]
    return inside.upper().replace("U", "u") if inside.startswith("\\u") else inside


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")
