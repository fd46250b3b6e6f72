"""A statement's text as a value: queries in Trino's grammar, DDL in Hive's, as Athena has it."""

import re
from collections.abc import Callable

from lakelet.loading import loading
from lakelet.sql.statements import trino
from lakelet.sql.statements.functions import read_show_functions
from lakelet.sql.statements.model import KINDS, Statement, kinds
from lakelet.sql.syntax.cursor import Cursor

__all__ = ["KINDS", "Statement", "is_of_trino", "kinds", "parse"]

_BLANK = r"(?>\s|--[^\n]*(?:\n|$)|/\*.*?\*/)"  # atomic: a comment has one end
_NAME = r'(?:`[^`]+`|"[^"]+"|[\w$]+)'
_FORMS: tuple[tuple[re.Pattern[str], Callable[[str], Statement]], ...] = tuple(
    (re.compile(rf"{_BLANK}*{form}".replace("~", f"{_BLANK}+"), re.I | re.S), read)
    for form, read in (
        (r"(?:(?:SELECT|WITH|VALUES|TABLE)\b|\()", trino.read_query),
        (r"SHOW~FUNCTIONS\b", read_show_functions),
        (r"EXPLAIN\b", trino.read_explain),
        (r"INSERT\b", trino.read_insert),
        (r"UNLOAD\b", trino.read_unload),
        (r"PREPARE\b", trino.read_prepare),
        (r"EXECUTE\b", trino.read_execute),
        (r"DEALLOCATE\b", trino.read_deallocate),
        (r"(?:DELETE|UPDATE|MERGE)\b", trino.read_change),
        (r"OPTIMIZE\b", trino.read_optimize),
        (r"VACUUM\b", trino.read_vacuum),
        (r"CREATE~(?:OR~REPLACE~)?VIEW\b", trino.read_create_view),
        (
            rf"CREATE~TABLE~(?:IF~NOT~EXISTS~)?{_NAME}(?:\s*\.\s*{_NAME})*~(?:AS\b|WITH\s*\()",
            trino.read_create_table_as,
        ),
    )
)

_HIVE = re.compile(
    rf"{_BLANK}*(?:CREATE|DROP|ALTER|MSCK|SHOW|DESC|DESCRIBE|GRANT|REVOKE|LOCK|UNLOCK|COMMIT|ROLLBACK"
    r"|START|TRUNCATE|USE|SET|ANALYZE|EXPORT|IMPORT|LOAD|DFS)\b",
    re.I | re.S,
)


def parse(text: str) -> Statement:
    """The statement that a text is, without the semicolon at its end.

    Raises TrinoError SYNTAX_ERROR, or PARSE_EXCEPTION for Hive's part of the grammar.
    """
    text = strip(text)
    for form, read in _FORMS:
        if form.match(text):
            return read(text)
    if not _HIVE.match(text):
        raise Cursor(text).mismatch()
    with loading:
        from lakelet.sql.statements import hive

    return hive.read(text)


def is_of_trino(text: str, at: int = 0) -> bool:
    """Whether the statement that begins at a place is of Trino's grammar, by its first words."""
    return any(form.match(text, at) for form, _ in _FORMS)


def strip(text: str) -> str:
    """The text without white space and semicolons behind it."""
    return text.rstrip(" \t\r\n;")
