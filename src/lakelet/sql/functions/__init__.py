"""Every function of Athena engine v3, one entry each, by family.

Importing this package fills the registry; nothing else in it runs.
"""

from lakelet.sql.functions import aggregates as aggregates
from lakelet.sql.functions import binary as binary
from lakelet.sql.functions import collections as collections
from lakelet.sql.functions import conversions as conversions
from lakelet.sql.functions import datetime as datetime
from lakelet.sql.functions import extremes as extremes
from lakelet.sql.functions import geospatial as geospatial
from lakelet.sql.functions import java as java
from lakelet.sql.functions import json as json
from lakelet.sql.functions import learning as learning
from lakelet.sql.functions import misc as misc
from lakelet.sql.functions import numbers as numbers
from lakelet.sql.functions import operators as operators
from lakelet.sql.functions import sketches as sketches
from lakelet.sql.functions import text as text
from lakelet.sql.functions import windows as windows
