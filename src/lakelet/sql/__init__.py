"""SQL in three steps: text → syntax tree → typed tree → DuckDB SQL.

Pure: texts and schemas come in, texts and types go out; no file and no engine is touched.

    parse_query(text) -> syntax.Query
    analyze(query, metadata, session) -> Analysis: query (tree.Query), columns (ResultColumn),
        scans (tree.Scan: what is read of each table)
    emit(analysis, relations: Mapping[Scan.id, DuckDB relation text]) -> Emission: text
"""
