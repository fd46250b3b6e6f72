"""JSON: read and cut out by paths, made by SQL/JSON, cast, and shown as a table."""

from lakelet.sql.functions.json import conversions as conversions
from lakelet.sql.functions.json import extraction as extraction
from lakelet.sql.functions.json import queries as queries
from lakelet.sql.functions.json import tables as tables
