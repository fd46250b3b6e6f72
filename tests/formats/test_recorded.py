"""Tables in files read and written as Trino does, by its recorded answers."""

from collections.abc import Iterator

import pytest

import lakelet
from tests.formats import cases, running


def _parameter(case: cases.Case) -> object:
    marks = [pytest.mark.xfail(reason=case.differs, strict=True)] if case.differs else []
    return pytest.param(case, id=case.id, marks=marks)


@pytest.fixture(scope="module")
def lake() -> Iterator[lakelet.Lake]:
    with running.lake() as made:
        yield made


@pytest.mark.parametrize("case", [_parameter(case) for case in cases.read()])
def test_a_table_answers_as_trino_does(case: cases.Case, lake: lakelet.Lake) -> None:
    assert running.difference(case, lake) is None
