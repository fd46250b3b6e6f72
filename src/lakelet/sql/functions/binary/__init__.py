"""Binaries: their hashes, and their forms as text and as numbers."""

from lakelet.sql.functions.binary import varbinary as varbinary
