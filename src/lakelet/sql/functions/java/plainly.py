"""format() of the plainest specifiers (`%s`, `%05d`, `%,d`, `%.2f`) as SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.binding import atom
from lakelet.sql.functions.registry import macro

_AS_THEY_ARE: Final = (
    "java.lang.String",
    "java.lang.Boolean",
    "java.lang.Long",
    "java.math.BigDecimal",
)
_NARROW: Final = r"^[\x{0}-\x{FFFF}]*$"
_WIDEST: Final = 1000
_MOST_PLACES: Final = 12
_DIGITS: Final = 18
"""Those of a decimal of 64 bits."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A specifier: its flags, width, precision (-1 for none each) and letter, which value it
    writes, and that value's Java type; with no letter a text."""

    text: str
    flags: str = ""
    width: int = -1
    precision: int = -1
    letter: str = ""
    index: int = 0
    java: str = ""


macro(
    "trino_format_padded",
    "(t, width) AS lpad(t, CAST(greatest(width, length(t)) AS INTEGER), ' ')",
)
macro(
    "trino_format_left",
    "(t, width) AS rpad(t, CAST(greatest(width, length(t)) AS INTEGER), ' ')",
)
macro(
    "trino_format_zeros",
    "(t, width) AS CASE WHEN t[1] = '-' THEN '-' || lpad(t[2:], CAST(greatest(width, length(t)) - 1"
    " AS INTEGER), '0') ELSE lpad(t, CAST(greatest(width, length(t)) AS INTEGER), '0') END",
)
macro(
    "trino_format_grouped",
    "(t) AS format('{:,}', CAST(split_part(t, '.', 1) AS BIGINT))"
    " || CASE WHEN contains(t, '.') THEN '.' || split_part(t, '.', 2) ELSE '' END",
)
macro(
    # Of those that DuckDB writes without an exponent, and that are not rounded to a zero below 0.
    "trino_format_is_plain",
    "(t, most) AS t = '0E0' OR TRY_CAST(t AS DOUBLE) BETWEEN 1e-3 AND most"
    " OR TRY_CAST(t AS DOUBLE) BETWEEN -most AND -1",
)


def written(pieces: Sequence[Piece], values: Sequence[str], slow: str) -> str | None:
    """SQL of the pieces, where the values allow it, else `slow`; None where a piece is not plain.
    The values are SQL of texts, each of which may be repeated."""
    parts, conditions = [], []
    for piece in pieces:
        if not piece.letter:
            parts += [quote(piece.text)] if piece.text else []
            continue
        found = _written(piece, atom(values[piece.index]))
        if found is None:
            return None
        parts.append(found[0])
        conditions += found[1]
    whole = " || ".join(parts) or "''"
    if not conditions:
        return f"({whole})"
    return f"CASE WHEN {' AND '.join(dict.fromkeys(conditions))} THEN {whole} ELSE {slow} END"


def _written(piece: Piece, value: str) -> tuple[str, list[str]] | None:
    """SQL of a piece, and of what must hold of its value."""
    if piece.width > _WIDEST or piece.flags not in _FLAGS.get(piece.letter, ()):
        return None
    if piece.letter == "f":
        return _fixed(piece, value)
    if piece.java not in (_AS_THEY_ARE if piece.letter == "s" else ("java.lang.Long",)):
        return None
    text = f"coalesce({value}, 'null')"
    if piece.precision >= 0:
        text = f"left({text}, {piece.precision})"
    known = [f"{value} IS NOT NULL"] if piece.flags in ("0", ",", ",0", "0,") else []
    if piece.java == "java.lang.String" and max(piece.width, piece.precision) >= 0:
        # Java counts characters of 16 bits.
        known.append(f"regexp_matches(coalesce({value}, ''), {quote(_NARROW)})")
    return _shaped(piece, text), known


_FLAGS: Final = {"s": ("", "-"), "d": ("", "-", "0", ",", ",0", "0,"), "f": ("", "0", ",")}


def _fixed(piece: Piece, value: str) -> tuple[str, list[str]] | None:
    places = 6 if piece.precision < 0 else piece.precision
    if places > _MOST_PLACES:
        return None
    if piece.java == "java.math.BigDecimal":
        known = f"length({value}) < {_DIGITS - places} AND NOT starts_with({value}, '-0')"
        digits = value
    elif piece.java in ("java.lang.Double", "java.lang.Float"):
        known = f"trino_format_is_plain({value}, 1e{min(14, _DIGITS - places - 1)})"
        digits = f"CAST(CAST({value} AS DOUBLE) AS VARCHAR)"
    else:
        return None
    text = f"CAST(CAST({digits} AS DECIMAL({_DIGITS},{places})) AS VARCHAR)"
    return _shaped(piece, text), [f"({known})"]


def _shaped(piece: Piece, text: str) -> str:
    """The text with its thousands apart and as wide as it must be."""
    if "," in piece.flags:
        text = f"trino_format_grouped({text})"
    if piece.width < 0:
        return text
    name = "zeros" if "0" in piece.flags else "left" if "-" in piece.flags else "padded"
    return f"trino_format_{name}({text}, {piece.width})"
