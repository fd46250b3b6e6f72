"""Well-known binary → the well-known text that Trino prints.

Numbers have their shortest digits, from 1e17 and below 1e-4 with an exponent; a polygon whose
shell has no area cannot be printed.
"""

import itertools
import struct
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final

from lakelet.errors import TrinoError

_NAMES: Final = {
    1: "POINT",
    2: "LINESTRING",
    3: "POLYGON",
    4: "MULTIPOINT",
    5: "MULTILINESTRING",
    6: "MULTIPOLYGON",
    7: "GEOMETRYCOLLECTION",
}
_Z: Final = 0x80000000


def text(data: bytes) -> str:
    """The text of a geometry; GENERIC_INTERNAL_ERROR for one that Trino cannot print."""
    return _Reader(data).tagged()


class _Reader:
    """Reads little-endian WKB, which is all that is stored."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.width = 2

    def integer(self) -> int:
        self.position += 4
        return int(struct.unpack_from("<I", self.data, self.position - 4)[0])

    def header(self) -> int:
        """The type's number; what coordinates it has is kept."""
        self.position += 1
        code = self.integer()
        self.width = 3 if code & _Z or code // 1000 % 10 == 1 else 2
        return code % 1000 if code < _Z else code - _Z

    def tagged(self) -> str:
        kind = self.header()
        name = f"{_NAMES[kind]} Z" if self.width > 2 else _NAMES[kind]
        body = _BODIES[kind](self)
        return f"{name} {body}"

    def coordinates(self, count: int) -> list[tuple[float, ...]]:
        size = self.width * count
        values = struct.unpack_from(f"<{size}d", self.data, self.position)
        self.position += 8 * size
        return [values[i : i + self.width] for i in range(0, size, self.width)]

    def point(self) -> str:
        (at,) = self.coordinates(1)
        return "EMPTY" if at[0] != at[0] or at[1] != at[1] else f"({_shown(at)})"

    def line(self) -> str:
        return _listed(map(_shown, self.coordinates(self.integer())))

    def polygon(self) -> str:
        rings = [self.coordinates(self.integer()) for _ in range(self.integer())]
        if rings and not _area(rings[0]):
            raise TrinoError("GENERIC_INTERNAL_ERROR", "corrupted geometry")
        return _listed(_listed(map(_shown, ring)) for ring in rings)

    def several(self, part: Callable[["_Reader"], str]) -> str:
        found = []
        for _ in range(self.integer()):
            self.header()
            found.append(part(self))
        return _listed(found)

    def collection(self) -> str:
        return _listed([self.tagged() for _ in range(self.integer())])


_BODIES: Final[dict[int, Callable[[_Reader], str]]] = {
    1: _Reader.point,
    2: _Reader.line,
    3: _Reader.polygon,
    4: lambda reader: reader.several(_Reader.point),
    5: lambda reader: reader.several(_Reader.line),
    6: lambda reader: reader.several(_Reader.polygon),
    7: _Reader.collection,
}


def _listed(parts: Iterable[str]) -> str:
    found = list(parts)
    return f"({', '.join(found)})" if found else "EMPTY"


def _shown(at: Sequence[float]) -> str:
    return " ".join(map(number, at))


def number(value: float) -> str:
    """A coordinate as Java's `%.17g` writes it, without the zeros behind its last digit."""
    shown = repr(value)
    if "n" in shown:
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(shown, "NaN")
    if value and not 1e-4 <= abs(value) < 1e17:
        return _scientific(value)
    if "e" in shown:
        shown = f"{value:.0f}"
    return shown.removesuffix(".0")


def _scientific(value: float) -> str:
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    figures = "".join(map(str, digits))
    power = len(figures) - 1 + int(exponent)
    figures = figures.ljust(17, "0")
    shown = f"{figures[0]}.{figures[1:17]}e{'-' if power < 0 else '+'}{abs(power):02}"
    return f"-{shown}" if sign else shown


def _area(ring: Sequence[Sequence[float]]) -> float:
    """Twice the signed area of a ring."""
    x, y = ring[0][:2]
    return sum(
        (a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in itertools.pairwise(ring)
    )
