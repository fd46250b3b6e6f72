"""Structs of ORC whose fields do not stand where the table's do: Trino's readers convert less."""

import io
from datetime import date
from typing import Any

import pyarrow
import pyarrow.orc
import pytest

import lakelet
from lakelet.errors import TrinoError

VALUES: dict[str, tuple[Any, Any]] = {
    "tinyint": (pyarrow.int8(), 1),
    "int": (pyarrow.int32(), 1),
    "double": (pyarrow.float64(), 1.5),
    "string": (pyarrow.string(), "1"),
    "date": (pyarrow.date32(), date(2020, 1, 1)),
}
# What Trino 476 gives of a file's struct<w:int,x:…> in a table's struct<x:…>; None where it fails
# with HIVE_BAD_DATA.
READ = (
    ("tinyint", "int", None),
    ("tinyint", "string", None),
    ("int", "bigint", 1),
    ("int", "smallint", 1),
    ("int", "date", date(1970, 1, 2)),
    ("int", "double", None),
    ("int", "string", None),
    ("double", "float", None),
    ("double", "decimal(10,2)", None),
    ("string", "varchar(5)", "1"),
    ("string", "int", None),
    ("string", "timestamp", None),
    ("date", "bigint", 18262),
    ("date", "string", None),
)


@pytest.mark.parametrize(("given", "wanted", "value"), READ)
@pytest.mark.parametrize("moved", [True, False])
def test_fields_that_moved_are_read_as_they_are(
    tmp_path: Any, given: str, wanted: str, value: Any, moved: bool
) -> None:
    of, written = VALUES[given]
    others = [("w", pyarrow.int32())] if moved else []
    struct = pyarrow.struct([*others, ("x", of)])
    file = io.BytesIO()
    row = {"x": written, "w": 7} if moved else {"x": written}
    pyarrow.orc.write_table(pyarrow.table({"s": pyarrow.array([row], struct)}), file)
    with lakelet.Lake(lakelet.Settings(data=tmp_path / "lake")) as lake:
        lake.storage.create_bucket("data")
        lake.storage.write("data", "t/f", file.getvalue())
        cursor = lakelet.connect(lake).cursor()
        cursor.execute(
            f"CREATE EXTERNAL TABLE t (s struct<x:{wanted}>) STORED AS ORC LOCATION 's3://data/t/'"
        )
        if moved and value is None:
            with pytest.raises(TrinoError) as raised:
                cursor.execute("SELECT s.x FROM t").fetchall()
            assert raised.value.name == "HIVE_BAD_DATA"
            return
        found = cursor.execute("SELECT s.x FROM t").fetchall()
        assert value is None or found == [(value,)]
