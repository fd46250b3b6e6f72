"""JSON's first value in a text, and where a path of the plain kind (`$.a[0]["b"]`) leads in it.

As Jackson's stream does, a path looks no further than the value that it finds, and a number keeps
its own text until it is asked for as JSON.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.types.json import dump, refuse_constant


class Number(str):
    """A number's own text."""

    __slots__ = ()


class Object(tuple[tuple[str, Any], ...]):
    """An object's members as they stand."""

    __slots__ = ()


MISSING: Final = object()


DECODER: Final = json.JSONDecoder(
    parse_float=Number,
    parse_int=Number,
    parse_constant=refuse_constant,
    object_pairs_hook=Object,
)
_BLANKS: Final = " \t\r\n"
_BLANK: Final = re.compile(f"[{_BLANKS}]*")
_GOES_ON: Final = re.compile(r"[\w$]")
_STEP: Final = re.compile(r"\.([\w:]+)|\[([\w:]+)\]|\[\"((?:[^\"\\]|\\[\"\\])*)\"\]")


@lru_cache(maxsize=1024)
def path_steps(path: str) -> tuple[str, ...]:
    """The names and indexes of a path; TrinoError when it is none."""
    steps = []
    at = 1
    while path.startswith("$") and at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            break
        quoted = match[3]
        steps.append(
            re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else match[1] or match[2]
        )
        at = match.end()
    if not path.startswith("$") or at < len(path):
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON path: '{path}'")
    return tuple(steps)


def read(text: str) -> Any:
    """The first value of a text; what follows it is not looked at, but for where it ends."""
    try:
        value, end = _value(text, _blank(text, 0))
    except (ValueError, RecursionError):
        return MISSING
    # A number that stands alone ends with a blank (Jackson).
    alone = isinstance(value, Number) and text[end : end + 1].strip(_BLANKS)
    return MISSING if alone else value


def found(text: str, path: str) -> Any:
    if not path_steps(path):
        return read(text)
    try:
        at = place(text, path)
        return MISSING if at < 0 else _value(text, at)[0]
    except (ValueError, IndexError, RecursionError):
        return MISSING


def place(text: str, path: str) -> int:
    """Where the value at a path starts; -1 for none. Raises for what is no JSON before it."""
    at = _blank(text, 0)
    for step in path_steps(path):
        if text[at] == "{":
            at = _member(text, at + 1, step)
        elif text[at] == "[" and step.isdigit():
            at = _item(text, at + 1, int(step))
        else:
            return -1
        if at < 0:
            return -1
    return at


def _blank(text: str, at: int) -> int:
    """Where blanks end."""
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int) -> tuple[Any, int]:
    """The value that starts at a place, and where it ends."""
    value, end = DECODER.raw_decode(text, at)
    if isinstance(value, Number):
        goes_on = text[end : end + 1] in tuple(".eE0123456789")
    else:
        word = value is None or isinstance(value, bool)
        goes_on = word and _GOES_ON.match(text, end) is not None
    if goes_on:
        raise ValueError("a number or a word goes on")
    return value, end


def _member(text: str, at: int, name: str) -> int:
    """Where the value of an object's member starts, the object open at `at`; -1 for none."""
    at = _blank(text, at)
    while text[at] == '"':
        key, at = _value(text, at)
        at = _behind(text, at, ":")
        if key == name:
            return at
        at = _blank(text, _value(text, at)[1])
        if text[at] == "}":
            return -1
        at = _behind(text, at, ",")
    return -1


def _item(text: str, at: int, index: int) -> int:
    """Where an element of an array starts, the array open at `at`; -1 for none."""
    at = _blank(text, at)
    if text[at] == "]":
        return -1
    for _ in range(index):
        at = _blank(text, _value(text, at)[1])
        if text[at] == "]":
            return -1
        at = _behind(text, at, ",")
    return at


def elements(text: str) -> Iterator[Any]:
    """The elements of the array that a text begins with, as far as they are asked for; raises
    ValueError or IndexError for what is none."""
    at = _blank(text, 0)
    if text[at] != "[":
        raise ValueError("no array")
    at = _blank(text, at + 1)
    while text[at] != "]":
        value, at = _value(text, at)
        yield value
        at = _blank(text, at)
        if text[at] != "]":
            at = _behind(text, at, ",")
            if text[at] == "]":
                raise ValueError("an element expected")


def _behind(text: str, at: int, sign: str) -> int:
    """Where a sign and the blanks about it end."""
    at = _blank(text, at)
    if text[at] != sign:
        raise ValueError(f"{sign} expected")
    return _blank(text, at + 1)


def written(value: Any) -> str:
    """A value's JSON text, its members in their order."""
    if isinstance(value, Object):
        return "{" + ",".join(f"{dump(key)}:{written(each)}" for key, each in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    if isinstance(value, Number):
        return dump(float(value)) if is_real(value) else str(int(value))
    return dump(value)


def is_real(number: str) -> bool:
    return bool(set(number) & set(".eE"))
