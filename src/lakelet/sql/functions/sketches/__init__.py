"""Sketches: sets and distributions in little space, in the binary forms of Trino's own.

An aggregate collects a group's values and an Arrow function makes the sketch of them. The
forms are those of airlift's stats library (HyperLogLog, TDigest, QuantileDigest) and of Trino's
SetDigest, byte for byte.
"""

from lakelet.sql.functions.sketches import checksums as checksums
from lakelet.sql.functions.sketches import distinct as distinct
from lakelet.sql.functions.sketches import histograms as histograms
from lakelet.sql.functions.sketches import hyperloglog as hyperloglog
from lakelet.sql.functions.sketches import percentiles as percentiles
from lakelet.sql.functions.sketches import quantiles as quantiles
from lakelet.sql.functions.sketches import sets as sets
