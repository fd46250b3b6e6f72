"""Files of deleted values and positions that other engines leave, and tables of version 1."""

import io
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import fastavro
import pyarrow
import pytest
from pyarrow import parquet

import lakelet
from lakelet.engines.iceberg.metadata import LOCATION
from tests.iceberg.answers import recorder

ID, NAME, PART = 1, 2, 3
DATABASE, BUCKET = "iceberg_deletes", "iceberg-deletes"
TABLE = "CREATE TABLE {} (id int, s string, p string){} LOCATION 's3://iceberg-deletes/{}/'"
TABLE += " TBLPROPERTIES ('table_type' = 'ICEBERG')"
TYPES = {ID: pyarrow.int32(), NAME: pyarrow.string(), PART: pyarrow.string()}
NAMES = {ID: "id", NAME: "s", PART: "p"}


def _run(lake: lakelet.Lake, text: str) -> None:
    statement = lake.engine.prepare(text, lake.session(DATABASE))
    statement.execute()
    statement.close()


class Deleter:
    """Commits files of deleted rows by hand: Avro from the manifests that stand, and Parquet."""

    def __init__(self, lake: lakelet.Lake, name: str) -> None:
        self._lake = lake
        self._name = name

    @property
    def _location(self) -> str:
        table = self._lake.catalog.table(DATABASE, self._name)
        assert table is not None
        return table.parameters[LOCATION]

    def read(self, path: str) -> bytes:
        return self._lake.storage.read(BUCKET, path.removeprefix(f"s3://{BUCKET}/"))

    def write(self, name: str, data: bytes) -> str:
        key = f"{self._name}/{name}"
        self._lake.storage.write(BUCKET, key, data)
        return f"s3://{BUCKET}/{key}"

    def _standing(self) -> tuple[dict[str, Any], Any, list[Any]]:
        document = json.loads(self.read(self._location))
        at = document["current-snapshot-id"]
        [snapshot] = [each for each in document["snapshots"] if each["snapshot-id"] == at]
        reader = fastavro.reader(io.BytesIO(self.read(snapshot["manifest-list"])))
        return document, reader.writer_schema, [*reader]

    def values(
        self, rows: Mapping[int, Sequence[Any]], partition: Mapping[str, Any] | None = None
    ) -> None:
        """A file of deleted values, by the numbers of its columns."""
        fields = [
            pyarrow.field(NAMES[n], TYPES[n], metadata={"PARQUET:field_id": str(n)}) for n in rows
        ]
        table = pyarrow.table([*rows.values()], schema=pyarrow.schema(fields))
        self._commit(2, table, partition or {}, [*rows])

    def positions(self, rows: Sequence[tuple[str, int]]) -> None:
        """A file of deleted positions, which may be in several data files."""
        fields = [
            pyarrow.field("file_path", pyarrow.string(), False, {"PARQUET:field_id": "2147483546"}),
            pyarrow.field("pos", pyarrow.int64(), False, {"PARQUET:field_id": "2147483545"}),
        ]
        paths, places = zip(*sorted(rows), strict=True)
        table = pyarrow.table([paths, places], schema=pyarrow.schema(fields))
        self._commit(1, table, {}, None)

    def _commit(
        self, content: int, rows: Any, partition: Mapping[str, Any], numbers: list[int] | None
    ) -> None:
        document, list_schema, manifests = self._standing()
        stream = io.BytesIO()
        parquet.write_table(rows, stream)
        path = self.write(f"data/{uuid.uuid4()}.parquet", stream.getvalue())
        sequence = document["last-sequence-number"] + 1
        number = 1_000_000 + sequence
        reader = fastavro.reader(io.BytesIO(self.read(manifests[0]["manifest_path"])))
        metadata = {**reader.metadata, "content": "deletes"}
        file = {
            "content": content,
            "file_path": path,
            "file_format": "PARQUET",
            "partition": dict(partition),
            "record_count": rows.num_rows,
            "file_size_in_bytes": len(stream.getvalue()),
            "equality_ids": numbers,
        }
        entry = {"status": 1, "snapshot_id": number, "data_file": file}
        written = io.BytesIO()
        kept = {k: v for k, v in metadata.items() if not k.startswith("avro.")}
        fastavro.writer(written, reader.writer_schema, [entry], metadata=kept)
        place = self.write(f"metadata/{uuid.uuid4()}-m0.avro", written.getvalue())
        line = {
            **manifests[0],
            "manifest_path": place,
            "manifest_length": len(written.getvalue()),
            "content": 1,
            "sequence_number": sequence,
            "min_sequence_number": sequence,
            "added_snapshot_id": number,
            "added_files_count": 1,
            "added_rows_count": rows.num_rows,
            "existing_files_count": 0,
            "existing_rows_count": 0,
            "partitions": None if not manifests[0]["partitions"] else manifests[0]["partitions"],
        }
        listed = io.BytesIO()
        fastavro.writer(listed, list_schema, [line, *manifests])
        snapshot = {
            "snapshot-id": number,
            "parent-snapshot-id": document["current-snapshot-id"],
            "sequence-number": sequence,
            "timestamp-ms": document["last-updated-ms"] + 1,
            "manifest-list": self.write(f"metadata/snap-{number}.avro", listed.getvalue()),
            "summary": {"operation": "delete"},
            "schema-id": document["current-schema-id"],
        }
        document["snapshots"].append(snapshot)
        document["current-snapshot-id"] = number
        document["last-sequence-number"] = sequence
        document["last-updated-ms"] += 1
        document["refs"] = {"main": {"snapshot-id": number, "type": "branch"}}
        log = {"snapshot-id": number, "timestamp-ms": document["last-updated-ms"]}
        document["snapshot-log"].append(log)
        self.point(document)

    def point(self, document: Mapping[str, Any]) -> None:
        """Makes metadata the table's."""
        name = f"metadata/{9_000 + document['last-sequence-number']:05}-{uuid.uuid4()}"
        location = self.write(f"{name}.metadata.json", json.dumps(document).encode())
        self._lake.catalog.tables.change(
            DATABASE,
            self._name,
            lambda it: {**it, "Parameters": {**it["Parameters"], LOCATION: location}},
        )

    def downgrade(self) -> None:
        """Metadata as version 1 has it, with one schema and spec and no sequence numbers."""
        document, _, manifests = self._standing()
        [snapshot] = document["snapshots"][-1:]
        del snapshot["manifest-list"], snapshot["sequence-number"], snapshot["schema-id"]
        snapshot["manifests"] = [self._of_version_1(each["manifest_path"]) for each in manifests]
        old = {
            "format-version": 1,
            "schema": document["schemas"][0],
            "partition-spec": document["partition-specs"][0]["fields"],
            "snapshots": [snapshot],
        }
        kept = ("table-uuid", "location", "last-updated-ms", "last-column-id", "properties")
        old |= {name: document[name] for name in (*kept, "current-snapshot-id")}
        self.point({**old, "last-sequence-number": 0})

    def _of_version_1(self, path: str) -> str:
        reader = fastavro.reader(io.BytesIO(self.read(path)))
        schema = json.loads(json.dumps(reader.writer_schema))
        names = ("sequence_number", "file_sequence_number")
        schema["fields"] = [each for each in schema["fields"] if each["name"] not in names]
        [file] = [each for each in schema["fields"] if each["name"] == "data_file"]
        inside = file["type"]["fields"]
        file["type"]["fields"] = [
            each for each in inside if each["name"] not in ("content", "equality_ids")
        ]
        kept = {k: v for k, v in reader.metadata.items() if not k.startswith("avro.")}
        written = io.BytesIO()
        metadata = {**kept, "format-version": "1"}
        fastavro.writer(written, schema, [*reader], metadata=metadata)
        return self.write(f"metadata/{uuid.uuid4()}-m1.avro", written.getvalue())


def _made(lake: lakelet.Lake) -> None:
    """The tables of this page."""
    lake.storage.create_bucket(BUCKET)
    lake.catalog.databases.create({"Name": DATABASE})
    for name in ("plain", "parts", "places", "one"):
        clause = " PARTITIONED BY (p)" if name == "parts" else ""
        _run(lake, TABLE.format(name, clause, name))
        _run(lake, f"INSERT INTO {name} VALUES (1, 'a', 'x'), (2, 'b', 'x'), (3, 'a', 'y')")
        _run(lake, f"INSERT INTO {name} VALUES (1, NULL, 'y'), (NULL, 'b', 'y'), (5, 'e', NULL)")
    plain = Deleter(lake, "plain")
    plain.values({ID: [2, None]})
    _run(lake, "INSERT INTO plain VALUES (2, 'again', 'x')")
    plain.values({ID: [3, 1], NAME: ["a", None]})
    _run(lake, "DELETE FROM plain WHERE id = 5")
    parts = Deleter(lake, "parts")
    parts.values({ID: [1, 3]}, {"p": "x"})
    parts.values({ID: [5, 2]}, {"p": None})
    places = Deleter(lake, "places")
    with lakelet.connect(lake, database=DATABASE) as connection:
        found = connection.cursor().execute('SELECT "$path", "$row_id" FROM places WHERE id = 1')
        rows = found.fetchall()
    assert len({path for path, _ in rows}) == 2
    places.positions(rows)
    _run(lake, "DELETE FROM places WHERE id = 5")
    Deleter(lake, "one").downgrade()


ROWS: Mapping[str, list[tuple[Any, ...]]] = {
    "plain": [(1, "a", "x"), (2, "again", "x")],
    "parts": [(1, None, "y"), (2, "b", "x"), (3, "a", "y"), (None, "b", "y")],
    "places": [(2, "b", "x"), (3, "a", "y"), (None, "b", "y")],
    "one": [
        *[(1, "a", "x"), (1, None, "y"), (2, "b", "x")],
        *[(3, "a", "y"), (5, "e", None), (None, "b", "y")],
    ],
}
"""What a real Trino reads (see the last test)."""
QUERY = "SELECT id, s, p FROM {} ORDER BY 1, 2, 3"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lakelet.Lake]:
    data: Path = tmp_path_factory.mktemp("deletes")
    with lakelet.Lake(lakelet.Settings(data=data, port=0, dialect="trino")) as made:
        _made(made)
        yield made


@pytest.mark.parametrize("name", ROWS)
def test_deleted_rows_are_not_read(lake: lakelet.Lake, name: str) -> None:
    with lakelet.connect(lake, database=DATABASE) as connection:
        cursor = connection.cursor()
        assert cursor.execute(QUERY.format(name)).fetchall() == ROWS[name]
        assert cursor.execute(f"SELECT count(*) FROM {name}").fetchall() == [(len(ROWS[name]),)]
        partly = [(s,) for id, s, _ in ROWS[name] if id == 2]
        assert cursor.execute(f"SELECT s FROM {name} WHERE id = 2").fetchall() == partly


@pytest.mark.parametrize("name", ROWS)
def test_such_tables_are_changed(name: str) -> None:
    with lakelet.Lake(lakelet.Settings(port=0)) as lake:
        _made(lake)
        with lakelet.connect(lake, database=DATABASE) as connection:
            cursor = connection.cursor()
            cursor.execute(f"DELETE FROM {name} WHERE id = 2")
            cursor.execute(f"INSERT INTO {name} VALUES (9, 'new', 'x')")
            cursor.execute(f"OPTIMIZE {name} REWRITE DATA USING BIN_PACK")
            expected = [row for row in ROWS[name] if row[0] not in (2, None)]
            expected += [(9, "new", "x"), *(row for row in ROWS[name] if row[0] is None)]
            assert cursor.execute(QUERY.format(name)).fetchall() == expected
            files = f'SELECT content, count(*) FROM "{name}$files" GROUP BY 1 ORDER BY 1'
            kinds = {content for content, _ in cursor.execute(files).fetchall()}
            assert kinds == ({0} if name != "parts" else kinds)


@pytest.mark.trino
def test_trino_reads_the_same() -> None:
    with recorder() as asked:
        _made(asked.lake)
        for name, rows in ROWS.items():
            answer = asked.ask(QUERY.format(name), DATABASE)
            assert answer.error is None, answer.message
            assert [tuple(row) for row in answer.rows] == rows
