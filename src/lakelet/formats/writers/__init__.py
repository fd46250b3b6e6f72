"""How files of each format are written: SQL gives the columns, a writer the bytes.

What Trino's Hive connector writes is the rule: physical types, texts, codecs, extensions.
"""

from lakelet.formats.writers import avro, delimited, ion, json, orc, parquet

__all__ = ["avro", "delimited", "ion", "json", "orc", "parquet"]
