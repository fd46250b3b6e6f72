"""SQL in three steps: text → syntax tree → typed tree → DuckDB SQL.

Pure: texts and schemas come in, texts and types go out; no file and no engine is touched.

    analysis = analyze(parse_query(text), metadata, session)
    emission = emit(analysis, {scan.id: "read_parquet('…')" for scan in analysis.scans})
"""

from lakelet.sql.analyzer.statement import Analysis, analyze
from lakelet.sql.emitter.queries import Emission, emit
from lakelet.sql.syntax import ParsedQuery, parse_query

__all__ = ["Analysis", "Emission", "ParsedQuery", "analyze", "emit", "parse_query"]
