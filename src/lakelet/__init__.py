"""AWS's data lake on one machine: S3, Glue and Athena, offline.

Public names are imported when they are first used, to keep start-up light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lakelet.config import Settings
    from lakelet.dbapi import Connection, Cursor, DatabaseError, Error, connect
    from lakelet.errors import LakeError, LakeletError, NotFound, TrinoError
    from lakelet.lake import Lake
    from lakelet.patching import patch

__version__ = "0.1.0"

__all__ = [
    "Connection",
    "Cursor",
    "DatabaseError",
    "Error",
    "Lake",
    "LakeError",
    "LakeletError",
    "NotFound",
    "Settings",
    "TrinoError",
    "__version__",
    "connect",
    "patch",
]

_HOMES = {
    "Connection": "dbapi",
    "Cursor": "dbapi",
    "DatabaseError": "dbapi",
    "Error": "dbapi",
    "Lake": "lake",
    "LakeError": "errors",
    "LakeletError": "errors",
    "NotFound": "errors",
    "Settings": "config",
    "TrinoError": "errors",
    "connect": "dbapi",
    "patch": "patching",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
