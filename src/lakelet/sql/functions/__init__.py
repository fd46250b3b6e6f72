"""Every function of Athena engine v3, one entry each, by family.

Importing this package fills the registry; nothing else in it runs.
"""

from lakelet.sql.functions import aggregates as aggregates
from lakelet.sql.functions import arrays as arrays
from lakelet.sql.functions import binary as binary
from lakelet.sql.functions import bits as bits
from lakelet.sql.functions import collecting as collecting
from lakelet.sql.functions import colors as colors
from lakelet.sql.functions import conversions as conversions
from lakelet.sql.functions import date_formats as date_formats
from lakelet.sql.functions import dates as dates
from lakelet.sql.functions import datetime_conversions as datetime_conversions
from lakelet.sql.functions import decimals as decimals
from lakelet.sql.functions import distributions as distributions
from lakelet.sql.functions import durations as durations
from lakelet.sql.functions import extremes as extremes
from lakelet.sql.functions import formatting as formatting
from lakelet.sql.functions import geospatial as geospatial
from lakelet.sql.functions import instants as instants
from lakelet.sql.functions import iso_8601 as iso_8601
from lakelet.sql.functions import java_formatter as java_formatter
from lakelet.sql.functions import json as json
from lakelet.sql.functions import json_conversions as json_conversions
from lakelet.sql.functions import json_queries as json_queries
from lakelet.sql.functions import json_tables as json_tables
from lakelet.sql.functions import lambdas as lambdas
from lakelet.sql.functions import learning as learning
from lakelet.sql.functions import maps as maps
from lakelet.sql.functions import math as math
from lakelet.sql.functions import misc as misc
from lakelet.sql.functions import moments as moments
from lakelet.sql.functions import networks as networks
from lakelet.sql.functions import operators as operators
from lakelet.sql.functions import regexp as regexp
from lakelet.sql.functions import serde_regex as serde_regex
from lakelet.sql.functions import sets as sets
from lakelet.sql.functions import similarity as similarity
from lakelet.sql.functions import sketches as sketches
from lakelet.sql.functions import strings as strings
from lakelet.sql.functions import subscripts as subscripts
from lakelet.sql.functions import url as url
from lakelet.sql.functions import windows as windows
