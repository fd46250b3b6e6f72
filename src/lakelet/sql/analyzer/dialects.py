"""Where Athena's meaning of a query differs from Trino's; nothing else asks for the dialect."""

from lakelet.config import Dialect
from lakelet.types.literals import Literal, decimal_literal
from lakelet.types.model import DOUBLE


def point_literal(text: str, dialect: Dialect) -> Literal:
    """The type and value of digits with a point: a double in Athena, a decimal in Trino."""
    if dialect == "athena":
        return DOUBLE, float(text)
    return decimal_literal(text)
