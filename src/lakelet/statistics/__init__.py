"""Column statistics that the engine computes and the catalogue keeps: runs and schedules."""

from lakelet.errors import Conflict


class TaskRunning(Conflict):
    """A table's statistics are being computed already."""


class TaskNotRunning(Conflict):
    """They are not being computed."""


class TaskStopping(Conflict):
    """They are being stopped already."""
