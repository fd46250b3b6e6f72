"""EXPLAIN (TYPE IO): the tables that a query reads, what of them, and how much that is."""

from collections.abc import Mapping
from typing import Any

from lakelet.engines.explaining.plan import Node, plan_of
from lakelet.engines.explaining.printing import every, number, spaced
from lakelet.engines.planning import Plan
from lakelet.engines.scans import PlannedScan
from lakelet.sql import tree
from lakelet.types.hive import to_trino


def inputs(plan: Plan) -> str:
    """The JSON text; partition keys are constrained to the values that are read."""
    scans = {scan.id: scan for scan in plan.scans}
    root = plan_of(plan)
    found = [_table(scan, scans[scan.id], plan, root) for scan in plan.analysis.scans]
    return spaced({"inputTableColumnInfos": found, "estimate": _costs(root)})


def _table(scan: tree.Scan, planned: PlannedScan, plan: Plan, root: Node) -> dict[str, Any]:
    name = scan.table.name
    shown = f"{name.catalog}:{name.schema}:{name.table}"
    node = next(each for each in every([root]) if ("table", shown) in each.descriptor)
    return {
        "table": {
            "catalog": name.catalog,
            "schemaTable": {"schema": name.schema, "table": name.table},
        },
        "constraint": {
            "none": bool(scan.constraint) and not planned.files,
            "columnConstraints": _constraints(planned, plan, scan),
        },
        "estimate": _costs(node, first=True),
    }


def _constraints(planned: PlannedScan, plan: Plan, scan: tree.Scan) -> list[dict[str, Any]]:
    table = plan.tables.get(scan.table.name)
    keys = table.partition_keys if table is not None else ()
    values: list[dict[str, None]] = [{} for _ in keys]
    for file in planned.files:
        if file.partition is not None:
            for seen, value in zip(values, file.partition.values, strict=True):
                seen[value] = None
    return [
        {
            "columnName": key.name.lower(),
            "type": str(to_trino(key.type)),
            "domain": {
                "nullsAllowed": False,
                "ranges": [_exactly(value) for value in seen],
            },
        }
        for key, seen in zip(keys, values, strict=True)
        if seen
    ]


def _exactly(value: str) -> Mapping[str, Any]:
    bound = {"value": value, "bound": "EXACTLY"}
    return {"low": bound, "high": bound}


def _costs(node: Node, *, first: bool = False) -> dict[str, Any]:
    estimate = node.estimates[0 if first else -1]
    return {
        "outputRowCount": number(estimate.rows),
        "outputSizeInBytes": number(estimate.size),
        "cpuCost": number(estimate.cpu),
        "maxMemory": 0.0,
        "networkCost": 0.0,
    }
