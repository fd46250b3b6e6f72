"""Athena's errors: what the API refuses, and why a query failed.

Categories and types are those of "Athena error catalog"; the type of each of Trino's error names
was measured on AWS (docs: result-files and failure notes of public Athena servers).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from lakelet.errors import (
    AlreadyExists,
    AwsError,
    InvalidInput,
    LakeletError,
    NotFound,
    TrinoError,
    Unsupported,
)

SYSTEM, USER = 1, 2
_TYPES: Mapping[str, int] = {
    "DIVISION_BY_ZERO": 1001,
    "HIVE_BAD_DATA": 1001,
    "HIVE_CURSOR_ERROR": 1001,
    "TYPE_MISMATCH": 1002,
    "PARSE_EXCEPTION": 1003,
    "COLUMN_NOT_FOUND": 1006,
    "CATALOG_NOT_FOUND": 1006,
    "SYNTAX_ERROR": 1006,
    "INVALID_CAST_ARGUMENT": 1100,
    "NUMERIC_VALUE_OUT_OF_RANGE": 1100,
    "INVALID_PARAMETER_USAGE": 1100,
    "INVALID_TABLE_PROPERTY": 1103,
    "INVALID_FUNCTION_ARGUMENT": 1106,
    "INVALID_VIEW": 1107,
    "HIVE_PATH_ALREADY_EXISTS": 1109,
    "TABLE_ALREADY_EXISTS": 1110,
    "NOT_SUPPORTED": 1200,
    "TABLE_NOT_FOUND": 1301,
    "SCHEMA_NOT_FOUND": 1301,
    "FUNCTION_NOT_FOUND": 1303,
}
_OTHER_USER = 1000
_SYSTEM: Mapping[str, int] = {
    "EXCEEDED_LOCAL_MEMORY_LIMIT": 1,
    "EXCEEDED_TIME_LIMIT": 206,
    "GENERIC_INTERNAL_ERROR": 200,
    "SERVER_SHUTTING_DOWN": 200,
}
_RETRYABLE = frozenset({"SERVER_SHUTTING_DOWN"})


def failure(name: str, reason: str, kind: str | None = None) -> dict[str, Any]:
    """The AthenaError of a query of a substatement's kind that failed."""
    hive = reason.startswith("FAILED: ")
    told = _DDL_ENGINE.get(kind or "") if hive else None
    if told is not None:
        category, number, message = USER, _TYPES["SYNTAX_ERROR"], told(reason)
    elif name in _SYSTEM:
        category, number, message = SYSTEM, _SYSTEM[name], reason
    else:
        category = SYSTEM if reason.startswith("FAILED: ParseException") else USER
        number = 1003 if hive else _TYPES.get(name, _OTHER_USER)
        message = reason
    return {
        "ErrorCategory": category,
        "ErrorType": number,
        "Retryable": name in _RETRYABLE,
        "ErrorMessage": message,
    }


def _no_partition(reason: str) -> str:
    """DROP COLUMN's: Hive's words as Athena's grammar has them, whose columns count from 1."""
    found = _NO_PARTITION.match(reason)
    if found is None:
        return reason
    line, column, word = found.groups()
    return f"line {line}:{int(column) + 1}: mismatched input '{word}' expecting 'PARTITION'"


_NO_PARTITION: Final = re.compile(
    r"FAILED: ParseException line (\d+):(\d+) mismatched input '(\w+)' expecting PARTITION"
)
_DDL_ENGINE: Final[Mapping[str, Callable[[str], str]]] = {
    "ALTER_TABLE_RENAME": lambda _: "Query type not supported by DDL engine.",
    "ALTER_TABLE_DROP_COLUMN": _no_partition,
}
"""Statements that Athena does not hand to Hive unless a table is Iceberg's: what the error says
beside Hive's reason, as was measured on AWS."""


def invalid(message: str, code: str = "INVALID_INPUT") -> AwsError:
    """InvalidRequestException with Athena's own code beside it."""
    members = {"AthenaErrorCode": code, "ErrorCode": code}
    return AwsError("InvalidRequestException", message, 400, members)


def translate(error: LakeletError) -> AwsError:
    """What a caller is told of an error from below."""
    if isinstance(error, AwsError):
        return error
    if isinstance(error, TrinoError):
        return invalid(str(error), "MALFORMED_QUERY")
    if isinstance(error, NotFound):
        return invalid(error.message, "QUERY_EXECUTION_NOT_FOUND")
    if isinstance(error, InvalidInput) and error.subject == "token":
        return invalid(error.message, "IDEMPOTENT_PARAMETER_MISMATCH")
    if isinstance(error, InvalidInput | AlreadyExists | Unsupported):
        return invalid(error.message)
    return AwsError("InternalServerException", str(error), 500)
