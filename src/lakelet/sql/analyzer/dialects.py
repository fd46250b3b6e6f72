"""Where Athena's meaning of a query differs from Trino's; nothing else asks for the dialect."""

from lakelet.config import Dialect
from lakelet.types.literals import Literal, decimal_literal
from lakelet.types.model import DOUBLE


def point_literal(text: str, dialect: Dialect) -> Literal:
    """The type and value of digits with a point: a double in Athena, a decimal in Trino."""
    if dialect == "athena":
        return DOUBLE, float(text)
    return decimal_literal(text)


def leaves_rows_whole(columns: int, named: int | None, dialect: Dialect) -> bool:
    """Whether UNNEST gives each row of an array as one column instead of one a field, in
    `columns` columns: in Athena where the query names that many, as its guide does
    (`UNNEST(resources) AS t(resource)`, then `resource.arn`)."""
    return dialect == "athena" and named == columns
