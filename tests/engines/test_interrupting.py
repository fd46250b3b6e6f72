"""Interrupts that come too early or too late for DuckDB."""

import pytest

from lakelet.engines.duckdb import DuckDb
from lakelet.errors import TrinoError


def test_an_early_interrupt_is_not_forgotten() -> None:
    instance = DuckDb()
    with instance.session() as session:
        session.interrupt()
        with pytest.raises(TrinoError) as caught:
            session.execute("SELECT 1")
    assert caught.value.name == "USER_CANCELED"
    instance.close()


def test_a_late_interrupt_does_no_harm() -> None:
    instance = DuckDb()
    session = instance.session()
    assert session.execute("SELECT 1").read_all().num_rows == 1
    session.close()
    session.interrupt()
    instance.close()
