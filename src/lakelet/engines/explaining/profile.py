"""EXPLAIN ANALYZE: a query is run, and DuckDB's profile of it told in Trino's layout.

The operators are those that DuckDB ran, under Trino's names where it has the like; times, rows and
bytes are measured.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from lakelet.engines.duckdb import Session as DuckDbSession
from lakelet.engines.explaining.plan import Node
from lakelet.engines.explaining.printing import lines, short
from lakelet.engines.planning import Plan
from lakelet.model import Statistics

_NAMES: Final[Mapping[str, str]] = {
    "TABLE_SCAN": "TableScan",
    "READ_PARQUET": "TableScan",
    "READ_CSV": "TableScan",
    "READ_JSON": "TableScan",
    "ARROW_SCAN": "TableScan",
    "FILTER": "Filter",
    "PROJECTION": "Project",
    "UNGROUPED_AGGREGATE": "Aggregate",
    "SIMPLE_AGGREGATE": "Aggregate",
    "HASH_GROUP_BY": "Aggregate",
    "PERFECT_HASH_GROUP_BY": "Aggregate",
    "PARTITIONED_AGGREGATE": "Aggregate",
    "HASH_JOIN": "Join",
    "PIECEWISE_MERGE_JOIN": "Join",
    "NESTED_LOOP_JOIN": "Join",
    "BLOCKWISE_NL_JOIN": "Join",
    "IE_JOIN": "Join",
    "CROSS_PRODUCT": "CrossJoin",
    "ORDER_BY": "Sort",
    "TOP_N": "TopN",
    "LIMIT": "Limit",
    "STREAMING_LIMIT": "Limit",
    "WINDOW": "Window",
    "STREAMING_WINDOW": "Window",
    "UNNEST": "Unnest",
    "UNION": "Union",
    "COLUMN_DATA_SCAN": "Values",
    "DUMMY_SCAN": "Values",
    "EMPTY_RESULT": "Values",
}
_TOLD: Final = ("Table", "Function", "Filters", "Expression", "Groups", "Aggregates", "Conditions")


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds that a statement took: on the clock, and of the process's processors."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Operator:
    """What a query did as a tree: an operator under Trino's name, what it worked on, its own
    seconds of processor, the rows it gave, and the operators that it took its rows from."""

    name: str
    told: str
    seconds: float
    rows: int
    inputs: tuple["Operator", ...] = ()

    @property
    def whole(self) -> float:
        """Its seconds and those of its inputs."""
        return self.seconds + sum(each.whole for each in self.inputs)


def operators(plan: Plan, duckdb: DuckDbSession) -> Operator:
    """Runs a query for what its operators did; raises TrinoError for one that fails."""
    return _operator(_below_explain(_profile(plan, duckdb)))


def _operator(node: dict[str, Any]) -> Operator:
    return Operator(
        _name(node),
        _told(node),
        node["operator_timing"],
        node["operator_cardinality"],
        tuple(map(_operator, node["children"])),
    )


def of_write(node: Node, rows: int, statistics: Statistics, took: Took) -> str:
    """What a write took and wrote, over its plan; operators are not measured one by one."""
    head = (
        f"Queued: 0.00ns, Analysis: 0.00ns, Planning: 0.00ns, Execution: {_time(took.wall)}",
        "Fragment 1 [SINGLE]",
        f"    CPU: {_time(took.cpu)}, Scheduled: {_time(took.wall)}, Blocked 0.00ns (Input: 0.00ns,"
        f" Output: 0.00ns), Input: {statistics.input_rows} rows ({short(statistics.scanned)}B),"
        f" Output: {rows} rows",
        "    Output layout: [rows]",
        "    Output partitioning: SINGLE []",
    )
    return "\n".join((*head, *(f"    {line}" for line in lines(node)), "", ""))


def analyzed(
    plan: Plan, duckdb: DuckDbSession, statistics: Statistics, planning: float, *, verbose: bool
) -> str:
    """Runs a query and tells what it took; raises TrinoError for one that fails."""
    profile = _profile(plan, duckdb)
    cpu, wall = profile["cpu_time"], profile["latency"]
    root = _below_explain(profile)
    rows = root["operator_cardinality"]
    read, size = profile["cumulative_rows_scanned"], f"{short(statistics.scanned)}B"
    layout = ", ".join(column.name for column in plan.columns)
    head = (
        f"Queued: 0.00ns, Analysis: {_time(planning)}, Planning: 0.00ns, Execution: {_time(wall)}",
        "Fragment 1 [SINGLE]",
        f"    CPU: {_time(cpu)}, Scheduled: {_time(wall)}, Blocked 0.00ns (Input: 0.00ns, Output:"
        f" 0.00ns), Input: {read} rows ({size}), Output: {rows} rows"
        f" ({short(root['result_set_size'])}B)",
        f"    Peak Memory: {short(profile['system_peak_buffer_memory'])}B, Tasks count: 1",
        f"    Output layout: [{layout}]",
        "    Output partitioning: SINGLE []",
    )
    body = (f"    {line}" for line in _lines(root, cpu, verbose=verbose))
    return "\n".join((*head, *body, "", ""))


def document(plan: Plan, duckdb: DuckDbSession, statistics: Statistics) -> str:
    """The same as JSON, in the layout of Athena's guide ("Using EXPLAIN and EXPLAIN ANALYZE")."""
    profile = _profile(plan, duckdb)
    root = _below_explain(profile)
    stage = {
        "totalCpuTime": _time(profile["cpu_time"]),
        "inputRows": f"{profile['cumulative_rows_scanned']} rows",
        "inputDataSize": f"{statistics.scanned}B",
        "stdDevInputRows": "0.00",
        "outputRows": f"{root['operator_cardinality']} rows",
        "outputDataSize": f"{root['result_set_size']}B",
    }
    return _fragment(stage, [column.name for column in plan.columns], _document(root))


def document_of_write(node: Node, rows: int, statistics: Statistics, took: Took) -> str:
    """What a write took and wrote, as JSON; operators are not measured one by one."""
    stage = {
        "totalCpuTime": _time(took.cpu),
        "inputRows": f"{statistics.input_rows} rows",
        "inputDataSize": f"{statistics.scanned}B",
        "outputRows": f"{rows} rows",
    }
    return _fragment(stage, ["rows"], _planned(node))


def _fragment(stage: dict[str, str], layout: list[str], operator: dict[str, Any]) -> str:
    fragment = {
        "id": "1",
        "stageStats": stage,
        "outputLayout": ", ".join(layout),
        "logicalPlan": {"1": [operator]},
    }
    return orjson.dumps({"fragments": [fragment]}, option=orjson.OPT_INDENT_2).decode()


def _document(node: dict[str, Any]) -> dict[str, Any]:
    given = sum(child["operator_cardinality"] for child in node["children"])
    taken = node["operator_rows_scanned"] or given
    return {
        "name": _name(node),
        "identifier": f"[{_told(node)}]",
        "details": "",
        "distributedNodeStats": {
            "nodeCpuTime": _time(node["operator_timing"]),
            "nodeOutputRows": node["operator_cardinality"],
            "nodeOutputDataSize": f"{node['result_set_size']}B",
            "operatorInputRowsStats": [
                {"nodeInputRows": float(taken), "nodeInputRowsStdDev": 0.0},
            ],
        },
        "children": [_document(child) for child in node["children"]],
    }


def _planned(node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "identifier": f"[{', '.join(f'{name} = {told}' for name, told in node.descriptor)}]",
        "outputs": [symbol for symbol, _ in node.outputs],
        "details": "\n".join(node.details),
        "children": [_planned(child) for child in node.children],
    }


def _profile(plan: Plan, duckdb: DuckDbSession) -> dict[str, Any]:
    rows = duckdb.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {plan.text}", plan.datasets).read_all()
    found: dict[str, Any] = orjson.loads(rows.column(1)[0].as_py())
    return found if "children" in found else _of_values(plan, duckdb)


def _of_values(plan: Plan, duckdb: DuckDbSession) -> dict[str, Any]:
    """The profile of a query that footers answer alone (`count(*)`): DuckDB 1.5.5 makes none."""
    wall, cpu = time.perf_counter(), time.process_time()
    rows = duckdb.execute(plan.text, plan.datasets).read_all()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    values = {
        "operator_type": "COLUMN_DATA_SCAN",
        "operator_name": "COLUMN_DATA_SCAN",
        "operator_timing": cpu,
        "operator_cardinality": rows.num_rows,
        "operator_rows_scanned": 0,
        "result_set_size": rows.nbytes,
        "children": [],
    }
    return {
        "latency": wall,
        "cpu_time": cpu,
        "cumulative_rows_scanned": 0,
        "system_peak_buffer_memory": 0,
        "children": [values],
    }


def _below_explain(profile: dict[str, Any]) -> dict[str, Any]:
    """The operator that gives the rows."""
    node = profile["children"][0]
    while node["operator_type"] == "EXPLAIN_ANALYZE":
        node = node["children"][0]
    found: dict[str, Any] = node
    return found


def _name(node: dict[str, Any]) -> str:
    kind: str = node["operator_type"].strip()
    return _NAMES.get(node["operator_name"].strip(), _NAMES.get(kind, kind))


def _told(node: dict[str, Any]) -> str:
    extra = node.get("extra_info") or {}
    return ", ".join(f"{key.lower()} = {_one_line(extra[key])}" for key in _TOLD if extra.get(key))


def _lines(
    node: dict[str, Any], cpu: float, first: str = "", rest: str = "", *, verbose: bool
) -> Iterator[str]:
    extra = node.get("extra_info") or {}
    yield f"{first}{_name(node)}[{_told(node)}]"
    inside = f"{rest}│   " if node["children"] else f"{rest}    "
    took = node["operator_timing"]
    share = took / cpu * 100 if cpu else 0.0
    size = f"{short(node['result_set_size'])}B"
    yield (
        f"{inside}CPU: {_time(took)} ({share:.2f}%), Scheduled: {_time(took)} ({share:.2f}%),"
        f" Output: {node['operator_cardinality']} rows ({size})"
    )
    if node["operator_rows_scanned"]:
        yield f"{inside}Input: {node['operator_rows_scanned']} rows"
    if verbose:
        for key, value in extra.items():
            yield f"{inside}{key} := {_one_line(value)}"
    for index, child in enumerate(node["children"]):
        last = index == len(node["children"]) - 1
        branch, below = ("└─ ", "   ") if last else ("├─ ", "│  ")
        yield from _lines(child, cpu, rest + branch, rest + below, verbose=verbose)


def _one_line(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return " ".join(text.split())


def _time(seconds: float) -> str:
    """A duration as Trino writes it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.2f}{unit}"
    return f"{seconds * 1e9:.2f}ns"
