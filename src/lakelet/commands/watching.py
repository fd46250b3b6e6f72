"""How far a statement is, drawn on a terminal while it runs."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from lakelet.model import Progress

_PATIENCE: Final = 1.0
"""Seconds that a statement may take before it is worth a bar."""
_LOOK: Final = 0.1


@contextmanager
def shown(progress: Callable[[], Progress]) -> Iterator[None]:
    """Draws a bar on standard error while the block runs, if that is a terminal and it takes long.

    `progress` is asked from another thread.
    """
    if not sys.stderr.isatty():
        yield
        return
    over = threading.Event()
    drawer = threading.Thread(target=_draw, args=(progress, over), name="lakelet progress")
    drawer.start()
    try:
        yield
    finally:
        over.set()
        drawer.join()


def _draw(progress: Callable[[], Progress], over: threading.Event) -> None:
    if over.wait(_PATIENCE):
        return
    from rich.console import Console
    from rich.filesize import decimal
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    with Bar(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        while not over.wait(_LOOK):
            found = progress()
            read = f"{decimal(found.statistics.scanned)} scanned"
            bar.update(task, completed=found.done, description=read)
