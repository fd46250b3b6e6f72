"""Rooms that are loaded late are loaded by one thread at a time."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lakelet

SOURCES = Path(lakelet.__file__).parent
LEAVES = ("formats", "sql/functions", "engines/iceberg")
ALONE = ("cli.py", "pytest_plugin.py", "demo.py", "commands", "bench", *LEAVES)
"""What only a program's own thread runs, and rooms which load single modules that nothing else
loads."""


def _late(tree: ast.AST, *, inside: bool = False, held: bool = False) -> Iterator[ast.ImportFrom]:
    """The imports of rooms inside of functions for which nobody holds the lock."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lakelet"):
            if inside and not held:
                yield node
            continue
        deeper = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        holds = held or (
            isinstance(node, ast.With)
            and any(ast.unparse(item.context_expr) == "loading" for item in node.items)
        )
        yield from _late(node, inside=deeper, held=holds)


def test_imports_inside_of_functions_hold_the_lock() -> None:
    found = [
        f"{path.relative_to(SOURCES)}:{node.lineno}"
        for path in SOURCES.rglob("*.py")
        if not path.relative_to(SOURCES).as_posix().startswith(ALONE)
        for node in _late(ast.parse(path.read_text()))
    ]
    assert found == []


PROGRAM = """
import sys, threading
import boto3, lakelet
from botocore.config import Config

sys.setswitchinterval(1e-6)
asked = ["SELECT 1", "SHOW TABLES", "CREATE TABLE x AS SELECT 1 AS a", "EXPLAIN SELECT 1", "SELEC"]
wrong = []
with lakelet.patch() as lake:
    lake.storage.create_bucket("results")
    config = Config(retries={"total_max_attempts": 1})
    athena, glue = boto3.client("athena", config=config), boto3.client("glue", config=config)
    gate = threading.Barrier(len(asked) + 2)

    def work(call):
        gate.wait()
        try:
            call()
        except Exception as error:
            wrong.append(str(error))

    def start(text):
        output = {"OutputLocation": "s3://results/"}
        athena.start_query_execution(QueryString=text, ResultConfiguration=output)

    calls = [lambda text=text: start(text) for text in asked]
    calls += [glue.get_triggers, glue.get_crawlers]
    threads = [threading.Thread(target=work, args=(call,)) for call in calls]
    [each.start() for each in threads]
    [each.join() for each in threads]
    for identifier in athena.list_query_executions()["QueryExecutionIds"]:
        wrong.append(lake.queries.wait(identifier).reason)
assert [each for each in wrong if each and "mismatched input 'SELEC'" not in each] == [], wrong
"""


@pytest.mark.slow
def test_whatever_is_asked_first_at_once_is_answered() -> None:
    for _ in range(10):
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
