"""SpookyHash V2 (Bob Jenkins, public domain) of one binary, in plain Python.

No maintained library has it; some ten thousand short values a second.
"""

import struct
from typing import Final

_MASK: Final = 0xFFFF_FFFF_FFFF_FFFF
_CONSTANT: Final = 0xDEAD_BEEF_DEAD_BEEF
_SHORT: Final = 192
"""Bytes from which the long form is used."""

_BLOCK: Final = 96
_MIX: Final = (11, 32, 43, 31, 17, 28, 39, 57, 55, 54, 22, 46)
_END: Final = (44, 15, 34, 21, 38, 33, 10, 13, 38, 53, 42, 54)
_SHORT_MIX: Final = (50, 52, 30, 41, 54, 48, 38, 37, 62, 34, 5, 36)
_SHORT_END: Final = (15, 52, 26, 51, 28, 9, 47, 54, 32, 25, 63)


def spooky_hash(data: bytes) -> int:
    """The 64-bit hash with seed 0; its lower half is the 32-bit one."""
    return _short(data) if len(data) < _SHORT else _long(data)


def _rotated(value: int, bits: int) -> int:
    return (value << bits | value >> (64 - bits)) & _MASK


def _short(data: bytes) -> int:
    state = [0, 0, _CONSTANT, _CONSTANT]
    whole = len(data) & ~15
    for at in range(0, whole, 16):
        first, second = struct.unpack_from("<QQ", data, at)
        # Every other half block goes to the other half of the state, after a mix.
        target = 0 if at % 32 else 2
        state[target] = (state[target] + first) & _MASK
        state[target + 1] = (state[target + 1] + second) & _MASK
        if target == 2:
            _short_mix(state)
    rest = data[whole:]
    state[3] += len(data) << 56
    if rest:
        state[2] += int.from_bytes(rest[:8], "little")
        state[3] += int.from_bytes(rest[8:], "little")
    else:
        state[2] += _CONSTANT
        state[3] += _CONSTANT
    state[2] &= _MASK
    state[3] &= _MASK
    return _short_end(state)


def _short_mix(state: list[int]) -> None:
    for turn, bits in enumerate(_SHORT_MIX):
        i = (turn + 2) % 4
        state[i] = (_rotated(state[i], bits) + state[(i + 1) % 4]) & _MASK
        state[i - 2] ^= state[i]


def _short_end(state: list[int]) -> int:
    for turn, bits in enumerate(_SHORT_END):
        to, of = (turn + 3) % 4, (turn + 2) % 4
        state[to] ^= state[of]
        state[of] = _rotated(state[of], bits)
        state[to] = (state[to] + state[of]) & _MASK
    return state[0]


def _long(data: bytes) -> int:
    state = [0, 0, _CONSTANT] * 4
    whole = len(data) // _BLOCK * _BLOCK
    for at in range(0, whole, _BLOCK):
        words = struct.unpack_from("<12Q", data, at)
        for i, bits in enumerate(_MIX):
            state[i] = (state[i] + words[i]) & _MASK
            state[(i + 2) % 12] ^= state[(i + 10) % 12]
            state[(i + 11) % 12] ^= state[i]
            state[i] = _rotated(state[i], bits)
            state[(i + 11) % 12] = (state[(i + 11) % 12] + state[(i + 1) % 12]) & _MASK
    rest = data[whole:]
    last = rest + bytes(_BLOCK - 1 - len(rest)) + bytes([len(rest)])
    state = [(s + w) & _MASK for s, w in zip(state, struct.unpack("<12Q", last), strict=True)]
    for i, bits in enumerate(_END * 3):
        after, before = (i + 1) % 12, (i + 11) % 12
        state[before] = (state[before] + state[after]) & _MASK
        state[(i + 2) % 12] ^= state[before]
        state[after] = _rotated(state[after], bits)
    return state[0]
