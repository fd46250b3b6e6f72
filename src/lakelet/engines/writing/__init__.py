"""CTAS, INSERT and UNLOAD: nothing is visible before all of it is written.

A failure, a killed process too, leaves no file and no table.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from lakelet.engines.answers import Written
from lakelet.engines.context import Context
from lakelet.engines.writing import changing, ctas, insert, unload
from lakelet.sql.statements.model import (
    ChangeRows,
    CreateTableAs,
    Insert,
    Optimize,
    Unload,
    Vacuum,
)

WORK: Final[Mapping[type, Callable[[Context, Any], Written]]] = {
    CreateTableAs: ctas.create_table_as,
    Insert: insert.insert,
    Unload: unload.unload,
    ChangeRows: changing.change_rows,
    Optimize: changing.optimize,
    Vacuum: changing.vacuum,
}
"""What each statement does; all of them raise TrinoError."""
