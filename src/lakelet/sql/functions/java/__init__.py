"""What Java's own classes do and Trino shows: patterns, formatted texts, the order of maps."""

from lakelet.sql.functions.java import formatter as formatter
from lakelet.sql.functions.java import maps as maps
