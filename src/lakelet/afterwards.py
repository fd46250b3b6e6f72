"""Work that begins once an answer is out: begun before, it may take the client's processor."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Work = Callable[[], None]


class _Held(threading.local):
    """What a thread holds back; None outside of any block."""

    work: list[Work] | None = None


_HELD = _Held()


class held:  # noqa: N801 - reads as a function
    """A block at whose end, however it ends, begins what this thread gave to `begin` inside."""

    def __enter__(self) -> Self:
        _HELD.work = []
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        work, _HELD.work = _HELD.work, None
        for each in work or ():
            each()


def begin(work: Work) -> None:
    """Begins some work, which must not raise: at once, or at the end of the block around it."""
    if _HELD.work is None:
        work()
    else:
        _HELD.work.append(work)
