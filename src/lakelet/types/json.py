"""Trino's canonical JSON text, and Java's texts of floating numbers, in Python.

For constants and Python functions; DuckDB's side has macros of its own.
"""

import gc
import json
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from json.encoder import encode_basestring
from typing import Any, Final

import orjson

ODD: Final = (
    r"\\u|[\x{10000}-\x{10ffff}]"
    r"|(?:^|[:\[,])\s*-?(?:[0-9.]+[eE]|[0-9]{7,}\.|[0-9]{16}|0\.00)"
)
"""RE2's pattern of what others may write otherwise than Jackson: escapes by number, characters that
are escaped, and numbers that Java writes with an exponent or that have too many digits."""
_ODD: Final = re.compile(re.sub(r"\\x\{(\w+)\}", lambda m: chr(int(m[1], 16)), ODD))


def canonical(text: str) -> str:
    """A JSON text as Trino keeps it: no blanks, members sorted by name, the last one of a name.

    Raises ValueError for a text that is no JSON.
    """
    found = None if _ODD.search(text) else plain(text)
    return (
        dump(json.loads(text, parse_constant=refuse_constant)) if found is None else found.decode()
    )


def plain(text: str) -> bytes | None:
    """The canonical text, in UTF-8, of one that has nothing `ODD`; None where it must be asked
    again, as of what is no JSON."""
    try:
        return orjson.dumps(orjson.loads(text), option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # no JSON, or too deep
        return None


def all_plain(texts: Sequence[str]) -> list[bytes] | None:
    """As `plain` of each text, written at once, which is several times as fast; None where one of
    them must be asked again."""
    parts: list[Any] = [_BETWEEN] * (2 * len(texts))
    try:
        with uncollected():
            parts[::2] = map(orjson.loads, texts)
            whole = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    return whole[1:-3].split(b",\n,")


_BETWEEN: Final = orjson.Fragment(b"\n")
"""What no JSON holds that orjson writes, for it escapes the ends of lines."""


@contextmanager
def uncollected() -> Iterator[None]:
    """While many values are made that hold others, none is looked for that could be thrown away."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def compact(value: Any) -> str | None:
    """The canonical text, members in their order; None where `dump` must be asked."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_SUBCLASS).decode()
    except TypeError:
        return None
    # NaN and the infinities are null to orjson.
    return None if "null" in text or _ODD.search(text) else text


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
    # The least numbers have two digits in Java, though one would do.
    text = f"{abs(value):.1e}" if abs(value) < _LEAST else repr(abs(value))
    mantissa, _, power = text.partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    leading = len(whole + part) - len(digits)
    exponent = len(whole) - leading - 1 + int(power or 0)
    return "-" if value < 0 else "", digits.rstrip("0"), exponent


_LEAST: Final = 1e-322
"""Below it there are several decimals of two digits for a number."""


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
        return encode_basestring(text)
    return '"' + "".join(map(_character, text)) + '"'


def _character(character: str) -> str:
    escaped = _ESCAPED.match(character) is not None
    inside = (json.dumps if escaped else encode_basestring)(character)[1:-1]
    return inside.upper().replace("U", "u") if inside.startswith("\\u") else inside


def refuse_constant(word: str) -> Any:
    """For a decoder that takes no NaN and no Infinity: raises ValueError."""
    raise ValueError(f"{word} is no JSON")
