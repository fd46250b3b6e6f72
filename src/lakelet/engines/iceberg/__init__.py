"""Iceberg tables, by their specification (version 2): metadata, manifests, files and deletes."""
