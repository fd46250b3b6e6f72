"""Queries in SQLite: kept for 45 days, whatever becomes of the process that ran them."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

import orjson

from lakelet import pricing
from lakelet.database import Database
from lakelet.errors import NoRoom, NotFound
from lakelet.queries.model import Query, Request, loaded, plain
from lakelet.storage.files import lives

DAYS: Final = 45
RESTARTED: Final = "The lake was restarted while the query was running."
_NEVER: Final = 1e15
_STOPPING: Final = "STOPPING"
"""The state, in its column only, of a query that is to be stopped by the process that runs it; any
other is QUEUED there until it is over, whatever its document tells."""
_RECENT: Final = 64
"""Queries that are still at hand when they are over: who waited for one asks for it at once."""


class History:
    """The queries of a lake."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent: OrderedDict[str, Query] = OrderedDict()
        self._not_kept: dict[str, Query] = {}

    def add(self, query: Query) -> Query:
        """Keeps a new query; gives the one that has used its token already, which is kept then."""
        with self._database.transaction() as transaction:
            if query.request.token is not None:
                rows = transaction.execute(
                    "SELECT document FROM query_execution WHERE token = ?", (query.request.token,)
                ).fetchall()
                if rows:
                    return loaded(orjson.loads(rows[0][0]))
            transaction.execute(
                "INSERT INTO query_execution VALUES (?, ?, ?, ?, ?, NULL, ?)",
                (
                    query.id,
                    query.request.work_group,
                    query.submitted,
                    query.state,
                    query.request.token,
                    orjson.dumps(query, default=plain).decode(),
                ),
            )
        return query

    def end(self, query: Query) -> None:
        """Keeps what became of a query, and what it cost; what the disk has no room for is known
        to this process and kept by `end_again`.

        Raises LakeError.
        """
        try:
            self._keep_ended(query)
        except NoRoom:
            self._not_kept[query.id] = query
            raise
        self._recent[query.id] = query
        if len(self._recent) > _RECENT:
            with suppress(KeyError):  # another thread was faster
                self._recent.popitem(last=False)

    def end_again(self) -> None:
        """Keeps what there was no room for. Raises LakeError."""
        for query in [*self._not_kept.values()]:
            self.end(query)
            del self._not_kept[query.id]

    def _keep_ended(self, query: Query) -> None:
        reusable = query.result is not None and query.result.reusable and not query.reused
        with self._database.transaction() as transaction:
            transaction.execute(
                "UPDATE query_execution SET state = ?, reusable = ?, document = ? WHERE id = ?",
                (
                    query.state,
                    question(query.request) if reusable else None,
                    orjson.dumps(query, default=plain).decode(),
                    query.id,
                ),
            )
            scanned = query.result.statistics.scanned if query.result else 0
            transaction.execute(
                "INSERT INTO query_cost VALUES (?, 1, ?, ?) ON CONFLICT DO UPDATE SET"
                " queries = queries + 1, scanned = scanned + excluded.scanned,"
                " billed = billed + excluded.billed",
                (query.request.work_group, scanned, pricing.billed(scanned) if scanned else 0),
            )

    def tell(self, running: Iterable[Query]) -> None:
        """Keeps how far queries are that are not over."""
        with self._database.transaction() as transaction:
            transaction.executemany(
                "UPDATE query_execution SET document = ? WHERE id = ? AND state IN ('QUEUED', ?)",
                [
                    (orjson.dumps(query, default=plain).decode(), query.id, _STOPPING)
                    for query in running
                ],
            )

    def get(self, identifier: str) -> Query:
        """A query as it was told of last. Raises NotFound."""
        recent = self._recent.get(identifier) or self._not_kept.get(identifier)
        if recent is not None:
            return recent
        rows = self._database.query(
            "SELECT document FROM query_execution WHERE id = ?", (identifier,)
        )
        if not rows:
            raise NotFound(f"QueryExecution {identifier} was not found", subject=identifier)
        return self._unless_left(loaded(orjson.loads(rows[0][0])))

    def answered(self, request: Request) -> Query | None:
        """The latest answer to the same question that is young enough."""
        rows = self._database.query(
            "SELECT document FROM query_execution WHERE reusable = ? AND submitted >= ?"
            " ORDER BY submitted DESC LIMIT 1",
            (question(request), time.time() - 60 * (request.reuse or 0)),
        )
        return loaded(orjson.loads(rows[0][0])) if rows else None

    def listed(
        self, work_group: str, limit: int, after: tuple[float, str] | None = None
    ) -> list[str]:
        """Ids of a work group, the newest first; those behind a time of submission and an id."""
        submitted, identifier = after or (_NEVER, "")
        rows = self._database.query(
            "SELECT id FROM query_execution WHERE work_group = ? AND submitted <= ?"
            " AND (submitted < ? OR id > ?) ORDER BY submitted DESC, id LIMIT ?",
            (work_group, submitted, submitted, identifier, limit),
        )
        return [row[0] for row in rows]

    def succeeded(self, substatement: str) -> Iterator[Query]:
        """Those of a kind (`SELECT`) that succeeded, in every work group, the newest first."""
        rows = self._database.query(
            "SELECT document FROM query_execution WHERE state = 'SUCCEEDED' ORDER BY submitted DESC"
        )
        for (document,) in rows:
            query = loaded(orjson.loads(document))
            if query.substatement_type == substatement:
                yield query

    def cost(self, work_group: str) -> tuple[int, int, int]:
        """Queries, bytes scanned and bytes billed of a work group so far."""
        rows = self._database.query(
            "SELECT queries, scanned, billed FROM query_cost WHERE work_group = ?", (work_group,)
        )
        return rows[0] if rows else (0, 0, 0)

    def work_groups(self) -> Sequence[str]:
        """Those that have run queries."""
        return [row[0] for row in self._database.query("SELECT work_group FROM query_cost")]

    def end_what_was_left(self) -> None:
        """Queries that a process which is gone left unfinished have failed."""
        rows = self._database.query(
            "SELECT document FROM query_execution WHERE state IN ('QUEUED', ?)", (_STOPPING,)
        )
        for (document,) in rows:
            self._unless_left(loaded(orjson.loads(document)))

    def _unless_left(self, query: Query) -> Query:
        """A query as it stands; one whose process is gone has failed."""
        if query.is_over or lives(query.process):
            return query
        ended = interrupted(query)
        self.end(ended)
        return ended

    def ask_to_stop(self, identifier: str) -> None:
        """Leaves word for the process that runs a query."""
        with self._database.transaction() as transaction:
            transaction.execute(
                "UPDATE query_execution SET state = ? WHERE id = ? AND state = 'QUEUED'",
                (_STOPPING, identifier),
            )

    def asked_to_stop(self, identifiers: Sequence[str]) -> list[str]:
        """Those among some queries that another process wants to be stopped."""
        places = ", ".join("?" * len(identifiers))
        sql = f"SELECT id FROM query_execution WHERE id IN ({places}) AND state = ?"
        return [row[0] for row in self._database.query(sql, (*identifiers, _STOPPING))]

    def forget(self, work_group: str) -> None:
        """Drops the queries of a work group, and what they cost."""
        with self._database.transaction() as transaction:
            for table in ("query_execution", "query_cost"):
                transaction.execute(f"DELETE FROM {table} WHERE work_group = ?", (work_group,))
        self._recent.clear()

    def forget_old(self) -> None:
        """Drops the queries of which Athena would know nothing any more."""
        with self._database.transaction() as transaction:
            transaction.execute(
                "DELETE FROM query_execution WHERE submitted < ?", (time.time() - DAYS * 86_400,)
            )
        self._recent.clear()


def interrupted(query: Query) -> Query:
    """A query whose process ended before it."""
    return replace(
        query,
        state="FAILED",
        reason=RESTARTED,
        error_name="SERVER_SHUTTING_DOWN",
        completed=time.time(),
    )


def question(request: Request) -> str:
    """A digest of what must be the same for an answer to be given again."""
    asked = (
        request.work_group,
        request.text,
        request.catalog and request.catalog.lower(),
        request.database,
        sorted(request.configuration.items()),
        request.parameters,
    )
    return hashlib.sha256(orjson.dumps(asked, default=plain)).hexdigest()
