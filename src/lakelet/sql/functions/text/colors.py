"""Colours for terminals. A colour is 24 bits of red, green and blue, or below zero the number of
one of the terminal's own."""

import colorsys
import math
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.registry import Call, macro, scalar, udf
from lakelet.sql.functions.vectorised import once, refused, refused_by, rowwise, strict

NAMES: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_LOW: Final = 0xFF0000
_HIGH: Final = 0x00FF00
_RESET: Final = "\x1b[0m"


def _parts(color: int) -> tuple[int, int, int]:
    if color < 0:
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", "color is not a valid rgb value")
    return color >> 16 & 255, color >> 8 & 255, color & 255


def between(fraction: float, low: int, high: int) -> int:
    """The colour at a fraction of the way between two, by hue, saturation and brightness."""
    first, last = (
        colorsys.rgb_to_hsv(*(part / 255 for part in _parts(color))) for color in (low, high)
    )
    mixed = (fraction * (b - a) + a for a, b in zip(first, last, strict=True))
    red, green, blue = (int(part * 255 + 0.5) for part in colorsys.hsv_to_rgb(*mixed))
    return red << 16 | green << 8 | blue


def _bar(percent: float, width: int, low: int, high: int) -> str:
    filled = 0 if math.isnan(percent) else int(max(-1.0, min(percent * width, width)))
    filled = max(0, min(width, filled))
    steps = (i / (width - 1) if width > 1 else 0.0 for i in range(filled))
    blocks = "".join(f"{_escape(between(step, low, high))}█" for step in steps)
    return f"{blocks}{_RESET}{' ' * (width - filled)}"


def _escape(color: int) -> str:
    red, green, blue = (part * 6 // 256 for part in _parts(color))
    return f"\x1b[38;5;{16 + red * 36 + green * 6 + blue}m"


udf(
    "trino_color_between",
    lambda: rowwise(between, "int32"),
    ("DOUBLE", "INTEGER", "INTEGER"),
    "INTEGER",
)
udf(
    "trino_bar",
    lambda: rowwise(_bar, "string"),
    ("DOUBLE", "BIGINT", "INTEGER", "INTEGER"),
    "VARCHAR",
)

# Making colours ----------------------------------------------------------------------------

_NAMED: Final = " ".join(f"WHEN '{name}' THEN {-i - 1}" for i, name in enumerate(NAMES))
_INVALID: Final = refused_by("'Invalid color: ''' || s || ''''", "INTEGER")
macro(
    "trino_color",
    "(s) AS CASE WHEN regexp_full_match(s, '#[0-9a-fA-F]{3}')"
    " THEN CAST(('0x' || s[2] || s[2] || s[3] || s[3] || s[4] || s[4]) AS INTEGER)"
    f" ELSE coalesce(CASE lower(s) {_NAMED} END,"
    f" CASE WHEN s IS NOT NULL THEN {_INVALID} END) END",
)


def _negative(name: str) -> str:
    message = refused(f"{name}Color not a valid RGB color", "INTEGER")
    return f"WHEN {name} < 0 THEN {message}"


macro(
    "trino_color_at",
    f"(f, low, high) AS CASE {_negative('low')} {_negative('high')}"
    " ELSE trino_color_between(greatest(least(f, 1), 0), low, high) END",
)


def _out_of_range(name: str) -> str:
    message = refused(f"{name} must be between 0 and 255", "INTEGER")
    return f"WHEN NOT {name} BETWEEN 0 AND 255 THEN {message}"


macro(
    "trino_rgb",
    f"(red, green, blue) AS CASE {' '.join(map(_out_of_range, ('red', 'green', 'blue')))}"
    " ELSE CAST((red << 16) | (green << 8) | blue AS INTEGER) END",
)


def _color(call: Call) -> str:
    if len(call.arguments) == 1:
        return once("trino_color")(call)
    fraction, *colors = call.arguments
    if len(call.arguments) == 5:
        low, high, *colors = colors
        fraction = f"(({fraction} - {low}) / ({high} - {low}))"
    return f"trino_color_at({fraction}, {', '.join(colors)})"


scalar(
    "color",
    "(varchar(x)) -> color",
    "(double, color, color) -> color",
    "(double, double, double, color, color) -> color",
    sql=strict(_color),
    doc="The colour of a name or of `#rgb`, or one between two others.",
)
scalar(
    "rgb",
    "(bigint, bigint, bigint) -> color",
    sql=once("trino_rgb"),
    doc="The colour of shares of red, green and blue from 0 to 255.",
)

# Showing them ------------------------------------------------------------------------------

macro(
    "trino_ansi",
    "(c) AS CASE WHEN c < 0 THEN -c - 1 ELSE 16 + ((c >> 16) & 255) * 6 // 256 * 36"
    " + ((c >> 8) & 255) * 6 // 256 * 6 + (c & 255) * 6 // 256 END",
)
macro(
    "trino_render",
    "(s, c) AS chr(27) || '[38;5;' || trino_ansi(c) || 'm' || s || chr(27) || '[0m'",
)


def _render(call: Call) -> str:
    value, of = call.arguments[0], call.types[0].name
    if of == "boolean":
        yes, no = "trino_render('✓', -3)", "trino_render('✗', -2)"
        return f"CASE WHEN {value} THEN {yes} WHEN NOT {value} THEN {no} END"
    text = f"trino_java_double({value})" if of == "double" else f"CAST({value} AS VARCHAR)"
    return f"trino_render({value if of == 'varchar' else text}, {call.arguments[1]})"


def _emit_bar(call: Call) -> str:
    colors = call.arguments[2:] or (str(_LOW), str(_HIGH))
    return f"trino_bar({', '.join((*call.arguments[:2], *colors))})"


scalar(
    "render",
    "(boolean) -> varchar(16)",
    "(bigint, color) -> varchar(35)",
    "(double, color) -> varchar(41)",
    "(varchar(x), color) -> varchar(min(2147483647, x + 15))",
    sql=_render,
    doc="A value with the escapes that give it a colour in a terminal.",
)
scalar(
    "bar",
    "(double, bigint) -> varchar",
    "(double, bigint, color, color) -> varchar",
    sql=_emit_bar,
    doc="A bar of a width of which a share is filled, from one colour to another.",
)
