"""What a crawl did and why."""

import logging
from dataclasses import dataclass, field

_LOG = logging.getLogger("lakelet.crawler")
_MOST = 10_000


@dataclass(slots=True)
class Log:
    """A line a fact, and counts of tables and of partitions added; a long one is cut."""

    lines: list[str] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    deleted: int = 0
    partitions: int = 0
    warnings: int = 0

    def say(self, line: str) -> None:
        if len(self.lines) == _MOST:
            self.lines.append("… more was done than is told")
        if len(self.lines) < _MOST:
            self.lines.append(line)

    def warn(self, line: str) -> None:
        """Of a file that no table got, or a table that is not as it should be."""
        self.warnings += 1
        self.say(line)
        _LOG.warning(line)
