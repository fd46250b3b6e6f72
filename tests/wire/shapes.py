"""Hypothesis strategies for values of botocore's shapes, within the shapes' constraints."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

_DEPTH = 3
# What HTTP and XML 1.0 both can hold.
_BODY_TEXT = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xD7FF, exclude_characters="\x7f"), max_size=12
)
_LINE_TEXT = st.text("abcXYZ019-_.~ +/=", min_size=1, max_size=12).map(
    lambda text: text.strip() or "x"
)
_MOMENTS = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


def values(shape: Any, depth: int = 0, *, line: bool = False) -> st.SearchStrategy[Any]:
    """Values of a shape; `line` ones can stand in a header or an address."""
    kind = shape.type_name
    if kind == "structure":
        return _structures(shape, depth)
    if kind == "list":
        return _lists(shape, depth, line=line)
    if kind == "map":
        most = 0 if depth > _DEPTH else 2
        keys = _WORDS if line else _TOKENS
        return st.dictionaries(keys, values(shape.value, depth + 1, line=line), max_size=most)
    return _scalars(shape, line=line)


_WORDS = st.text("abcxyz019", min_size=1, max_size=8)
_TOKENS = st.text("abcXYZ019-_", min_size=1, max_size=8)


def _lists(shape: Any, depth: int, *, line: bool) -> st.SearchStrategy[Any]:
    if line:
        items = _WORDS if _is_text(shape.member) else values(shape.member, line=True)
        return st.lists(items, min_size=1, max_size=2)
    structured = shape.member.type_name == "structure"
    if depth > _DEPTH or (structured and depth == _DEPTH):
        return st.just([])
    items = values(shape.member, depth + 1)
    # A form has no words for an empty structure in a list.
    return st.lists(items.filter(bool) if structured else items, max_size=2)


def _is_text(shape: Any) -> bool:
    return shape.type_name == "string" and not shape.enum


def _scalars(shape: Any, *, line: bool) -> st.SearchStrategy[Any]:
    kind = shape.type_name
    if kind == "string":
        if shape.enum:
            return st.sampled_from(shape.enum)
        return _LINE_TEXT if line else _BODY_TEXT
    return {
        "character": st.sampled_from("abc"),
        "boolean": st.booleans(),
        "integer": st.integers(-(2**31), 2**31 - 1),
        # S3's longs in headers are sizes, and it refuses others.
        "long": st.integers(0 if line else -(2**63), 2**63 - 1),
        "float": st.floats(allow_nan=False, allow_infinity=False, width=32),
        "double": st.floats(allow_nan=False, allow_infinity=False),
        "timestamp": _MOMENTS,
        "blob": st.binary(max_size=16),
    }[kind]


@st.composite
def _structures(draw: st.DrawFn, shape: Any, depth: int) -> dict[str, Any]:
    names = list(shape.members)
    if depth > _DEPTH:
        chosen = set()
    elif len(names) > 6:
        chosen = draw(st.sets(st.sampled_from(names), max_size=6))
    else:
        chosen = {name for name in names if draw(st.booleans())}
    if getattr(shape, "is_tagged_union", False):
        chosen = {min(chosen or names)}
    chosen |= set(shape.required_members)
    found = {}
    for name in names:
        if name in chosen:
            member = shape.members[name]
            line = "location" in member.serialization
            in_host = member.serialization.get("hostLabel")
            found[name] = draw(_WORDS if in_host else values(member, depth + 1, line=line))
    return found
