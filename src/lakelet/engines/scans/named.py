"""The files that a query's conditions on "$path" and "$bucket" name: others are not opened."""

from collections.abc import Sequence
from typing import Any

from lakelet.engines.scans.buckets import are_named, buckets_of
from lakelet.engines.scans.domains import domains
from lakelet.model import DataFile, Domain, Table
from lakelet.sql import tree


def named(files: Sequence[DataFile], scan: tree.Scan, table: Table) -> Sequence[DataFile]:
    """As in Trino, only conditions that give values or ends are known before a file is read."""
    asked = domains(scan.constraint, ("$path", "$bucket"))
    if "$bucket" in scan.columns and not are_named(files):
        return files  # a file's place among all of its folder is its bucket
    if "$bucket" in asked:
        buckets = zip(files, buckets_of(files, table), strict=True)
        files = [each for each, number in buckets if _has(asked["$bucket"], number)]
    if "$path" in asked:
        files = [each for each in files if _has(asked["$path"], each.info.uri)]
    return files


def _has(domain: Domain, value: Any) -> bool:
    if domain.values is not None and value not in domain.values:
        return False
    low, high = domain.low, domain.high
    if low is not None and not (value > low or (value == low and not domain.low_open)):
        return False
    return high is None or value < high or (value == high and not domain.high_open)
