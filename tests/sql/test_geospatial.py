"""What the recorded cases of geospatial functions do not show."""

import sys

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError
from lakelet.types import wkb
from tests.sql.tables import compile_query


def test_without_shapely_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shapely", None)
    engine = DuckDb(threads=1)
    _, emission = compile_query("SELECT ST_Area(ST_Point(1, 2))", "golden")
    with pytest.raises(TrinoError, match=r"pip install 'lakelet\[geo\]'") as caught:
        engine.execute(emission.text)
    engine.close()
    assert caught.value.name == "NOT_SUPPORTED"


@pytest.mark.parametrize("value", [0.1, -0.0, 1e17, 1e-5, 123456789.125, 5e-324, 1.7e308, 1e16])
def test_a_coordinate_reads_back_as_it_was(value: float) -> None:
    assert float(wkb.number(value)) == value
