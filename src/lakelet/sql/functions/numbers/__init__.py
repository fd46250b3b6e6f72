"""Numbers: arithmetic beyond the operators, bits, exact division, distributions."""

from lakelet.sql.functions.numbers import bits as bits
from lakelet.sql.functions.numbers import decimals as decimals
from lakelet.sql.functions.numbers import distributions as distributions
from lakelet.sql.functions.numbers import math as math
