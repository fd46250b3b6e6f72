"""Strings: their parts and forms, patterns, likeness, addresses."""

from lakelet.sql.functions.text import colors as colors
from lakelet.sql.functions.text import formatting as formatting
from lakelet.sql.functions.text import like as like
from lakelet.sql.functions.text import networks as networks
from lakelet.sql.functions.text import regexp as regexp
from lakelet.sql.functions.text import serde_regex as serde_regex
from lakelet.sql.functions.text import similarity as similarity
from lakelet.sql.functions.text import splitting as splitting
from lakelet.sql.functions.text import strings as strings
from lakelet.sql.functions.text import url as url
