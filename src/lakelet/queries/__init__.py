"""Queries that run in the background, and the history of those that ran."""

from lakelet.queries.history import SCHEMA
from lakelet.queries.model import Query, Request
from lakelet.queries.running import Queries

__all__ = ["SCHEMA", "Queries", "Query", "Request"]
