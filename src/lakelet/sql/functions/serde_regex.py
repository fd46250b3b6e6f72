"""What RegexSerDe and GrokSerDe do with a line: the groups of a Java pattern. No function of SQL
calls it; scans of such tables do."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lakelet.errors import TrinoError
from lakelet.sql.functions.java_regex import translate
from lakelet.sql.functions.registry import udf

if TYPE_CHECKING:
    from pyarrow import Array


@lru_cache(maxsize=64)
def _compiled(pattern: str, flags: str) -> Any:
    """`flags`: i for no regard to case, s for a dot that takes line ends too."""
    import regex

    given = regex.VERSION1
    given |= regex.IGNORECASE if "i" in flags else 0
    given |= regex.DOTALL if "s" in flags else 0
    try:
        return regex.compile(translate(pattern).text, given)
    except (regex.error, OverflowError, IndexError) as failure:
        raise TrinoError("HIVE_CURSOR_ERROR", f"{failure}", error_type="EXTERNAL") from None


def _groups(lines: "Array", patterns: "Array", flags: "Array") -> "Array":
    import pyarrow

    found: list[Any] = []
    asked = zip(lines.to_pylist(), patterns.to_pylist(), flags.to_pylist(), strict=True)
    for line, pattern, flag in asked:
        compiled = _compiled(pattern, flag)
        match = compiled.search(line) if "f" in flag else compiled.fullmatch(line)
        if match is None:
            found.append(None)
        elif "n" in flag:
            found.append([match[number] for number in sorted(compiled.groupindex.values())])
        else:
            found.append(match.groups())
    return pyarrow.array(found, pyarrow.list_(pyarrow.string()))


# Line, pattern, flags (f: the pattern may match a part of the line, n: only named groups); NULL
# where none matches.
udf("trino_regex_groups", lambda: _groups, ("VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR[]")
