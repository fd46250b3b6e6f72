"""The shape of a file's lines as one pattern, which whole blocks are held against.

The pattern is made of the first lines' keys, in their order, and of what each column's type takes
that DuckDB's reader and the SerDes read alike. RE2 goes through a block once, whatever is nested in
it. A line of another shape is looked at too, and the pattern made wider where that goes.
"""

import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from lakelet.formats.json import clean, even
from lakelet.formats.json.clean import Sample, UncleanError
from lakelet.formats.text import proving
from lakelet.types import Type

_MAX_KEYS: Final = 1000
_MAX_FIRST: Final = 8
"""Keys of an object, none of which is in all lines, up to which each may come first."""
_WIDENED: Final = 8
"""Times that the pattern of a file is made wider."""
_LOOKED_AT: Final = 100
"""Lines of another shape that are looked at each time."""
_WORTH: Final = 4 << 20
"""Bytes that are held against a pattern at once."""
_LONGEST: Final = 60_000
"""Characters of a pattern that RE2 keeps to its pace with."""
_LONGEST_FREE: Final = 30_000
"""Where keys may be left out, so that after each there are many ways to go on."""
_EXACT_DIGITS: Final = 15
"""Digits of a number that a double tells from all others."""
_FRACTION: Final = 6
"""Of these, behind the point, where a type has more of both."""

_HEX: Final = "[0-9a-fA-F]"
_ESCAPE: Final = (
    r'\\(?:["\\/bfnrt]|u(?:000[1-9a-fA-F]|00[1-9a-fA-F]H|0[1-9a-fA-F]HH|[1-9a-cA-CeEfF]HHH'
    r"|[dD][0-7]HH|[dD][89abAB]HH\\u[dD][c-fC-F]HH))"
).replace("H", _HEX)
"""No NUL, and no half of a surrogate pair."""
_STRING: Final = rf'"(?:[^"\\\x00-\x1f]|{_ESCAPE})*"'
_NUMBER: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_SCALAR: Final = f"{_STRING}|{_NUMBER}|true|false|null"
_LONG: Final = "0|-?[1-9][0-9]{0,17}"
_DAY: Final = (
    "(?:[12][0-9]{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    "|(?:[12][0-9](?:0[48]|[2468][048]|[13579][26])|(?:1[26]|2[048])00)-02-29)"
)
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,3})?"
_PLAIN: Final = re.compile("[A-Za-z0-9_]")
_LIMITS: Final = {
    "tinyint": "127",
    "smallint": "32767",
    "integer": "2147483647",
    "bigint": "9223372036854775807",
}


# What lines are like --------------------------------------------------------------------------


@dataclass(slots=True)
class Seen:
    """What was seen at one place of some lines: how many objects that have keys and whether one
    has none, the keys with what stood there and how often, and which key stood right before which;
    what stood in arrays."""

    objects: int = 0
    empty: bool = False
    keys: dict[str, "Seen"] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    before: dict[str, set[str]] = field(default_factory=dict)
    items: "Seen | None" = None
    spaced: bool = False

    def add(self, value: Any) -> None:
        """A value, whose objects are lists of pairs in a `_Pairs`."""
        if isinstance(value, _Pairs):
            self._add_object(value)
        elif isinstance(value, list):
            self.items = self.items or Seen()
            for each in value:
                self.items.add(each)

    def _add_object(self, pairs: "_Pairs") -> None:
        self.objects += bool(pairs)
        self.empty = self.empty or not pairs
        last = None
        for key, value in pairs:
            if key not in self.keys:
                if len(self.keys) >= _MAX_KEYS:
                    return
                self.keys[key], self.counts[key], self.before[key] = Seen(), 0, set()
            self.counts[key] += 1
            if last is not None:
                self.before[key].add(last)
            self.keys[key].add(value)
            last = key

    def leaves_out(self) -> bool:
        """Whether some objects here or inside lack keys that others have."""
        inside = [*self.keys.values(), *([self.items] if self.items else [])]
        return any(each != self.objects for each in self.counts.values()) or any(
            each.leaves_out() for each in inside
        )

    def order(self) -> Sequence[str]:
        """The keys as all objects have them in order. Raises UncleanError if they do not."""
        try:
            return list(TopologicalSorter(self.before).static_order())
        except CycleError:
            raise UncleanError from None


class _Pairs(list[tuple[str, Any]]):
    """The members of an object."""


_READ: Final = json.JSONDecoder(object_pairs_hook=_Pairs).decode


def _look(seen: Seen, lines: Iterable[str]) -> None:
    """Adds lines that are objects; others are passed over."""
    for line in lines:
        try:
            value = _READ(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, _Pairs):
            seen.add(value)
            seen.spaced = seen.spaced or " " in line or "\t" in line


# Patterns -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Writing:
    """What a SerDe takes, and the white space that lines may have."""

    openx: bool
    blank: str

    def line(self, wanted: Mapping[str, Type], seen: Seen, spelled: Sample) -> str:
        """`wanted` are the types of columns by their keys. Raises UncleanError."""
        return f"{self.blank}{self._object(wanted, seen, spelled)}{self.blank}\n"

    def _object(self, wanted: Mapping[str, Type], seen: Seen, spelled: Sample) -> str:
        self._check(wanted, seen.keys)
        members = []
        for key in seen.order():
            inside = spelled.keys.get(key, Sample())
            value = self._value(wanted.get(key), seen.keys[key], inside)
            text = f'"{_key(key)}"{self.blank}:{self.blank}(?:{value}|null){self.blank}'
            members.append((text, seen.counts[key] == seen.objects))
        all_of = self._members(members)
        return rf"\{{{self.blank}{f'(?:{all_of})?' if seen.empty else all_of}\}}"

    def _members(self, members: Sequence[tuple[str, bool]]) -> str:
        """Texts in their order, those that are not in all objects or not."""
        comma = f",{self.blank}"
        first = next((place for place, (_, always) in enumerate(members) if always), None)
        if first is not None:
            begin = "".join(f"(?:{text}{comma})?" for text, _ in members[:first])
            return f"{begin}{members[first][0]}{self._others(members[first + 1 :])}"
        if len(members) > _MAX_FIRST:
            raise UncleanError
        ways = [f"{text}{self._others(members[at + 1 :])}" for at, (text, _) in enumerate(members)]
        return f"(?:{'|'.join(ways)})?" if ways else ""

    def _others(self, members: Sequence[tuple[str, bool]]) -> str:
        comma = f",{self.blank}"
        return "".join(
            f"{comma}{text}" if always else f"(?:{comma}{text})?" for text, always in members
        )

    def _check(self, wanted: Mapping[str, Type], keys: Iterable[str]) -> None:
        """No other key that the SerDe takes for a wanted one."""
        folded = {key.lower() for key in wanted}
        for key in keys:
            if key not in wanted and key.lower() in folded:
                raise UncleanError
            if wanted and not self.openx and key.lower().startswith("_col"):
                raise UncleanError

    def _value(self, of: Type | None, seen: Seen, spelled: Sample) -> str:
        if of is None:
            return self._any(seen)
        match of.name:
            case "array":
                return self._array(self._value(of.element, seen.items or Seen(), spelled))
            case "row":
                names = [spelled.found((name or "").lower()) for name in of.fields]
                wanted = dict(zip(names, of.arguments, strict=True))
                return self._object(wanted, seen, spelled)
            case "map":
                return self._map(of, seen, spelled)
        return self._scalar(of)

    def _any(self, seen: Seen) -> str:
        ways = [_SCALAR]
        if seen.items is not None:
            ways.append(self._array(self._any(seen.items)))
        if seen.objects or seen.empty:
            ways.append(self._object({}, seen, Sample()))
        return "|".join(ways)

    def _array(self, item: str) -> str:
        each = f"(?:{item}|null){self.blank}"
        return rf"\[{self.blank}(?:{each}(?:,{self.blank}{each})*)?\]"

    def _map(self, of: Type, seen: Seen, spelled: Sample) -> str:
        if not clean.is_text(of.key):
            raise UncleanError
        inside = Seen()
        for found in seen.keys.values():
            _merge(inside, found)
        value = f"(?:{self._value(of.value, inside, clean.merged(spelled))}|null)"
        each = f"{_STRING}{self.blank}:{self.blank}{value}{self.blank}"
        return rf"\{{{self.blank}(?:{each}(?:,{self.blank}{each})*)?\}}"

    def _scalar(self, of: Type) -> str:
        match of.name:
            case "tinyint" | "smallint" | "integer" | "bigint":
                return _integer(_LIMITS[of.name])
            case "real":
                return _real("[1-9][0-9]{0,6}", "[0-9]{0,7}", "[12]?[0-9]")
            case "double":
                return _real("[1-9][0-9]{0,30}", "[0-9]*", "[0-9]{1,2}")
            case "boolean":
                return "true|false"
            case "decimal":
                return _decimal(of)
            case "varchar" | "char":  # both read whole numbers as they stand
                return f"{_STRING}|{_LONG}|true|false"
            case "date":
                return f'"{_DAY}"'
            case "timestamp":
                zone = "|T" + _TIME + "Z?" if self.openx else ""
                return f'"{_DAY}(?:[ T]{_TIME}{zone})"'
            case "varbinary" if not self.openx:
                return _STRING
        raise UncleanError


def _merge(into: Seen, other: Seen) -> None:
    """As if what was seen of another place had been at this one."""
    into.objects += other.objects
    into.empty = into.empty or other.empty
    for key, seen in other.keys.items():
        into.counts[key] = into.counts.get(key, 0) + other.counts[key]
        into.before.setdefault(key, set()).update(other.before[key])
        _merge(into.keys.setdefault(key, Seen()), seen)
    if other.items is not None:
        into.items = into.items or Seen()
        _merge(into.items, other.items)


def _key(key: str) -> str:
    if json.dumps(key, ensure_ascii=False) != f'"{key}"':
        raise UncleanError
    return "".join(
        chr(each) if _PLAIN.fullmatch(chr(each)) else rf"\x{each:02x}" for each in key.encode()
    )


def _integer(largest: str) -> str:
    """Whole numbers up to one and down to its negative."""
    ways = [f"[1-9][0-9]{{0,{len(largest) - 2}}}"]
    for place, digit in enumerate(largest):
        least = 1 if place == 0 else 0
        if int(digit) > least:
            left = len(largest) - place - 1
            below = f"[{least}-{int(digit) - 1}]"
            ways.append(f"{largest[:place]}{below}[0-9]{{{left}}}")
    return f"0|-?(?:{'|'.join(ways)}|{largest})"


def _real(whole: str, fraction: str, exponent: str) -> str:
    """Numbers that are finite; of zeros just those that are not negative."""
    return (
        rf"(?:-?{whole}(?:\.[0-9]{fraction})?|0(?:\.[0-9]{fraction})?"
        rf"|-0\.{fraction}[1-9]{fraction})(?:[eE][+-]?{exponent})?"
    )


def _decimal(of: Type) -> str:
    """Numbers with no more digits than the type has, nor than a double tells apart."""
    whole_digits = of.precision - of.scale
    scale = min(of.scale, max(_EXACT_DIGITS - whole_digits, _FRACTION))
    digits = min(whole_digits, _EXACT_DIGITS - scale)
    fraction = rf"(?:\.[0-9]{{1,{scale}}})?" if scale else ""
    whole = f"(?:0|[1-9][0-9]{{0,{digits - 1}}})" if digits else "0"
    number = f"-?{whole}{fraction}"
    return f'{number}|"{number}"'


# Blocks ---------------------------------------------------------------------------------------


class Shape:
    """The lines that a file may have, wider with each that is met. Threads share it."""

    def __init__(
        self, wanted: Mapping[str, Type], spelled: Sample, first: Iterable[str], *, openx: bool
    ) -> None:
        """`spelled` has the keys as a query reads them. Raises UncleanError for columns that are
        never of a shape."""
        self._wanted = wanted
        self._spelled = spelled
        self._openx = openx
        self._seen = Seen()
        self._lock = threading.Lock()
        self._left = _WIDENED
        _look(self._seen, first)
        self._line = self._made()
        self._even = self._told_even()

    def _made(self) -> str:
        """'' for a pattern that RE2 would be slow with."""
        blank = r"[ \t]*" if self._seen.spaced else ""
        made = _Writing(self._openx, blank).line(self._wanted, self._seen, self._spelled)
        most = _LONGEST_FREE if self._seen.leaves_out() else _LONGEST
        return made if len(made) <= most else ""

    def _told_even(self) -> even.Lines | None:
        """Lines that have the same keys, as the first ones, if these hold nothing composed."""
        seen = self._seen
        composed = any(each.keys or each.empty or each.items for each in seen.keys.values())
        if composed or set(seen.counts.values()) != {seen.objects}:
            return None
        return even.of(self._wanted, seen.order(), spaced=self._spelled.spaced)

    def holds(self, blocks: Sequence[bytes]) -> bool:
        """Whether all lines of blocks have the shape."""
        from pyarrow import ArrowInvalid

        left = self._uneven(blocks)
        try:
            while left:
                line = self._line
                if line and _are_all(left, line):
                    break
                if not line or not self._widened(left, line):
                    return False
        except (ArrowInvalid, UncleanError):  # a pattern that is too large, a shape that is none
            return False
        return True

    def _uneven(self, blocks: Sequence[bytes]) -> Sequence[bytes]:
        """Those that need the pattern; once most do, all are left to it."""
        told = self._even
        if told is None:
            return blocks
        left = [block for block in blocks if not told.hold(block)]
        if len(left) * 2 > len(blocks):
            self._even = None
        return left

    def _widened(self, blocks: Sequence[bytes], line: str) -> bool:
        """Whether the pattern is another one now."""
        with self._lock:
            if line == self._line and self._left:
                self._left -= 1
                _look(self._seen, _others(blocks, line))
                self._line = self._made()
            return line != self._line


def _are_all(blocks: Sequence[bytes], line: str) -> bool:
    import pyarrow
    from pyarrow import compute

    whole = pyarrow.array(blocks, pyarrow.large_binary())
    found = compute.match_substring_regex(whole, pattern=rf"\A(?:{line})*\z")
    return compute.all(found).as_py() is True


def _others(blocks: Sequence[bytes], line: str) -> Iterator[str]:
    """The first lines of another shape."""
    import pyarrow
    from pyarrow import compute

    left = _LOOKED_AT
    for block in blocks:
        lines = pyarrow.array(block.splitlines(keepends=True), pyarrow.binary())
        fits = compute.match_substring_regex(lines, pattern=rf"\A{line}\z")
        for other in lines.filter(compute.invert(fits))[:left].to_pylist():
            left -= 1
            yield other.decode()
        if not left:
            return


def together(blocks: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
    """Blocks that are worth a pattern, which is made for each call. A line that is longer than
    DuckDB's readers take has no shape."""
    held: list[bytes] = []
    size = 0
    for block in blocks:
        if len(block) > proving.MAX_LINE:
            raise proving.uneven()
        held.append(block)
        size += len(block)
        if size >= _WORTH:
            yield held
            held, size = [], 0
    if held:
        yield held
