"""Statements over Iceberg tables answer as Trino's do, by its recorded answers."""

from collections.abc import Iterator

import pytest

import lakelet
from tests.iceberg import running


def _parameter(case: running.Case) -> object:
    differs = case.document.get("differs")
    marks = [pytest.mark.xfail(reason=differs, strict=True)] if differs else []
    return pytest.param(case, id=case.id, marks=marks)


@pytest.fixture(scope="module")
def lake() -> Iterator[lakelet.Lake]:
    with running.lake() as made:
        yield made


@pytest.mark.parametrize("case", [_parameter(case) for case in running.read()])
def test_a_script_answers_as_trino_does(case: running.Case, lake: lakelet.Lake) -> None:
    assert running.difference(case, lake) is None
