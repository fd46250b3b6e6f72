"""The queries that advice goes by: those that a lake has answered, or those of a file.

A file is SQL, or what `aws athena batch-get-query-execution` tells. What its queries scanned
elsewhere says nothing of the tables here: each is run once over them as they are.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from lakelet.bench import files
from lakelet.bench.timing import once
from lakelet.dbapi import connect
from lakelet.engines.metadata import LakeMetadata
from lakelet.engines.parameters import bound
from lakelet.errors import LakeletError, TrinoError
from lakelet.lake import Lake
from lakelet.queries import prepared
from lakelet.queries.history import History
from lakelet.queries.model import Request
from lakelet.sql import analyze, parse_query, tree
from lakelet.sql.redirecting import Name, filled
from lakelet.sql.statements import parse
from lakelet.sql.statements.model import Query
from lakelet.sql.statements.splitting import split


class _Told(NamedTuple):
    """A query of a file."""

    text: str
    database: str
    parameters: tuple[str, ...] = ()


PassedOver = Callable[[str, str], None]
"""Told of each query that is not gone by, and why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of the history: its text, its database, how often it ran, the bytes of one run, and
    the columns by which it filters each table."""

    text: str
    database: str
    times: int
    scanned: int
    filters: Mapping[Name, frozenset[str]]


def of_lake(lake: Lake) -> list[Asked]:
    """The queries that succeeded and that still mean something, those that scanned most first.

    Those with parameters, and what EXECUTE names, stand with the values that they were run with.
    """
    times: Counter[tuple[str, str]] = Counter()
    scanned: dict[tuple[str, str], int] = {}
    # Not the lake's own queries: another process may be running them.
    for query in History(lake.database).succeeded("SELECT"):
        database = (query.request.database or "default").lower()
        text = _text(lake, query.request, database)
        if text is None or query.result is None:
            continue
        times[text, database] += 1
        scanned[text, database] = query.result.statistics.scanned
    found = [
        Asked(*key, count, scanned[key], filters)
        for key, count in times.items()
        if (filters := _filters(lake, *key)) is not None
    ]
    return sorted(found, key=lambda each: each.times * each.scanned, reverse=True)


def _text(lake: Lake, request: Request, database: str) -> str | None:
    """A query that runs by itself; None where it was prepared under a name that is gone."""
    try:
        text, parameters = prepared.meant(
            lake.database, request.work_group, request.text, request.parameters
        )
        if parameters:
            session = replace(lake.session(database), parameters=parameters)
            query = parse_query(text)
            session = bound(query, LakeMetadata(lake.catalog, session), session)
            text = filled(text, session.parameters)
    except (TrinoError, IndexError):
        return None
    return text.rstrip("; \n")


def _filters(lake: Lake, text: str, database: str) -> dict[Name, frozenset[str]] | None:
    """The columns of each table's filters; None for a text that is no query any more."""
    session = lake.session(database)
    try:
        analysis = analyze(parse_query(text), LakeMetadata(lake.catalog, session), session)
    except TrinoError:
        return None
    found: dict[Name, frozenset[str]] = {}
    for scan in analysis.scans:
        name = (scan.table.name.schema, scan.table.name.table)
        found[name] = found.get(name, frozenset()) | _columns(scan.constraint)
    return found


def _columns(conditions: Sequence[tree.Expression]) -> frozenset[str]:
    nodes = (node for each in conditions for node in tree.descendants(each))
    return frozenset(node.name for node in nodes if isinstance(node, tree.ColumnReference))


def of_file(lake: Lake, path: Path, database: str, passed_over: PassedOver) -> list[Asked]:
    """The queries of a file, those that scan most first; `database` is of those that name none.

    Raises LakeletError for a file that can't be read, or that holds none that reads a table.
    """
    read = _executions if path.suffix.lower() == ".json" else _statements
    found = []
    for asked, count in Counter(read(files.text(path), path, database)).items():
        try:
            found.append(_measured(lake, asked, count))
        except TrinoError as error:
            passed_over(asked.text, str(error))
    if not any(each.filters for each in found):
        raise LakeletError(f"{path} holds no query that reads a table of this lake")
    return sorted(found, key=lambda each: each.times * each.scanned, reverse=True)


def _statements(text: str, path: Path, database: str) -> Iterator[_Told]:
    for each in split(text):
        yield _Told(each, database)


def _executions(text: str, path: Path, database: str) -> Iterator[_Told]:
    """Those that succeeded, as BatchGetQueryExecution and GetQueryExecution tell of them."""
    try:
        given = [each for document in _documents(text) for each in _listed(document)]
    except ValueError as error:
        raise LakeletError(f"{path} is no JSON: {error}") from error
    if any(isinstance(each, dict) and "QueryExecutionIds" in each for each in given):
        raise LakeletError(
            f"{path} holds ids alone; ask for what they name:"
            " aws athena batch-get-query-execution --query-execution-ids …"
        )
    for each in given:
        if not isinstance(each, dict) or not isinstance(each.get("Query"), str):
            raise LakeletError(f"{path} is no answer of aws athena batch-get-query-execution")
        if (each.get("Status") or {}).get("State", "SUCCEEDED") == "SUCCEEDED":
            where = (each.get("QueryExecutionContext") or {}).get("Database") or database
            parameters = tuple(map(str, each.get("ExecutionParameters") or ()))
            yield _Told(each["Query"], where.lower(), parameters)


def _documents(text: str) -> Iterator[Any]:
    """The answers one behind the other: the API tells of fifty queries at a time."""
    decoder, rest = json.JSONDecoder(), text.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        yield document
        rest = rest[end:].strip()


def _listed(given: Any) -> list[Any]:
    if isinstance(given, dict):
        given = given.get("QueryExecutions", given.get("QueryExecution", given))
    return given if isinstance(given, list) else [given]


def _measured(lake: Lake, told: _Told, times: int) -> Asked:
    """What a query of a file scans here; raises TrinoError for what is none, or fails."""
    request = Request(told.text, told.database, None, "", parameters=told.parameters)
    text = _text(lake, request, told.database)
    if text is None or not isinstance(parse(text), Query):
        raise TrinoError("NOT_SUPPORTED", "it is no query that runs by itself")
    with connect(lake, database=told.database) as connection:
        scanned = once(connection, text, here=True).scanned
    return Asked(text, told.database, times, scanned, _filters(lake, text, told.database) or {})
