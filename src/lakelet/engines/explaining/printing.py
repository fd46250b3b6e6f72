"""A plan as text, JSON and Graphviz, each in Trino's layout."""

import html
from collections.abc import Iterator, Sequence
from itertools import count
from math import isnan
from typing import Any

import orjson

from lakelet.engines.explaining.plan import Estimate, Node
from lakelet.model import Document

_FRAGMENT = "Fragment 0 [SINGLE]"


def logical(plan: Node) -> str:
    """The text of EXPLAIN (TYPE LOGICAL)."""
    return "\n".join((*lines(plan), ""))


def stage(node: Node) -> Document:
    """An operator and those below it as Athena's QueryStagePlanNode."""
    told = ", ".join(f"{name} = {value}" for name, value in node.descriptor)
    return {
        "Name": node.name,
        "Identifier": f"[{told}]",
        "Children": [stage(child) for child in node.children],
        "RemoteSources": [],
    }


def distributed(plan: Node) -> str:
    """The text of EXPLAIN (TYPE DISTRIBUTED): one fragment, since one process does it all."""
    layout = ", ".join(symbol for symbol, _ in plan.outputs)
    head = (
        _FRAGMENT,
        f"    Output layout: [{layout}]",
        "    Output partitioning: SINGLE []",
    )
    return "\n".join((*head, *(f"    {line}" for line in lines(plan)), "", ""))


def lines(node: Node, first: str = "", rest: str = "") -> Iterator[str]:
    """An operator and those below it; `first` stands before its name, `rest` before the others."""
    told = ", ".join(f"{name} = {value}" for name, value in node.descriptor)
    yield f"{first}{node.name}[{told}]"
    inside = f"{rest}│   " if node.children else f"{rest}    "
    layout = ", ".join(f"{symbol}:{of}" for symbol, of in node.outputs)
    yield f"{inside}Layout: [{layout}]"
    yield f"{inside}Estimates: {'/'.join(map(_estimate, node.estimates))}"
    for detail in node.details:
        yield f"{inside}{detail}"
    for index, child in enumerate(node.children):
        last = index == len(node.children) - 1
        branch, below = ("└─ ", "   ") if last else ("├─ ", "│  ")
        yield from lines(child, rest + branch, rest + below)


def _estimate(given: Estimate) -> str:
    rows = "?" if isnan(given.rows) else str(int(given.rows))
    size = "?" if isnan(given.size) else f"{short(given.size)}B"
    cpu = "?" if isnan(given.cpu) else short(given.cpu)
    return f"{{rows: {rows} ({size}), cpu: {cpu}, memory: 0B, network: 0B}}"


def short(value: float) -> str:
    """A number as Trino's plans shorten it: 1.64k."""
    for unit in ("", "k", "M", "G", "T"):
        if abs(value) < 1024 or unit == "T":
            return f"{int(value)}{unit}" if not unit else f"{value:.2f}{unit}"
        value /= 1024
    raise AssertionError("unreachable")


# JSON ---------------------------------------------------------------------------------------


def document(plan: Node, *, fragments: bool) -> str:
    """The text of FORMAT JSON; a distributed plan is told by its fragments' numbers."""
    found: Any = _document(plan, count(1))
    return _spaced({"0": found} if fragments else found)


def _document(node: Node, numbers: Iterator[int]) -> dict[str, Any]:
    return {
        "id": str(next(numbers)),
        "name": node.name,
        "descriptor": dict(node.descriptor),
        "outputs": [{"type": str(of), "name": symbol} for symbol, of in node.outputs],
        "details": list(node.details),
        "estimates": [
            {
                "outputRowCount": number(each.rows),
                "outputSizeInBytes": number(each.size),
                "cpuCost": number(each.cpu),
                "memoryCost": 0.0,
                "networkCost": 0.0,
            }
            for each in node.estimates
        ],
        "children": [_document(child, numbers) for child in node.children],
    }


def number(value: float) -> float | str:
    """An estimate as JSON has it; NaN is not known."""
    return "NaN" if isnan(value) else value


def _spaced(value: Any, indent: str = "") -> str:
    """JSON as Trino's own writer lays it out: a space before each colon, lists on one line."""
    if isinstance(value, dict):
        if not value:
            return "{ }"
        inner = indent + "  "
        members = (
            f"{inner}{orjson.dumps(name).decode()} : {_spaced(each, inner)}"
            for name, each in value.items()
        )
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if isinstance(value, list):
        if not value:
            return "[ ]"
        return f"[ {', '.join(_spaced(each, indent) for each in value)} ]"
    return orjson.dumps(value).decode()


spaced = _spaced

# Graphviz -----------------------------------------------------------------------------------

_COLORS = {
    "Scan": "deepskyblue",
    "Filter": "yellow",
    "Project": "bisque",
    "Aggregate": "chartreuse3",
    "Join": "orange",
    "Sort": "aliceblue",
    "TopN": "darksalmon",
    "Limit": "gray83",
    "Values": "deepskyblue",
    "Window": "darkolivegreen4",
    "Unnest": "crimson",
    "Union": "turquoise4",
}


def graphviz(plan: Node, *, fragments: bool) -> str:
    """The text of FORMAT GRAPHVIZ: a graph for Graphviz to draw."""
    name = "distributed_plan" if fragments else "logical_plan"
    nodes: list[str] = []
    edges: list[str] = []
    _draw(plan, count(1), nodes, edges)
    body = ["subgraph cluster_0 {", 'label = "SINGLE"', *nodes, "}", *edges]
    return "\n".join((f"digraph {name} {{", *body, "}", ""))


def _draw(node: Node, numbers: Iterator[int], nodes: list[str], edges: list[str]) -> str:
    name = f"plannode_{next(numbers)}"
    told = "|".join(_label(value) for _, value in node.descriptor)
    label = f"{{{node.name}{'|' + told if told else ''}}}"
    color = next((c for part, c in _COLORS.items() if part in node.name), "white")
    style = 'style="rounded, filled", shape=record'
    nodes.append(f'{name}[label="{label}", {style}, fillcolor={color}];')
    for child in node.children:
        edges.append(f"{name} -> {_draw(child, numbers, nodes, edges)};")
    return name


def _label(text: str) -> str:
    """A text inside a record's label, where some characters mean something."""
    plain = html.escape(text, quote=False).replace("\\", "\\\\").replace('"', '\\"')
    return "".join(f"\\{c}" if c in "{}|<>[]" else c for c in plain)


def every(nodes: Sequence[Node]) -> Iterator[Node]:
    """The operators of plans, from the top down."""
    for node in nodes:
        yield node
        yield from every(node.children)
