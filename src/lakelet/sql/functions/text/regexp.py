"""Regular expressions: by DuckDB's RE2 where it answers as Trino's engine does, else in Python.

Only a pattern that is a constant can go to RE2, and one that may match nothing only where it does
not matter, for RE2 goes on after an empty match in its own way.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.binding import applied
from lakelet.sql.functions.java.regex import JavaRegex, compiled, translate
from lakelet.sql.functions.registry import Call, Emit, scalar, udf
from lakelet.sql.functions.vectorised import rowwise


def _invalid(message: str) -> TrinoError:
    return TrinoError("INVALID_FUNCTION_ARGUMENT", message)


def _checked_group(pattern: Any, group: int) -> int:
    if group < 0:
        raise _invalid("Group cannot be negative")
    if group > pattern.groups:
        raise _invalid(f"Pattern has {pattern.groups} groups. Cannot access group {group}")
    return group


SECONDS: Final = 20
"""How long one text may be searched."""


def _like(text: str, pattern: str) -> bool:
    return compiled(pattern).search(text, timeout=SECONDS) is not None


def _extract(text: str, pattern: str, group: int) -> str | None:
    found = compiled(pattern)
    _checked_group(found, group)
    match = found.search(text, timeout=SECONDS)
    return None if match is None else match.group(group)


def _extract_all(text: str, pattern: str, group: int) -> list[str | None]:
    found = compiled(pattern)
    _checked_group(found, group)
    return [match.group(group) for match in found.finditer(text, timeout=SECONDS)]


def _split(text: str, pattern: str) -> list[str]:
    parts, last = [], 0
    for match in compiled(pattern).finditer(text, timeout=SECONDS):
        parts.append(text[last : match.start()])
        last = match.end()
    return [*parts, text[last:]]


def _count(text: str, pattern: str) -> int:
    return sum(1 for _ in compiled(pattern).finditer(text, timeout=SECONDS))


def _position(text: str, pattern: str, start: int, occurrence: int) -> int:
    if start < 1:
        raise _invalid("start position cannot be smaller than 1")
    if occurrence < 1:
        raise _invalid("occurrence cannot be smaller than 1")
    if start > len(text):
        return -1
    for number, match in enumerate(compiled(pattern).finditer(text, start - 1, timeout=SECONDS), 1):
        if number == occurrence:
            return int(match.start()) + 1
    return -1


def _replace(text: str, pattern: str, replacement: str) -> str:
    found = compiled(pattern)

    def replaced(match: Any) -> str:
        # Read at the first match: a replacement that is none fails no text without one.
        parts = _replacement(replacement, found)
        return "".join(part if isinstance(part, str) else match.group(part) or "" for part in parts)

    return str(found.sub(replaced, text, timeout=SECONDS))


@lru_cache(maxsize=1024)
def _replacement(text: str, pattern: Any) -> tuple[str | int, ...]:
    """A replacement's literals and group numbers; raises TrinoError."""
    return tuple(_replacement_parts(text, pattern))


def _replacement_parts(text: str, pattern: Any) -> Iterator[str | int]:
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\":
            if at + 1 == len(text):
                raise _invalid(f"Illegal replacement sequence: {text}")
            yield text[at + 1]
            at += 2
        elif char == "$":
            group, at = _group(text, at + 1, pattern)
            yield group
        else:
            yield char
            at += 1


def _group(text: str, at: int, pattern: Any) -> tuple[int, int]:
    """The group that a `$` names, and where it ends."""
    if text.startswith("{", at):
        end = text.find("}", at)
        name = text[at + 1 : end]
        if end < 0 or name not in pattern.groupindex:
            raise _invalid(f"Illegal replacement sequence: unknown group {{ {name} }}")
        return int(pattern.groupindex[name]), end + 1
    if not text[at : at + 1].isdigit():
        raise _invalid(f"Illegal replacement sequence: {text}")
    group, at = int(text[at]), at + 1
    if group > pattern.groups:
        raise _invalid(f"Illegal replacement sequence: unknown group {group}")
    # More digits belong to the number as long as there is such a group.
    while text[at : at + 1].isdigit() and group * 10 + int(text[at]) <= pattern.groups:
        group, at = group * 10 + int(text[at]), at + 1
    return group, at


def _matches(text: str, pattern: str) -> list[dict[str, Any]]:
    """What a lambda replaces: the text before each match, and the match's groups."""
    found, last = [], 0
    for match in compiled(pattern).finditer(text, timeout=SECONDS):
        found.append({"before": text[last : match.start()], "groups": list(match.groups())})
        last = match.end()
    return [*found, {"before": text[last:], "groups": None}]


def bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose search is given up in Trino's words for one that is interrupted."""

    def search(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except TimeoutError:
            raise TrinoError(
                "GENERIC_USER_ERROR",
                "Regular expression matching was interrupted, likely because it took too long."
                " Regular expression in the worst case can have a catastrophic amount of"
                " backtracking and having exponential time complexity",
            ) from None

    return search


def _single(function: Callable[..., Any], result: str) -> Callable[[], Any]:
    return lambda: rowwise(bounded(function), result)


def _texts(function: Callable[..., Any]) -> Callable[[], Any]:
    def load() -> Any:
        import pyarrow

        return rowwise(bounded(function), pyarrow.list_(pyarrow.string()))

    return load


def _load_matches() -> Any:
    import pyarrow

    text = pyarrow.string()
    match = pyarrow.struct([("before", text), ("groups", pyarrow.list_(text))])
    return rowwise(bounded(_matches), pyarrow.list_(match))


_TEXTS: Final = ("VARCHAR", "VARCHAR")
udf("trino_regexp_like", _single(_like, "bool"), _TEXTS, "BOOLEAN", total=True)
udf("trino_regexp_extract", _single(_extract, "string"), (*_TEXTS, "BIGINT"), "VARCHAR", total=True)
udf("trino_regexp_extract_all", _texts(_extract_all), (*_TEXTS, "BIGINT"), "VARCHAR[]", total=True)
udf("trino_regexp_split", _texts(_split), _TEXTS, "VARCHAR[]", total=True)
udf("trino_regexp_count", _single(_count, "int64"), _TEXTS, "BIGINT", total=True)
udf(
    "trino_regexp_replace", _single(_replace, "string"), (*_TEXTS, "VARCHAR"), "VARCHAR", total=True
)
udf(
    "trino_regexp_position",
    _single(_position, "int32"),
    (*_TEXTS, "BIGINT", "BIGINT"),
    "INTEGER",
)
udf(
    "trino_regexp_matches",
    _load_matches,
    _TEXTS,
    'STRUCT("before" VARCHAR, "groups" VARCHAR[])[]',
)

# SQL ----------------------------------------------------------------------------------------


def _constant(call: Call) -> JavaRegex | None:
    """The pattern, if it is a constant that is one; one that is none fails by row."""
    pattern = call.constants[1]
    if not isinstance(pattern, str):
        return None
    try:
        compiled(pattern)
    except TrinoError:
        return None
    return translate(pattern)


def _re2(call: Call, *, filled: bool) -> JavaRegex | None:
    """The pattern, if RE2 can be used."""
    pattern = _constant(call)
    if pattern is None or pattern.re2 is None or (filled and pattern.may_be_empty):
        return None
    return pattern


def _python(name: str, call: Call, *more: str) -> str:
    arguments = (*call.arguments, *more[len(call.arguments) - 2 :])
    return f"trino_{name}({', '.join(arguments)})"


def _in_python(name: str, *more: str) -> Emit:
    return lambda call: _python(name, call, *more)


def _either(call: Call, pattern: JavaRegex, by_re2: str, in_python: str) -> str:
    """RE2's answer, but where a text ends so that only Joni's `$` knows of it."""
    if not pattern.at_end:
        return by_re2
    return f"CASE WHEN suffix({call.arguments[0]}, chr(10)) THEN {in_python} ELSE {by_re2} END"


def _emit(name: str, by_re2: str, *more: str, filled: bool = True) -> Emit:
    """By RE2 in the words of `by_re2` where it can; in Python else, and of a group that is named.

    `more` are the arguments of the Python function that a call may leave out; `filled` says that a
    match of nothing matters.
    """

    def emit(call: Call) -> str:
        in_python = _python(name, call, *more)
        pattern = _re2(call, filled=filled)
        if pattern is None or len(call.arguments) > 2:
            return in_python
        found = by_re2.format(call.arguments[0], quote(str(pattern.re2)))
        return _either(call, pattern, found, in_python)

    return emit


def _emit_replace(call: Call) -> str:
    if len(call.types) == 3 and call.types[2].name == "function":
        return _emit_replace_by(call)
    in_python = _python("regexp_replace", call, "''")
    pattern = _re2(call, filled=True)
    replacement = None if pattern is None else _re2_replacement(call, pattern)
    if pattern is None or replacement is None:
        return in_python
    by = f"{quote(str(pattern.re2))}, {quote(replacement)}, 'g'"
    found = f"regexp_replace({call.arguments[0]}, {by})"
    return _either(call, pattern, found, in_python)


def _re2_replacement(call: Call, pattern: JavaRegex) -> str | None:
    """A constant replacement in RE2's words, whose groups are \\0 to \\9."""
    text = call.constants[2] if len(call.arguments) == 3 else ""
    if not isinstance(text, str) or "\\" in text:
        return None
    try:
        parts = _replacement(text, compiled(str(call.constants[1])))
    except TrinoError:
        return None
    groups = [part for part in parts if isinstance(part, int) and part]
    if any(group > 9 for group in groups) or (groups and pattern.empty_loops):
        return None
    return "".join(part if isinstance(part, str) else f"\\{part}" for part in parts)


def _emit_replace_by(call: Call) -> str:
    text, pattern, function = call.arguments
    replaced = applied(function, "_r.groups")
    part = f"_r.before || CASE WHEN _r.groups IS NULL THEN '' ELSE {replaced} END"
    return (
        f"list_transform([list_transform(trino_regexp_matches({text}, {pattern}),"
        f" lambda _r: {part})], lambda _l: CASE WHEN list_count(_l) = len(_l)"
        " THEN array_to_string(_l, '') END)[1]"
    )


_SUBJECT: Final = "varchar(x), JoniRegExp"
scalar(
    "regexp_like",
    f"({_SUBJECT}) -> boolean",
    sql=_emit("regexp_like", "regexp_matches({0}, {1})", filled=False),
    doc="Whether a pattern matches somewhere in a string.",
)
scalar(
    "regexp_extract",
    f"({_SUBJECT}) -> varchar(x)",
    f"({_SUBJECT}, bigint) -> varchar(x)",
    # A match is never empty here; DuckDB's answer is, when there is none.
    sql=_emit("regexp_extract", "nullif(regexp_extract({0}, {1}), '')", "0"),
    doc="The first match of a pattern, or one of its groups; NULL when there is none.",
)
scalar(
    "regexp_extract_all",
    f"({_SUBJECT}) -> array(varchar(x))",
    f"({_SUBJECT}, bigint) -> array(varchar(x))",
    sql=_emit("regexp_extract_all", "regexp_extract_all({0}, {1})", "0"),
    doc="All matches of a pattern, or one of their groups.",
)
scalar(
    "regexp_replace",
    f"({_SUBJECT}) -> varchar(x)",
    f"({_SUBJECT}, varchar(y)) -> varchar(min(2147483647, x + max(x * y / 2, y) * (x + 1)))",
    "(varchar, JoniRegExp, function(array(varchar),varchar(x))) -> varchar",
    sql=_emit_replace,
    doc="The string without the matches of a pattern, or with each replaced by a text, in which"
    " $1 or ${name} are groups, or by what a lambda makes of the groups.",
)
scalar(
    "regexp_split",
    f"({_SUBJECT}) -> array(varchar(x))",
    sql=_emit("regexp_split", "string_split_regex({0}, {1})"),
    doc="The parts of a string between the matches of a pattern.",
)
scalar(
    "regexp_count",
    f"({_SUBJECT}) -> bigint",
    sql=_emit("regexp_count", "len(regexp_extract_all({0}, {1}))"),
    doc="How many times a pattern matches in a string.",
)
scalar(
    "regexp_position",
    f"({_SUBJECT}) -> integer",
    f"({_SUBJECT}, integer) -> integer",
    f"({_SUBJECT}, integer, integer) -> integer",
    sql=_in_python("regexp_position", "1", "1"),
    doc="Where a pattern first, or for the nth time, matches from a position on; -1 for nowhere.",
)
