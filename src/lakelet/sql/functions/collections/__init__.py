"""Arrays and maps: making, reading, comparing and folding them."""

from lakelet.sql.functions.collections import arrays as arrays
from lakelet.sql.functions.collections import lambdas as lambdas
from lakelet.sql.functions.collections import maps as maps
from lakelet.sql.functions.collections import sets as sets
from lakelet.sql.functions.collections import subscripts as subscripts
