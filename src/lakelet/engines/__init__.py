"""Where statements run: `local` over the lake by DuckDB, `athena` on AWS, `trino` on a cluster."""
