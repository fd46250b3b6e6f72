"""Delta tables by logs that are written as the protocol's specification has them."""

import io
import json
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from lakelet.lake import Lake
from tests.crawler.crawling import BUCKET, columns, crawl, last, table

FIELDS = [
    {"name": "Id", "type": "long", "nullable": True, "metadata": {}},
    {"name": "price", "type": "decimal(10,2)", "nullable": True, "metadata": {}},
    {"name": "tags", "type": {"type": "array", "elementType": "string"}, "nullable": True},
    {"name": "day", "type": "string", "nullable": True, "metadata": {}},
]
METADATA = {
    "schemaString": json.dumps({"type": "struct", "fields": FIELDS}),
    "partitionColumns": ["day"],
    "configuration": {},
}
ADD = pa.struct([("path", pa.string()), ("partitionValues", pa.map_(pa.string(), pa.string()))])


def rows(*ids: int) -> bytes:
    file = io.BytesIO()
    found = {"Id": list(ids), "price": pa.array([1] * len(ids), pa.decimal128(10, 2))}
    parquet.write_table(pa.table({**found, "tags": [["x"]] * len(ids)}), file)
    return file.getvalue()


def commit(lake: Lake, version: int, *actions: dict[str, Any]) -> None:
    lines = "\n".join(json.dumps(each) for each in actions)
    lake.storage.write(BUCKET, f"d/_delta_log/{version:020d}.json", lines.encode())


def add(lake: Lake, day: str | None, name: str, *ids: int) -> dict[str, Any]:
    """The action, and its file."""
    path = f"day={day or '__HIVE_DEFAULT_PARTITION__'}/{name}"
    lake.storage.write(BUCKET, f"d/{path}", rows(*ids))
    return {"add": {"path": path, "partitionValues": {"day": day}, "dataChange": True}}


def delta(lake: Lake, **target: Any) -> list[str]:
    targets = {"DeltaTargets": [{"DeltaTables": [f"s3://{BUCKET}/d/"], **target}]}
    return crawl(lake, {}, Targets=targets)


def asked(lake: Lake, sql: str) -> list[tuple[Any, ...]]:
    run = lake.engine.prepare(sql, lake.session("db"))
    try:
        found = run.execute().batches().read_all().to_pydict()  # type: ignore[union-attr]
        return list(zip(*found.values(), strict=True))
    finally:
        run.close()


def test_a_native_table_has_all_columns(lake: Lake) -> None:
    commit(lake, 0, {"protocol": {}}, {"metaData": METADATA}, add(lake, "1", "a.parquet", 1))
    delta(lake, CreateNativeDeltaTable=True)
    found = table(lake, "d")
    assert found["Parameters"]["table_type"] == "delta"
    assert found["PartitionKeys"] == []
    assert columns(lake, "d") == [
        ("id", "bigint"),
        ("price", "decimal(10,2)"),
        ("tags", "array<string>"),
        ("day", "string"),
    ]


def test_manifests_name_the_files_that_stand_and_are_queried(lake: Lake) -> None:
    first = add(lake, "1", "a.parquet", 1, 2)
    commit(lake, 0, {"metaData": METADATA}, first, add(lake, "2", "b.parquet", 3))
    gone = {"remove": {"path": first["add"]["path"], "dataChange": True}}
    commit(lake, 1, gone, add(lake, "1", "c.parquet", 4), add(lake, None, "n.parquet", 9))
    delta(lake, WriteManifest=True)
    assert [key["Name"] for key in table(lake, "d")["PartitionKeys"]] == ["day"]
    manifest = lake.storage.read(BUCKET, "d/_symlink_format_manifest/day=1/manifest")
    assert manifest.decode() == f"s3://{BUCKET}/d/day=1/c.parquet"
    assert asked(lake, "SELECT id, day FROM d ORDER BY id") == [(3, "2"), (4, "1"), (9, None)]
    assert asked(lake, "SELECT sum(id), max(price) FROM d WHERE day = '1'")[0][0] == 4
    commit(lake, 2, {"remove": {"path": "day=2/b.parquet"}})
    delta(lake, WriteManifest=True)
    assert asked(lake, "SELECT count(*) FROM d") == [(2,)]


def test_a_checkpoint_stands_for_the_commits_before_it(lake: Lake) -> None:
    add(lake, "1", "a.parquet", 1)
    adds = [None, {"path": "day=1/a.parquet", "partitionValues": [("day", "1")]}]
    checkpoint = pa.table({"add": pa.array(adds, ADD), "metaData": _metadata()})
    file = io.BytesIO()
    parquet.write_table(checkpoint, file)
    lake.storage.write(BUCKET, f"d/_delta_log/{10:020d}.checkpoint.parquet", file.getvalue())
    commit(lake, 11, add(lake, "2", "b.parquet", 2))
    delta(lake, WriteManifest=True)
    assert last(lake).get("ErrorMessage") is None
    assert asked(lake, "SELECT id, day FROM d ORDER BY id") == [(1, "1"), (2, "2")]


def _metadata() -> pa.Array:
    of = pa.struct(
        [
            ("schemaString", pa.string()),
            ("partitionColumns", pa.list_(pa.string())),
            ("configuration", pa.map_(pa.string(), pa.string())),
        ]
    )
    return pa.array([{**METADATA, "configuration": [("delta.x", "y")]}, None], of)


@pytest.mark.parametrize(
    ("actions", "reason"),
    [
        ([], "metaData"),
        ([{"metaData": {**METADATA, "schemaString": "no"}}], "JSON"),
        ([{"metaData": {**METADATA, "partitionColumns": ["none"]}}], "none"),
        (
            [{"metaData": METADATA}, {"add": {"path": "a", "deletionVector": {"x": 1}}}],
            "deletion vectors",
        ),
        (
            [{"metaData": {**METADATA, "configuration": {"delta.columnMapping.mode": "name"}}}],
            "mapped",
        ),
    ],
)
def test_what_is_no_table_of_files_is_named(
    lake: Lake, actions: list[dict[str, Any]], reason: str
) -> None:
    commit(lake, 0, *actions)
    [line] = delta(lake)
    assert "is no Delta table" in line
    assert reason in line
    assert lake.catalog.table_names("db") == []


def test_a_manifest_that_names_what_is_not_there_fails_the_query(lake: Lake) -> None:
    from lakelet.errors import TrinoError

    commit(lake, 0, {"metaData": METADATA}, add(lake, "1", "a.parquet", 1))
    delta(lake, WriteManifest=True)
    lake.storage.write(BUCKET, "d/_symlink_format_manifest/day=1/manifest", b"/etc/passwd\n")
    with pytest.raises(TrinoError, match="No factory for location: /etc"):
        asked(lake, "SELECT * FROM d")
