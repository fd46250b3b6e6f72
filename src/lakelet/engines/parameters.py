"""The values of `?`: an ExecutionParameter is an expression where it reads as one, else a text.

Measured on Athena (docs of parameters by aoyagikouhei/athena-local): `abc`, `it's`, `x + 1` are
texts, since a value names no column; `1 + 1`, `DATE '2020-01-01'`, `NULL`, `now()` are expressions.
"""

from collections.abc import Sequence
from dataclasses import replace

from lakelet.errors import TrinoError
from lakelet.model import Session
from lakelet.sql import ParsedQuery, analyze, parse_query
from lakelet.sql.metadata import Metadata
from lakelet.sql.syntax import parse_expression
from lakelet.types.quoting import quoted

_A_TEXT = frozenset({"SYNTAX_ERROR", "COLUMN_NOT_FOUND"})


def bound(query: ParsedQuery, metadata: Metadata, session: Session) -> Session:
    """The session with each value as an expression; without values where there is no `?`."""
    if not query.parameters or not session.parameters:
        return replace(session, parameters=()) if session.parameters else session
    return replace(session, parameters=_expressions(session.parameters, metadata, session))


def _expressions(given: Sequence[str], metadata: Metadata, session: Session) -> tuple[str, ...]:
    alone = replace(session, parameters=())
    return tuple(each if _is_value(each, metadata, alone) else quoted(each) for each in given)


def _is_value(text: str, metadata: Metadata, session: Session) -> bool:
    try:
        parse_expression(text)
        analyze(parse_query(f"SELECT {text}"), metadata, session)
    except TrinoError as error:
        return error.name not in _A_TEXT
    return True
