"""Every function of Athena engine v3, one entry each, by family.

Importing this package fills the registry; nothing else in it runs.
"""

from lakelet.sql.functions import math as math
