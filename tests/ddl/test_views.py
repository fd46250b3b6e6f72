"""Views: what Trino 476 says to the same statements, but for the catalogue's name."""

from typing import Any

import pytest

import lakelet
from lakelet.errors import TrinoError


def test_a_view_of_views_answers(run: Any, lake: lakelet.Lake) -> None:
    run("CREATE VIEW a AS SELECT 1 x, 'é' y")
    run("CREATE VIEW b AS SELECT x + 1 z FROM a")
    run('CREATE OR REPLACE VIEW default."c" AS SELECT z * 2 w FROM b')
    answer = lake.engine.prepare("SELECT * FROM c", lake.session()).execute()
    assert answer.batches().read_all().to_pylist() == [{"w": 4}]  # type: ignore[union-attr]
    assert run("DESCRIBE a") == ("x\tinteger", "y\tvarchar(1)")
    assert run("SHOW CREATE VIEW b") == ("CREATE VIEW default.b AS", "SELECT x + 1 z FROM a")


ERRORS = (
    (
        "CREATE VIEW a AS SELECT 2 b",
        "TABLE_ALREADY_EXISTS",
        "line 1:1: View already exists: 'awsdatacatalog.default.a'",
    ),
    (
        "CREATE OR REPLACE VIEW t AS SELECT 1 b",
        "TABLE_ALREADY_EXISTS",
        "line 1:1: Table already exists: 'awsdatacatalog.default.t'",
    ),
    (
        "CREATE VIEW c AS SELECT 1",
        "MISSING_COLUMN_NAME",
        "line 1:1: Column name not specified at position 1",
    ),
    (
        "CREATE VIEW c AS SELECT 1 a, 2 a",
        "DUPLICATE_COLUMN_NAME",
        "line 1:1: Column name 'a' specified more than once",
    ),
    ("CREATE VIEW nos.v AS SELECT 1 a", "NOT_FOUND", "Schema nos not found"),
    ("INSERT INTO a VALUES 1", "NOT_SUPPORTED", "line 1:1: Inserting into views is not supported"),
)


@pytest.mark.parametrize(("text", "name", "message"), ERRORS, ids=[each[0] for each in ERRORS])
def test_views_fail_in_trinos_words(run: Any, text: str, name: str, message: str) -> None:
    run("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'")
    run("CREATE VIEW a AS SELECT 1 x")
    with pytest.raises(TrinoError) as raised:
        run(text)
    assert (raised.value.name, str(raised.value)) == (name, message)


@pytest.mark.parametrize("source", ["a", "b"])
def test_a_circle_of_views_is_refused_and_undone(run: Any, lake: lakelet.Lake, source: str) -> None:
    run("CREATE VIEW a AS SELECT 1 x")
    run("CREATE VIEW b AS SELECT * FROM a")
    with pytest.raises(TrinoError, match="Statement would create a recursive view"):
        run(f"CREATE OR REPLACE VIEW a AS SELECT * FROM {source}")
    answer = lake.engine.prepare("SELECT * FROM b", lake.session()).execute()
    assert answer.batches().read_all().to_pylist() == [{"x": 1}]  # type: ignore[union-attr]


def test_a_view_whose_table_changed_is_stale(run: Any) -> None:
    run("CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'")
    run("CREATE VIEW v AS SELECT * FROM t")
    run("ALTER TABLE t REPLACE COLUMNS (a string)")
    with pytest.raises(TrinoError, match="is stale or in invalid state") as raised:
        run("SELECT * FROM v")
    assert raised.value.name == "VIEW_IS_STALE"
    run("DROP TABLE t")
    with pytest.raises(TrinoError, match="Failed analyzing stored view") as raised:
        run("SELECT * FROM v")
    assert raised.value.name == "INVALID_VIEW"
