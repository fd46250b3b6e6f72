"""What stops a statement: early, late, in DuckDB, in planning and in what others began for it."""

import threading
import time

import pytest

from lakelet.engines.duckdb import DuckDb, stopping
from lakelet.errors import TrinoError

LONG = "SELECT count(*) FROM range(10000000000) t(i) WHERE i % 7 = 3"


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
    following = instance.session()
    session.interrupt()
    assert following.execute("SELECT 2").read_all().num_rows == 1
    instance.close()


def test_a_cursor_is_given_back_without_the_tables_of_its_session() -> None:
    import pyarrow

    instance = DuckDb()
    for count in (1, 2):
        with instance.session() as session:
            given = {"given": pyarrow.table({"n": list(range(count))})}
            found = session.execute("SELECT count(*) AS n FROM given", given).read_all()
            assert found.column(0).to_pylist() == [count]
            with pytest.raises(TrinoError):
                session.execute("SELECT * FROM given")
    with instance.session() as session:  # an answer that nobody reads to its end
        reader = session.execute("SELECT i FROM range(1000000) t(i)")
        assert reader.read_next_batch().num_rows
    with instance.session() as session:
        assert session.execute("SELECT 3 AS n").read_all().column(0).to_pylist() == [3]
    instance.close()


def test_a_stop_reaches_every_session_that_its_thread_opens() -> None:
    instance = DuckDb(threads=1)
    stop = stopping.Stop()
    names = []

    def work() -> None:
        with stopping.heeding(stop):
            for text in (LONG, "SELECT 1"):  # the second one begins after the stop
                try:
                    instance.execute(text).read_all()
                except TrinoError as error:
                    names.append(error.name)

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        time.sleep(0.05)
        assert stop.now()
    assert names == ["USER_CANCELED", "USER_CANCELED"]
    assert instance.execute("SELECT 1").read_all().num_rows == 1
    instance.close()


def test_what_is_to_be_seen_is_not_stopped() -> None:
    stop = stopping.Stop()
    stop.no_more()
    assert not stop.now()
    stop.check()
    stopped = stopping.Stop()
    assert stopped.now()
    with pytest.raises(TrinoError):
        stopped.no_more()


def test_progress_is_told_while_a_query_runs() -> None:
    instance = DuckDb(threads=1)
    instance._root.execute("CREATE TABLE t AS SELECT i FROM range(3000000) t(i)")
    session = instance.session()
    told = []

    def work() -> None:
        session.execute("SELECT max(md5(CAST(i AS VARCHAR))) FROM t").read_all()

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        told.append(session.progress())
        time.sleep(0.005)
    session.close()
    assert any(0 < each < 1 for each in told), told
    assert session.progress() == 0
    instance.close()
