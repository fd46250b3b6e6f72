"""SQL laid out over lines, for people: by sqlglot, which is imported when somebody looks."""

from typing import Literal


def laid_out(text: str, dialect: Literal["athena", "trino", "duckdb"]) -> str:
    """The text with a clause a line; as it is where sqlglot does not know a word of it."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        parsed = sqlglot.parse_one(text, read=dialect)
    except SqlglotError:
        return text.strip()
    return parsed.sql(dialect, pretty=True, normalize_functions=False)
