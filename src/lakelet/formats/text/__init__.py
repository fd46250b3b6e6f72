"""What the text formats share: files as lines, values from texts as Hive and Java read them, and
the proof that DuckDB's own readers may take a file over."""
