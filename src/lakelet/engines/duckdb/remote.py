"""Objects on an S3 server, read in place by DuckDB's httpfs extension from its own wheel."""

import importlib.util
from pathlib import Path
from typing import Any

from lakelet.storage.remote import Backend, need_extra
from lakelet.types.quoting import quoted

_PACKAGE = "duckdb_extension_httpfs"


def attach(connection: Any, backend: Backend) -> None:
    """Loads httpfs into an instance and tells it the server and its credentials.

    Raises `Unsupported` if the extension's package is not installed.
    """
    connection.load_extension(str(_extension()))
    options = {
        "KEY_ID": backend.access_key,
        "SECRET": backend.secret_key,
        "SESSION_TOKEN": backend.session_token,
        "REGION": backend.region,
        "ENDPOINT": backend.address,
        "URL_STYLE": "path",
        "USE_SSL": str(backend.secure).lower(),
    }
    told = ", ".join(f"{name} {quoted(value)}" for name, value in options.items() if value)
    connection.execute(f"CREATE SECRET lake (TYPE s3, {told})")


def _extension() -> Path:
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise need_extra()
    found = Path(package.origin).parent.glob("extensions/*/httpfs.duckdb_extension")
    return next(found)
