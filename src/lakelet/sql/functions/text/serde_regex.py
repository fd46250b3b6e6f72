"""What RegexSerDe and GrokSerDe do with a line: the groups of a Java pattern. No function of SQL
calls it; scans of such tables do."""

from typing import TYPE_CHECKING, Any

from lakelet.sql.functions.java.util_regex import compiled
from lakelet.sql.functions.registry import udf
from lakelet.sql.functions.text.regexp import SECONDS, bounded

if TYPE_CHECKING:
    from pyarrow import Array, ChunkedArray


def _groups(lines: "ChunkedArray", patterns: "ChunkedArray", flags: "ChunkedArray") -> "Array":
    import pyarrow

    found: list[Any] = []
    asked = zip(lines.to_pylist(), patterns.to_pylist(), flags.to_pylist(), strict=True)
    for line, pattern, flag in asked:
        wanted = compiled(pattern, flag)
        find = wanted.search if "f" in flag else wanted.fullmatch
        match = find(line, timeout=SECONDS)
        if match is None:
            found.append(None)
        elif "n" in flag:
            found.append([match[number] for number in sorted(wanted.groupindex.values())])
        else:
            found.append(match.groups())
    return pyarrow.array(found, pyarrow.list_(pyarrow.string()))


# Line, pattern, flags (f: the pattern may match a part of the line, n: only named groups); NULL
# where none matches.
udf("trino_regex_groups", lambda: bounded(_groups), ("VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR[]")
