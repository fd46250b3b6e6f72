"""What Hive's own parser says of statements that it cannot read, recorded."""

import pytest

from tests.ddl.parsing import errors


def _parameter(error: errors.Error) -> object:
    marks = [pytest.mark.xfail(reason=error.differs, strict=True)] if error.differs else []
    return pytest.param(error, id=error.statement, marks=marks)


@pytest.mark.parametrize("error", [_parameter(each) for each in errors.read()])
def test_a_statement_is_read_or_refused_in_hives_words(error: errors.Error) -> None:
    assert errors.ours(error.statement) == error.message
