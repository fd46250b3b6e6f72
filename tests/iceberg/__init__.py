"""Iceberg tables: their statements, files and metadata, beside Trino's and pyiceberg's."""
