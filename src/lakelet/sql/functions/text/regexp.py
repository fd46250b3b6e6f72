"""Regular expressions: by DuckDB's RE2 where it answers as Trino's engine does, else in Python.

Only a pattern that is a constant can go to RE2, and one that may match nothing only where it does
not matter, for RE2 goes on after an empty match in its own way.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.emitter.literals import quote
from lakelet.sql.functions.binding import applied
from lakelet.sql.functions.java.joni import compiled, translate
from lakelet.sql.functions.java.regex import JavaRegex
from lakelet.sql.functions.registry import Call, Emit, scalar, udf
from lakelet.sql.functions.vectorised import invalid, rowwise


def _checked_group(pattern: Any, group: int) -> int:
    if group < 0:
        raise invalid("Group cannot be negative")
    if group > pattern.groups:
        raise invalid(f"Pattern has {pattern.groups} groups. Cannot access group {group}")
    return group


SECONDS: Final = 20
"""How long one text may be searched."""


def _time(text: str, pattern: str) -> int | None:
    """The seconds that a search may take; None where the text is short, for looking at the clock
    takes longer than the search."""
    return None if len(text) <= translate(pattern).short else SECONDS


def _search(text: str, pattern: str) -> Any:
    return compiled(pattern).search(text, timeout=_time(text, pattern))


def _matches_of(text: str, pattern: str, start: int = 0) -> Iterator[Any]:
    """All matches, one behind the other; behind an empty one Joni goes on with the next place."""
    found, seconds = compiled(pattern), _time(text, pattern)
    if not translate(pattern).may_be_empty:
        yield from found.finditer(text, start, timeout=seconds)
        return
    while start <= len(text):
        match = found.search(text, start, timeout=seconds)
        if match is None:
            return
        yield match
        start = match.end() + (match.end() == match.start())


def _like(text: str, pattern: str) -> bool:
    return _search(text, pattern) is not None


def _extract(text: str, pattern: str, group: int) -> str | None:
    found = compiled(pattern)
    _checked_group(found, group)
    match = _search(text, pattern)
    return None if match is None else match.group(group)


def _extract_all(text: str, pattern: str, group: int) -> list[str | None]:
    found = compiled(pattern)
    _checked_group(found, group)
    return [match.group(group) for match in _matches_of(text, pattern)]


def _split(text: str, pattern: str) -> list[str]:
    parts, last = [], 0
    for match in _matches_of(text, pattern):
        parts.append(text[last : match.start()])
        last = match.end()
    return [*parts, text[last:]]


def _count(text: str, pattern: str) -> int:
    return sum(1 for _ in _matches_of(text, pattern))


def _position(text: str, pattern: str, start: int, occurrence: int) -> int:
    if start < 1:
        raise invalid("start position cannot be smaller than 1")
    if occurrence < 1:
        raise invalid("occurrence cannot be smaller than 1")
    if start > len(text):
        return -1
    for number, match in enumerate(_matches_of(text, pattern, start - 1), 1):
        if number == occurrence:
            return int(match.start()) + 1
    return -1


def _replace(text: str, pattern: str, replacement: str) -> str:
    found = compiled(pattern)
    out: list[str] = []
    last = 0
    for match in _matches_of(text, pattern):
        # Read at the first match: a replacement that is none fails no text without one.
        parts = _replacement(replacement, found)
        out.append(text[last : match.start()])
        out += [part if isinstance(part, str) else match.group(part) or "" for part in parts]
        last = match.end()
    out.append(text[last:])
    return "".join(out)


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
                raise invalid(f"Illegal replacement sequence: {text}")
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
            raise invalid(f"Illegal replacement sequence: unknown group {{ {name} }}")
        return int(pattern.groupindex[name]), end + 1
    if not text[at : at + 1].isdigit():
        raise invalid(f"Illegal replacement sequence: {text}")
    group, at = int(text[at]), at + 1
    if group > pattern.groups:
        raise invalid(f"Illegal replacement sequence: unknown group {group}")
    # More digits belong to the number as long as there is such a group.
    while text[at : at + 1].isdigit() and group * 10 + int(text[at]) <= pattern.groups:
        group, at = group * 10 + int(text[at]), at + 1
    return group, at


def _matches(text: str, pattern: str) -> list[dict[str, Any]]:
    """What a lambda replaces: the text before each match, and the match's groups."""
    found, last = [], 0
    for match in _matches_of(text, pattern):
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
    if pattern is None or pattern.re2 is None:
        return None
    return None if filled and (pattern.may_be_empty or pattern.empty_loops) else pattern


def _python(name: str, call: Call, *more: str) -> str:
    arguments = (*call.arguments, *more[len(call.arguments) - 2 :])
    return f"trino_{name}({', '.join(arguments)})"


def _either(call: Call, pattern: JavaRegex, by_re2: str, in_python: str) -> str:
    """RE2's answer, but of a text that ends so that only Joni's `$` knows of it, or that has
    characters of which RE2 knows less."""
    text = call.arguments[0]
    odd = [f"suffix({text}, chr(10))"] if pattern.at_end else []
    odd += [f"strlen({text}) > length({text})"] if pattern.in_ascii else []
    return f"CASE WHEN {' OR '.join(odd)} THEN {in_python} ELSE {by_re2} END" if odd else by_re2


def _emit(name: str, by_re2: str, *, filled: bool = True) -> Emit:
    """By RE2 in the words of `by_re2` where it can, in Python else; `filled` says that a match of
    nothing matters."""

    def emit(call: Call) -> str:
        in_python = _python(name, call)
        pattern = _re2(call, filled=filled)
        if pattern is None:
            return in_python
        found = by_re2.format(call.arguments[0], quote(str(pattern.re2)))
        return _either(call, pattern, found, in_python)

    return emit


_LAST_GROUP: Final = 9
"""The last group that DuckDB finds."""


def _group_of(call: Call, pattern: JavaRegex) -> int | None:
    """The group that is asked for, if DuckDB finds it and it can be told whether there is none."""
    group = call.constants[2] if len(call.constants) > 2 else 0
    if not isinstance(group, int):
        return None
    if group == 0:
        return group
    known = group in pattern.sure or group in pattern.filled
    return group if known and group <= _LAST_GROUP else None


def _emit_extract(call: Call) -> str:
    in_python = _python("regexp_extract", call, "0")
    pattern = _re2(call, filled=False)
    group = None if pattern is None or pattern.empty_loops else _group_of(call, pattern)
    if pattern is None or group is None:
        return in_python
    text, by = call.arguments[0], quote(str(pattern.re2))
    found = f"regexp_extract({text}, {by}, {group})" if group else f"regexp_extract({text}, {by})"
    # DuckDB's answer is empty, too, when there is none.
    if group in pattern.filled or (group == 0 and not pattern.may_be_empty):
        found = f"nullif({found}, '')"
    else:
        found = f"CASE WHEN regexp_matches({text}, {by}) THEN {found} END"
    return _either(call, pattern, found, in_python)


def _emit_extract_all(call: Call) -> str:
    in_python = _python("regexp_extract_all", call, "0")
    pattern = _re2(call, filled=True)
    group = None if pattern is None else _group_of(call, pattern)
    if pattern is None or group is None:
        return in_python
    text, by = call.arguments[0], quote(str(pattern.re2))
    found = f"regexp_extract_all({text}, {by}, {group})"
    if group and group not in pattern.sure:
        found = f"list_transform({found}, lambda _g: nullif(_g, ''))"
    return _either(call, pattern, found, in_python)


def _emit_split(call: Call) -> str:
    in_python = _python("regexp_split", call)
    pattern = _re2(call, filled=True)
    # DuckDB looks for the next match as if nothing stood before.
    if pattern is None or pattern.looks_back:
        return in_python
    found = f"string_split_regex({call.arguments[0]}, {quote(str(pattern.re2))})"
    return _either(call, pattern, found, in_python)


def _emit_position(call: Call) -> str:
    """By what stands before the first match."""
    in_python = _python("regexp_position", call, "1", "1")
    pattern = _re2(call, filled=False)
    if pattern is None or pattern.empty_loops or any(each != 1 for each in call.constants[2:]):
        return in_python
    text = call.arguments[0]
    before = f"regexp_extract({text}, {quote(f'(?s:^(.*?))(?:{pattern.re2})')}, 1)"
    # In an empty text there is no position to begin at.
    filled = f"{text} <> '' AND " if pattern.may_be_empty else ""
    found = (
        f"CAST(CASE WHEN {filled}regexp_matches({text}, {quote(str(pattern.re2))})"
        f" THEN length({before}) + 1 WHEN {text} IS NOT NULL THEN -1 END AS INTEGER)"
    )
    return _either(call, pattern, found, in_python)


def _emit_replace(call: Call) -> str:
    if len(call.types) == 3 and call.types[2].name == "function":
        return _emit_replace_by(call)
    in_python = _python("regexp_replace", call, "''")
    pattern = _re2(call, filled=True)
    replacement = None if pattern is None else _re2_replacement(call)
    if pattern is None or replacement is None:
        return in_python
    # Characters that are taken away one by one may go together.
    runs = "" if replacement or not _CHARACTER.fullmatch(str(pattern.re2)) else "+"
    by = f"{quote(f'{pattern.re2}{runs}')}, {quote(replacement)}, 'g'"
    found = f"regexp_replace({call.arguments[0]}, {by})"
    return _either(call, pattern, found, in_python)


_CHARACTER: Final = re.compile(r"\[\^?(?:[^\[\]\\]|\\.)+\]", re.DOTALL)


def _re2_replacement(call: Call) -> str | None:
    """A constant replacement in RE2's words, whose groups are \\0 to \\9."""
    text = call.constants[2] if len(call.arguments) == 3 else ""
    if not isinstance(text, str):
        return None
    try:
        parts = _replacement(text, compiled(str(call.constants[1])))
    except TrinoError:
        return None
    if any(isinstance(part, int) and part > _LAST_GROUP for part in parts):
        return None
    return "".join(
        f"\\{part}" if isinstance(part, int) else part.replace("\\", r"\\") for part in parts
    )


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
    sql=_emit_extract,
    doc="The first match of a pattern, or one of its groups; NULL when there is none.",
)
scalar(
    "regexp_extract_all",
    f"({_SUBJECT}) -> array(varchar(x))",
    f"({_SUBJECT}, bigint) -> array(varchar(x))",
    sql=_emit_extract_all,
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
    sql=_emit_split,
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
    sql=_emit_position,
    doc="Where a pattern first, or for the nth time, matches from a position on; -1 for nowhere.",
)
