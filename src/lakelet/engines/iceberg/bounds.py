"""Bounds of columns in manifests: bytes, values, and files that no row of can be asked for."""

import struct
from collections.abc import Mapping
from dataclasses import replace
from decimal import Context, Decimal
from math import isfinite
from typing import Any, Final

from lakelet.engines.iceberg.hashing import unscaled
from lakelet.engines.iceberg.manifests import Entry
from lakelet.engines.iceberg.metadata import IcebergTable
from lakelet.engines.iceberg.types import trino
from lakelet.model import Domain

_EXACT: Final = Context(prec=40)
"""More digits than a decimal has."""
_FORMS: Final[Mapping[str, str]] = {
    "int": "<i",
    "date": "<i",
    "long": "<q",
    "time": "<q",
    "timestamp": "<q",
    "timestamptz": "<q",
    "float": "<f",
    "double": "<d",
}


def packed(of: str, value: Any) -> bytes:
    """A value in its single-value serialisation; numbers of days and microseconds for moments."""
    if of in _FORMS:
        return struct.pack(_FORMS[of], value)
    if of == "boolean":
        return b"\1" if value else b"\0"
    if of.startswith("decimal"):
        return unscaled(int(_EXACT.scaleb(value, trino(of).scale)))
    if of == "uuid":
        return bytes(value.bytes)
    return value.encode() if isinstance(value, str) else bytes(value)


def unpacked(of: str, data: bytes) -> Any:
    """A value of its bytes."""
    if of in _FORMS:
        # Integers and floats may have been widened since.
        if of == "long" and len(data) == struct.calcsize("<i"):
            of = "int"
        if of == "double" and len(data) == struct.calcsize("<f"):
            of = "float"
        return struct.unpack(_FORMS[of], data)[0]
    if of == "boolean":
        return data != b"\0"
    if of.startswith("decimal"):
        number = Decimal(int.from_bytes(data, "big", signed=True))
        return _EXACT.scaleb(number, -trino(of).scale)
    return data.decode("utf-8", "replace") if of == "string" else data


_COMPARED: Final = {"int": int, "long": int, "float": float, "double": float, "string": str}


def survives(entry: Entry, table: IcebergTable, asked: Mapping[str, Domain]) -> bool:
    """Whether a file may hold rows that a query asks for, by the bounds of its columns."""
    for each in table.fields:
        domain = asked.get(each["name"].lower())
        kind = _COMPARED.get(each["type"]) if isinstance(each["type"], str) else None
        if domain is None or kind is None:
            continue
        number = each["id"]
        low, high = (entry.lower or {}).get(number), (entry.upper or {}).get(number)
        if low is None or high is None:
            continue
        least, greatest = unpacked(each["type"], low), unpacked(each["type"], high)
        if each["type"] == "float":
            domain = _narrowed(domain)
        if not _meets(domain, least, greatest, kind):
            return False
    return True


def _narrowed(domain: Domain) -> Domain:
    """A domain of a real, whose values are those of 32 bits."""

    def narrow(value: Any) -> Any:
        return struct.unpack("<f", struct.pack("<f", value))[0] if _is_real(value) else value

    values = domain.values and tuple(map(narrow, domain.values))
    return replace(domain, values=values, low=narrow(domain.low), high=narrow(domain.high))


def _is_real(value: Any) -> bool:
    return isinstance(value, float) and (abs(value) <= _GREATEST or not isfinite(value))


_GREATEST: Final = 3.4028234663852886e38


def _meets(domain: Domain, least: Any, greatest: Any, kind: type) -> bool:
    given = [*(domain.values or ()), domain.low, domain.high]
    if not all(isinstance(each, kind) for each in given if each is not None):
        return True
    if domain.values is not None and not any(least <= v <= greatest for v in domain.values):
        return False
    if domain.low is not None and greatest < domain.low:
        return False
    return domain.high is None or least <= domain.high
