"""Queries that run in the background, and the history of those that ran."""
