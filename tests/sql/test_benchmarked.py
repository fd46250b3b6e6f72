"""Every function has a call that `benchmarks/functions.py` measures."""

import re

from benchmarks.functions import samples

from lakelet.sql import functions as functions
from lakelet.sql.functions.registry import FUNCTIONS

ELSEWHERE = {"merge", "merge_set_digest", "json_table", "version"}
"""What takes sketches, which no column holds, tables or nothing."""


def test_functions_are_measured() -> None:
    called = {name for each in samples() for name in re.findall(r"\w+(?=\()", each.call)}
    there = {
        each.name
        for each in FUNCTIONS.values()
        if each.kind != "operator" and not each.name.startswith("$")
    }
    assert there - called - ELSEWHERE == set()
