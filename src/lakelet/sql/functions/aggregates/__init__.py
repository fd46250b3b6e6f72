"""Aggregates over a group's rows; `sketches` and `geospatial` have more."""

from lakelet.sql.functions.aggregates import collecting as collecting
from lakelet.sql.functions.aggregates import general as general
from lakelet.sql.functions.aggregates import moments as moments
