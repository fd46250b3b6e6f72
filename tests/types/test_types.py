"""Type texts, coercions and casts against what a real Trino said of them.

`recorded.json` holds, from the Trino it names: what `typeof(CAST(NULL AS text))` gives for type
texts (for a row with a quoted name, the type of the answer), the type of `coalesce` over two types,
and whether there is a CAST between two types.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakelet.errors import TrinoError
from lakelet.types.casting import can_cast
from lakelet.types.coercion import can_coerce, common_supertype
from lakelet.types.model import Type
from lakelet.types.parsing import SIMPLE, parse_type

RECORDED: dict[str, Any] = json.loads((Path(__file__).parent / "recorded.json").read_text())

# Trino says TYPE_MISMATCH for an unknown type in a CAST; the type's own error is TYPE_NOT_FOUND.
ERRORS = {"TYPE_MISMATCH": "TYPE_NOT_FOUND"}


@pytest.mark.parametrize("text", RECORDED["types"])
def test_a_type_text_reads_as_trino_reads_it(text: str) -> None:
    expected = RECORDED["types"][text]
    if isinstance(expected, str):
        assert str(parse_type(text)) == expected
        return
    with pytest.raises(TrinoError) as raised:
        parse_type(text)
    assert raised.value.name == ERRORS.get(expected["error"], expected["error"])


@pytest.mark.parametrize("pair", RECORDED["common"])
def test_two_types_meet_where_trino_lets_them_meet(pair: str) -> None:
    left, right = (parse_type(text) for text in pair.split(" | "))
    common = common_supertype(left, right)
    assert (None if common is None else str(common)) == RECORDED["common"][pair]
    if common is not None:
        assert can_coerce(left, common)
        assert can_coerce(right, common)


@pytest.mark.parametrize("pair", RECORDED["casts"])
def test_there_is_a_cast_where_trino_has_one(pair: str) -> None:
    source, target = (parse_type(text) for text in pair.split(" -> "))
    assert can_cast(source, target) == RECORDED["casts"][pair]


simple_types = st.sampled_from(sorted(SIMPLE)).map(SIMPLE.__getitem__)
sized_types = st.one_of(
    st.integers(0, 2147483646).map(lambda n: Type("varchar", (n,))),
    st.integers(1, 65536).map(lambda n: Type("char", (n,))),
    st.integers(1, 38).flatmap(lambda p: st.integers(0, p).map(lambda s: Type("decimal", (p, s)))),
    st.tuples(
        st.sampled_from(("time", "timestamp", "time with time zone", "timestamp with time zone")),
        st.integers(0, 12),
    ).map(lambda pair: Type(pair[0], (pair[1],))),
    st.sampled_from(("interval day to second", "interval year to month", "varchar")).map(Type),
)
field_names = st.one_of(st.none(), st.text(min_size=1, max_size=8).filter(str.strip))


def nested(children: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    rows = st.lists(st.tuples(field_names, children), min_size=1, max_size=4).map(
        lambda fields: Type("row", (), tuple(t for _, t in fields), tuple(n for n, _ in fields))
    )
    return st.one_of(
        children.map(lambda t: Type("array", (), (t,))),
        st.tuples(children, children).map(lambda pair: Type("map", (), pair)),
        rows,
    )


types = st.recursive(st.one_of(simple_types, sized_types), nested, max_leaves=6)


@given(types)
def test_a_type_reads_back_from_its_own_text(of: Type) -> None:
    assert parse_type(str(of)) == of


@given(types, types)
def test_meeting_does_not_depend_on_the_order(a: Type, b: Type) -> None:
    assert common_supertype(a, b) == common_supertype(b, a)
