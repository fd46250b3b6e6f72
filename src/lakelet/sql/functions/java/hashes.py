"""What `hashCode` of Java's own classes gives, for values by their texts."""

import struct
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.java.maps import java_hash


def hash_code(java: str, text: str) -> int:
    """The hash of a value of a Java class; its lowest 32 bits count.

    Raises TrinoError NOT_SUPPORTED for a class that has none here.
    """
    code = _HASHES.get(java)
    if code is None:
        raise TrinoError("NOT_SUPPORTED", f"%h of {java} is not built")
    return code(text)


def _of_bits(bits: int) -> int:
    return bits ^ bits >> 32


def _of_decimal(text: str) -> int:
    """BigDecimal's: BigInteger's of the digits, a word at a time, and the scale."""
    sign, digits, exponent = Decimal(text).as_tuple()
    magnitude, code = int("".join(map(str, digits))), 0
    for shift in range((magnitude.bit_length() + 31) // 32 * 32 - 32, -1, -32):
        code = code * 31 + (magnitude >> shift & 0xFFFFFFFF)
    return 31 * (-code if sign else code) - int(exponent)


def _float(text: str) -> float:
    return float(text.replace("Infinity", "inf"))


_HASHES: Final[Mapping[str, Callable[[str], int]]] = {
    "java.lang.String": java_hash,
    "java.lang.Boolean": lambda text: 1231 if text == "true" else 1237,
    "java.lang.Long": lambda text: _of_bits(int(text) & 0xFFFFFFFFFFFFFFFF),
    "java.lang.Float": lambda text: int.from_bytes(struct.pack(">f", _float(text))),
    "java.lang.Double": lambda text: _of_bits(int.from_bytes(struct.pack(">d", _float(text)))),
    "java.math.BigDecimal": _of_decimal,
}
