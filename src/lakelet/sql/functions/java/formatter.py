"""format(): the pattern language of Java's Formatter, which Trino hands its values to.

Rules: the documentation of java.util.Formatter; the Java types that Trino gives it (every integer
is a Long, what it does not know is a String of its cast to varchar) are measured on Trino 476.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final, NoReturn

from lakelet.errors import TrinoError
from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.java import moments
from lakelet.sql.functions.java.hashes import hash_code
from lakelet.sql.functions.java.plainly import Piece, written
from lakelet.sql.functions.registry import Call, scalar, udf
from lakelet.sql.functions.vectorised import rowwise
from lakelet.types.json import whole

_SPECIFIER: Final = re.compile(
    r"%(?:(\d+)\$)?([-#+ 0,(<]*)([1-9]\d*)?(?:\.(\d+))?([tT]?[a-zA-Z]|%)"
)
_JAVA_TYPES: Final = {
    "boolean": "java.lang.Boolean",
    "tinyint": "java.lang.Long",
    "smallint": "java.lang.Long",
    "integer": "java.lang.Long",
    "bigint": "java.lang.Long",
    "real": "java.lang.Float",
    "double": "java.lang.Double",
    "decimal": "java.math.BigDecimal",
    "date": "java.time.LocalDate",
    "time": "java.time.LocalTime",
    "timestamp": "java.time.LocalDateTime",
    "timestamp with time zone": "java.time.ZonedDateTime",
}
MAX_LENGTH: Final = 1_000_000
"""Characters that the widths and precisions of a pattern may ask for together.

Trino ends when its heap is full, at some hundred million; here a batch of rows must fit.
"""

_FLOATING: Final = ("java.lang.Float", "java.lang.Double", "java.math.BigDecimal")
_NOT_FINITE: Final = ("NaN", "Infinity", "-Infinity")
_COMPOSED: Final = {
    "R": "H:M", "T": "H:M:S", "r": "I:M:S p", "D": "m/d/y", "c": "a b d T Z Y",
}  # fmt: skip
_OF_ZONES: Final = "zZ"
_OF_CLOCKS: Final = "HIklMSLNp"
_OF_INSTANTS: Final = "sQ"
_FLAGS: Final = "-#+ 0,(<"
"""In the order in which Java names them."""
_WRONG_FLAGS: Final = {
    **dict.fromkeys("bsh", "+ 0,("),
    **dict.fromkeys("ct", "#+ 0,("),
    "d": "#",
    **dict.fromkeys("xo", ",( +"),
    "e": ",",
    "g": "#",
    "a": "(,",
}
"""The flags that a conversion does not take, in the order in which Java looks for them."""
_NUMERIC: Final = "dxoefga"


@dataclass(frozen=True, slots=True)
class _Specifier:
    """One `%…` of a pattern; `width` and `precision` are -1 where there is none."""

    flags: str
    width: int
    precision: int
    conversion: str


@dataclass(frozen=True, slots=True)
class _Value:
    """A value: its Java type, and its text as Trino casts it to varchar."""

    java: str
    text: str


class _FormatError(Exception):
    """Java's exception, as Trino shows it."""


def _format(pattern: str, types: str, texts: list[str | None]) -> str:
    kinds = types.split(",")
    values = [None if t is None else _Value(k, t) for k, t in zip(kinds, texts, strict=True)]
    try:
        return "".join(_pieces(pattern, values))
    except _FormatError as error:
        message = f"Invalid format string: {pattern} ({error})"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message) from None


def _pieces(pattern: str, values: list[_Value | None]) -> list[str]:
    pieces, at, ordinary, last, asked = [], 0, 0, -1, 0
    while (found := pattern.find("%", at)) >= 0:
        pieces.append(pattern[at:found])
        match = _SPECIFIER.match(pattern, found)
        if match is None:
            _unknown(pattern[found + 1 : found + 2] or "%")
        index, flags, width, precision, conversion = match.groups()
        specifier = _Specifier(
            flags, _length(width, "Width"), _length(precision, "Precision"), conversion
        )
        _check(specifier, match[0])
        asked += _asked(specifier)
        if asked > MAX_LENGTH:
            raise TrinoError("GENERIC_INTERNAL_ERROR", "Java heap space")
        at = match.end()
        if conversion in ("%", "n"):
            pieces.append(_padded(specifier, "%") if conversion == "%" else "\n")
            continue
        if index:
            last = int(index) - 1
        elif "<" not in flags:
            last, ordinary = ordinary, ordinary + 1
        if not 0 <= last < len(values):
            raise _FormatError(f"MissingFormatArgument: Format specifier '{match[0]}'")
        pieces.append(_converted(specifier, values[last]))
    return [*pieces, pattern[at:]]


def _length(digits: str | None, part: str) -> int:
    """A width or precision, -1 for none; Java reads an int."""
    if digits is None:
        return -1
    if len(digits) > 10 or int(digits) >= 2**31:
        raise _FormatError(f"IllegalFormat{part}: {-(2**31)}")
    return int(digits)


def _asked(specifier: _Specifier) -> int:
    """The least number of characters that a specifier writes."""
    digits = specifier.precision if specifier.conversion in "eEfgG" else 0
    return max(specifier.width, digits)


def _unknown(conversion: str) -> NoReturn:
    raise _FormatError(f"UnknownFormatConversion: Conversion = '{conversion}'")


def _check(specifier: _Specifier, text: str) -> None:
    letter = specifier.conversion
    if letter[0] in "tT" and len(letter) == 2:
        if letter[1] not in (*_COMPOSED, *moments.LETTERS, "F"):
            _unknown(letter)
    elif letter.lower() not in _CONVERSIONS and letter not in ("%", "n"):
        _unknown(letter)
    flags = specifier.flags
    for flag in flags:
        if flags.count(flag) > 1:
            raise _FormatError(f"DuplicateFormatFlags: Flags = '{flag}'")
    if specifier.precision >= 0 and letter[0] in "dxXoctT%n":
        raise _FormatError(f"IllegalFormatPrecision: {specifier.precision}")
    if letter in ("%", "n"):
        _check_text(specifier, text)
        return
    numeric = letter.lower() in _NUMERIC
    if specifier.width < 0 and ("-" in flags or (numeric and "0" in flags)):
        raise _FormatError(f"MissingFormatWidth: {text}")
    if numeric and ({*"+ "} <= {*flags} or {*"-0"} <= {*flags}):
        raise _FormatError(f"IllegalFormatFlags: Flags = '{_ordered(flags)}'")
    _check_flags(letter, flags)


def _check_text(specifier: _Specifier, text: str) -> None:
    """%% and %n, which take next to nothing."""
    if specifier.conversion == "n" and specifier.width >= 0:
        raise _FormatError(f"IllegalFormatWidth: {specifier.width}")
    if specifier.flags not in ("", "-" if specifier.conversion == "%" else ""):
        raise _FormatError(f"IllegalFormatFlags: Flags = '{_ordered(specifier.flags)}'")
    if specifier.flags and specifier.width < 0:
        raise _FormatError(f"MissingFormatWidth: {text}")


def _check_flags(letter: str, flags: str) -> None:
    kind = letter[0].lower() if len(letter) == 2 else letter.lower()
    wrong = _WRONG_FLAGS.get(kind, "")
    if kind in "bsh":
        # Whether `%#s` is one depends on the value, which is never a Formattable.
        wrong = f"#{wrong}"
    found = [flag for flag in wrong if flag in flags]
    if found:
        # Of a hexadecimal floating number Java names all of them.
        shown = _ordered("".join(found)) if kind == "a" else found[0]
        raise _FormatError(
            f"FormatFlagsConversionMismatch: Conversion = {letter[-1]}, Flags = {shown}"
        )


def _ordered(flags: str) -> str:
    return "".join(flag for flag in _FLAGS if flag in flags)


def _converted(specifier: _Specifier, value: _Value | None) -> str:
    letter = specifier.conversion
    if value is None:
        text = _cut(specifier, "false" if letter in "bB" else "null")
    elif len(letter) == 2:
        text = _time(specifier, value)
    else:
        text = _CONVERSIONS[letter.lower()](specifier, value)
    return _padded(specifier, text.upper() if letter[0].isupper() else text)


def _padded(specifier: _Specifier, text: str) -> str:
    fill = text.ljust if "-" in specifier.flags else text.rjust
    # Java counts characters of 16 bits.
    return fill(specifier.width - sum(each > "\uffff" for each in text))


def _cut(specifier: _Specifier, text: str) -> str:
    if specifier.precision < 0:
        return text
    kept = text.encode("utf-16-le")[: 2 * specifier.precision]
    return whole(kept.decode("utf-16-le", "surrogatepass"))


def _illegal(specifier: _Specifier, value: _Value) -> NoReturn:
    letter = specifier.conversion
    shown = letter[-1] if len(letter) == 2 else letter.lower()
    raise _FormatError(f"IllegalFormatConversion: {shown} != {value.java}")


def _boolean(specifier: _Specifier, value: _Value) -> str:
    return _cut(specifier, value.text if value.java == "java.lang.Boolean" else "true")


def _string(specifier: _Specifier, value: _Value) -> str:
    text = value.text
    if value.java.startswith("java.time"):
        text = moments.iso(value.java, value.text)
    elif value.java in ("java.lang.Float", "java.lang.Double"):
        text = _java_floating(text)
    return _cut(specifier, text)


def _java_floating(text: str) -> str:
    """Without an exponent between 10^-3 and 10^7, as Double.toString; Trino's has one always."""
    if text in _NOT_FINITE:
        return text
    number = Decimal(text)
    if number and not -3 <= number.adjusted() < 7:
        return text
    digits = f"{number:f}"
    return digits if "." in digits else f"{digits}.0"


def _hash(specifier: _Specifier, value: _Value) -> str:
    """Java's hashCode of the value, in hexadecimal."""
    return _cut(specifier, f"{hash_code(value.java, value.text) & 0xFFFFFFFF:x}")


def _hexadecimal(specifier: _Specifier, value: _Value) -> str:
    """Double.toHexString."""
    if value.java not in ("java.lang.Float", "java.lang.Double"):
        _illegal(specifier, value)
    if specifier.precision >= 0:
        raise TrinoError("NOT_SUPPORTED", "%a with a precision is not built")
    if value.text in _NOT_FINITE:
        return _signed(specifier, value.text[0] == "-", value.text.lstrip("-"))
    number = float(value.text)
    mantissa, _, power = abs(number).hex().removeprefix("0x").partition("p")
    whole, _, fraction = mantissa.partition(".")
    digits = f"{whole}.{fraction.rstrip('0') or '0'}p{power.removeprefix('+')}"
    plus = "+" if "+" in specifier.flags else " " if " " in specifier.flags else ""
    sign = "-" if math.copysign(1, number) < 0 else plus
    zeros = specifier.width - len(sign) - 2 if "0" in specifier.flags else 0
    return f"{sign}0x{digits.rjust(zeros, '0')}"


def _integer(specifier: _Specifier, value: _Value) -> str:
    if value.java != "java.lang.Long":
        _illegal(specifier, value)
    number = int(value.text)
    return _signed(specifier, number < 0, str(abs(number)))


def _radix(letter: str, prefix: str) -> Callable[[_Specifier, _Value], str]:
    def convert(specifier: _Specifier, value: _Value) -> str:
        if value.java != "java.lang.Long":
            _illegal(specifier, value)
        text = format(int(value.text) & 0xFFFFFFFFFFFFFFFF, letter)
        shown = prefix if "#" in specifier.flags else ""
        zeros = specifier.width - len(shown) if "0" in specifier.flags else 0
        return shown + text.rjust(zeros, "0")

    return convert


def _fixed(specifier: _Specifier, value: _Value) -> str:
    return _real(specifier, value, _plain)


def _scientific(specifier: _Specifier, value: _Value) -> str:
    return _real(specifier, value, _exponent)


def _general(specifier: _Specifier, value: _Value) -> str:
    def shown(number: Decimal, places: int) -> str:
        digits = places or 1
        if not number:
            return _plain(number, digits - 1)
        rounded = Decimal(_exponent(number, digits - 1))
        if Decimal("0.0001") <= rounded < Decimal(10) ** digits:
            return _plain(rounded, digits - 1 - rounded.adjusted())
        return _exponent(number, digits - 1)

    return _real(specifier, value, shown)


def _real(specifier: _Specifier, value: _Value, shown: Callable[[Decimal, int], str]) -> str:
    if value.java not in _FLOATING:
        _illegal(specifier, value)
    if value.text in _NOT_FINITE:
        return _signed(specifier, value.text[0] == "-", value.text.lstrip("-"))
    number = Decimal(value.text)
    places = 6 if specifier.precision < 0 else specifier.precision
    return _signed(specifier, number.is_signed(), shown(number.copy_abs(), places))


def _plain(number: Decimal, places: int) -> str:
    whole, _, fraction = f"{number:f}".partition(".")
    if len(fraction) > places:
        kept = int(whole + fraction[:places]) + (fraction[places] >= "5")
        whole = str(kept).rjust(places + 1, "0")
        whole, fraction = whole[: len(whole) - places], whole[len(whole) - places :]
    fraction = fraction.ljust(places, "0")
    return f"{whole}.{fraction}" if places else whole


def _exponent(number: Decimal, places: int) -> str:
    power = number.adjusted() if number else 0
    digits = Context(prec=places + 40, rounding=ROUND_HALF_UP)
    unit = Decimal((0, (1,), -places))
    scaled = number.scaleb(-power, digits).quantize(unit, context=digits)
    if scaled >= 10:
        power += 1
        scaled = scaled.scaleb(-1, digits).quantize(unit, context=digits)
    return f"{scaled:f}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _signed(specifier: _Specifier, negative: bool, digits: str) -> str:
    flags = specifier.flags
    if "," in flags and digits[0].isdigit():
        whole, point, rest = digits.partition(".")
        digits = f"{int(whole):,}{point}{rest}"
    before = "-" if negative else "+" if "+" in flags else " " if " " in flags else ""
    after = ""
    if negative and "(" in flags:
        before, after = "(", ")"
    if "0" in flags and digits[0].isdigit():
        digits = digits.rjust(specifier.width - len(before) - len(after), "0")
    return before + digits + after


def _time(specifier: _Specifier, value: _Value) -> str:
    if not value.java.startswith("java.time") and value.java != "java.lang.Long":
        _illegal(specifier, value)
    return _time_part(specifier.conversion[1], value)


def _time_part(letter: str, value: _Value) -> str:
    if letter == "F":
        _check_field(letter, value)
        return moments.read(value.java, value.text).day
    if letter in _COMPOSED:
        parts = (_time_part(each, value) if each.isalpha() else each for each in _COMPOSED[letter])
        text = "".join(parts)
        return text.upper() if letter == "r" else text
    _check_field(letter, value)
    return moments.part(letter, moments.read(value.java, value.text))


def _check_field(letter: str, value: _Value) -> None:
    """Whether the value has what a letter shows; a Long has all, in UTC."""
    kind = value.java.removeprefix("java.time.")
    if letter in _OF_INSTANTS and kind.startswith("Local"):
        raise _FormatError("Unsupported field: InstantSeconds")
    if letter in _OF_ZONES:
        missing = kind.startswith("Local")
    elif letter in _OF_CLOCKS:
        missing = kind == "LocalDate"
    else:
        missing = kind == "LocalTime"
    if missing:
        raise _FormatError(f"IllegalFormatConversion: {letter} != {value.java}")


_CONVERSIONS: Final[dict[str, Callable[[_Specifier, _Value], str]]] = {
    "b": _boolean,
    "s": _string,
    "h": _hash,
    "c": _illegal,
    "d": _integer,
    "x": _radix("x", "0x"),
    "o": _radix("o", "0"),
    "f": _fixed,
    "e": _scientific,
    "g": _general,
    "a": _hexadecimal,
}


def java_type(name: str) -> str:
    """The Java type that a Trino type of that name arrives as."""
    return _JAVA_TYPES.get(name, "java.lang.String")


def _load() -> Callable[..., Any]:
    return rowwise(_format, "string")


def _emit(call: Call) -> str:
    pattern, types, *texts = call.arguments
    pieces = _plain_pieces(*call.constants[:2])

    def body(*values: str) -> str:
        slow = f"trino_format({pattern}, {types}, [{', '.join(values)}])"
        return written(pieces, values, slow) or slow

    return bound(tuple(texts), body)


def _plain_pieces(pattern: Any, types: Any) -> list[Piece]:
    """The pieces of a constant pattern that is one; a piece that nothing writes of another."""
    if not isinstance(pattern, str) or not isinstance(types, str):
        return [_ODD]
    kinds, pieces, at, ordinary = types.split(","), [], 0, 0
    while (found := pattern.find("%", at)) >= 0:
        pieces.append(Piece(pattern[at:found]))
        match = _SPECIFIER.match(pattern, found)
        index, flags, width, precision, letter = match.groups() if match else _ODD_GROUPS
        at = match.end() if match else len(pattern)
        if match and match[0] in ("%%", "%n"):
            pieces.append(Piece("%" if letter == "%" else "\n"))
            continue
        number, ordinary = (int(index) - 1, ordinary) if index else (ordinary, ordinary + 1)
        if not 0 <= number < len(kinds) or not _is_sound(flags, width, precision, letter):
            return [_ODD]
        measures = int(width or -1), int(precision or -1)
        pieces.append(Piece("", flags, *measures, letter, number, kinds[number]))
    return [*pieces, Piece(pattern[at:])]


def _is_sound(flags: str, width: str | None, precision: str | None, letter: str) -> bool:
    """Whether Java takes the parts of a specifier together."""
    if len(width or "") > 3 or len(precision or "") > 3:
        return False
    try:
        _check(_Specifier(flags, int(width or -1), int(precision or -1), letter), "")
    except _FormatError:
        return False
    return True


_ODD: Final = Piece("", letter="?")
_ODD_GROUPS: Final = (None, "", None, None, "?")


udf("trino_format", _load, ("VARCHAR", "VARCHAR", "VARCHAR[]"), "VARCHAR")
scalar(
    "format",
    "(varchar, E, ...) -> varchar",
    sql=_emit,
    doc="Values written by a pattern of Java's Formatter: format('%,.2f', x).",
    strict=0,
)
