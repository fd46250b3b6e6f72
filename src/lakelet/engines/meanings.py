"""What query texts mean, kept while the catalogue stays as it is.

A text that comes again is neither parsed nor analysed again. Which files its tables have is found
anew each time.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lakelet.engines.metadata import LakeMetadata
from lakelet.engines.parameters import bound
from lakelet.engines.repeating import is_repeatable
from lakelet.model import Session, Table
from lakelet.sql import Analysis, Emission, ParsedQuery, analyze, emit, parse_query
from lakelet.sql.metadata import TableName

if TYPE_CHECKING:
    from lakelet.catalog.catalog import GlueCatalog
    from lakelet.engines.iceberg.lake import IcebergLake

KEPT: Final = 256
"""Texts that are kept; the one that was used longest ago goes first."""

_Asked = tuple[str | tuple[str, ...], ...]
"""What an analysis that is kept asks of its session."""


@dataclass(slots=True)
class Meaning:
    """A text's analysis over one version of the catalogue, whether it answers the same each time as
    long as its files stay the same, and its last emission."""

    version: int
    analysis: Analysis
    tables: Mapping[TableName, Table]
    repeatable: bool
    _emitted: tuple[Any, Emission] | None = field(default=None, repr=False)

    def emission(
        self, relations: Mapping[int, str], magnitudes: Mapping[int, Mapping[str, float]]
    ) -> Emission:
        """As `sql.emit`; the same again for the same relations."""
        known = self._emitted
        if known is not None and known[0] == (relations, magnitudes):
            return known[1]
        emission = emit(self.analysis, relations, magnitudes)
        self._emitted = ((relations, magnitudes), emission)
        return emission


class Meanings:
    """Finds what a text means; from any thread."""

    def __init__(self, catalog: "GlueCatalog", iceberg: "IcebergLake") -> None:
        self._catalog = catalog
        self._iceberg = iceberg
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, _Asked], Meaning] = OrderedDict()

    def of(self, text: str, session: Session) -> Meaning:
        """Raises TrinoError."""
        key = (text, _asked(session))
        version = self._catalog.version
        with self._lock:
            known = self._known.get(key)
            if known is not None and known.version == version:
                self._known.move_to_end(key)
                return known
        found = self._found(text, session, version)
        if not found.analysis.timed:
            with self._lock:
                self._known[key] = found
                if len(self._known) > KEPT:
                    self._known.popitem(last=False)
        return found

    def of_parsed(self, parsed: ParsedQuery, session: Session) -> Meaning:
        """Of a query that no text of its own stands for. Raises TrinoError."""
        return self._analysed(parsed, session, self._catalog.version)

    def _found(self, text: str, session: Session, version: int) -> Meaning:
        return self._analysed(parse_query(text), session, version)

    def _analysed(self, parsed: ParsedQuery, session: Session, version: int) -> Meaning:
        metadata = LakeMetadata(self._catalog, session, self._iceberg)
        analysis = analyze(parsed, metadata, bound(parsed, metadata, session))
        return Meaning(version, analysis, metadata.tables, is_repeatable(analysis))


def _asked(session: Session) -> _Asked:
    return (
        session.catalog,
        session.database,
        session.dialect,
        session.time_zone,
        session.user,
        session.parameters,
    )
