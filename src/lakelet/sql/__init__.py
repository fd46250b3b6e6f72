"""SQL in three steps: text → syntax tree → typed tree → DuckDB SQL.

Pure: texts and schemas come in, texts and types go out; no file and no engine is touched. The steps
are imported when they are first used, since a server starts without them.

    analysis = analyze(parse_query(text), metadata, session)
    emission = emit(analysis, {scan.id: "read_parquet('…')" for scan in analysis.scans})
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lakelet.sql.analyzer.statement import Analysis, analyze
    from lakelet.sql.emitter.queries import Emission, emit
    from lakelet.sql.syntax import ParsedQuery, parse_query

__all__ = ["Analysis", "Emission", "ParsedQuery", "analyze", "emit", "parse_query"]

_HOMES = {
    "Analysis": "analyzer.statement",
    "Emission": "emitter.queries",
    "ParsedQuery": "syntax",
    "analyze": "analyzer.statement",
    "emit": "emitter.queries",
    "parse_query": "syntax",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
