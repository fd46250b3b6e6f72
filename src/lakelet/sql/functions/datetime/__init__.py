"""Dates, times and durations: their fields, their arithmetic, their texts and casts."""

from lakelet.sql.functions.datetime import by_row as by_row
from lakelet.sql.functions.datetime import conversions as conversions
from lakelet.sql.functions.datetime import durations as durations
from lakelet.sql.functions.datetime import fields as fields
from lakelet.sql.functions.datetime import formats as formats
from lakelet.sql.functions.datetime import instants as instants
from lakelet.sql.functions.datetime import iso_8601 as iso_8601
from lakelet.sql.functions.datetime import reading as reading
