"""A file in the place of another one, by Linux's RENAME_EXCHANGE.

ext4 writes a file out when it is renamed over another one, in case that neither is synced
(`auto_da_alloc`), and the file that goes waits for the disk then: milliseconds for what is 30 µs.
Two files that change places are spared both, and nobody sees less than one of them either.
"""

import os
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Final

_HERE: Final = -100  # AT_FDCWD: names are relative to the process's own folder
_EXCHANGE: Final = 2  # RENAME_EXCHANGE

Exchange = Callable[[str, str], bool]


def replaced(source: str, target: str) -> bool:
    """Puts a file in the place of a file, which is gone then, in one step.

    False where the system or the file system can't, or nothing stands there: nothing has changed.
    """
    exchange = _exchange()
    if exchange is None or not exchange(source, target):
        return False
    try:
        os.unlink(source)
    except OSError:  # a folder has taken the file's place in this moment
        exchange(source, target)
        return False
    return True


@lru_cache
def _exchange() -> Exchange | None:
    """Lets two names change places; None where there is no such call."""
    if sys.platform != "linux":
        return None
    import ctypes

    try:
        call = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):  # a C library without it
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)

    def exchange(one: str, other: str) -> bool:
        names = os.fsencode(one), os.fsencode(other)
        return bool(call(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0)

    return exchange
