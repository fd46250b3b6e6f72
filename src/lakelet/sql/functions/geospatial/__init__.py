"""Geospatial functions: shapely's GEOS over Arrow arrays of WKB, by family.

A geometry is held as WKB with its rings as ST_AsText prints them: shells run counter-clockwise,
holes clockwise. Trino's geometry library keeps them the other way round and some functions show
that order (`arrays.reversed_rings`). Needs the extra `lakelet[geo]`.
"""

from lakelet.sql.functions.geospatial import accessors as accessors
from lakelet.sql.functions.geospatial import aggregates as aggregates
from lakelet.sql.functions.geospatial import bing as bing
from lakelet.sql.functions.geospatial import constructors as constructors
from lakelet.sql.functions.geospatial import geojson as geojson
from lakelet.sql.functions.geospatial import lines as lines
from lakelet.sql.functions.geospatial import operations as operations
from lakelet.sql.functions.geospatial import predicates as predicates
from lakelet.sql.functions.geospatial import spherical as spherical
from lakelet.sql.functions.geospatial import validity as validity
