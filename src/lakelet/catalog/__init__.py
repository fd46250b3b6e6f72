"""The Glue Data Catalog in SQLite: databases, tables with versions, partitions, crawler records."""
