"""Programs that bring their own S3 client, against the server on a socket."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.fs
import pytest

from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.server.serving import serving
from tests.minio import server

BIG = os.urandom(12 << 20)


@pytest.fixture(params=["embedded", pytest.param("minio", marks=pytest.mark.minio)])
def endpoint(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """lakelet's server over its own store, and over a MinIO behind it."""
    if request.param == "embedded":
        yield request.getfixturevalue("lakelet_server")
        return
    try:
        server.binary()
    except server.Unavailable as reason:
        pytest.skip(f"no MinIO: {reason}")
    with server.running(tmp_path / "minio") as minio:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", minio.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", minio.secret_key)
        settings = Settings(port=0, storage="s3://", storage_endpoint=minio.endpoint)
        with Lake(settings) as lake, serving(lake, "test") as address:
            yield address


@pytest.fixture
def s3(endpoint: str) -> Any:
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="id",
        aws_secret_access_key="key",
    )
    client.create_bucket(Bucket="lake")
    return client


def test_boto3s_transfer_manager(s3: Any, tmp_path: Path) -> None:
    (tmp_path / "up").write_bytes(BIG)
    s3.upload_file(str(tmp_path / "up"), "lake", "big")
    s3.download_file("lake", "big", str(tmp_path / "down"))
    assert (tmp_path / "down").read_bytes() == BIG


def test_presigned_urls(s3: Any) -> None:
    where = {"Bucket": "lake", "Key": "pre signed"}
    url = s3.generate_presigned_url("put_object", Params=where)
    urlopen(Request(url, data=b"hello", method="PUT")).close()
    with urlopen(s3.generate_presigned_url("get_object", Params=where)) as answer:
        assert answer.read() == b"hello"


def test_pyarrows_file_system(s3: Any, endpoint: str) -> None:
    files = pyarrow.fs.S3FileSystem(
        access_key="id",
        secret_key="key",
        endpoint_override=endpoint.removeprefix("http://"),
        scheme="http",
        region="us-east-1",
    )
    table = pa.table({"p": [1, 1, 2], "v": ["a", "b", "c"]})
    by = ds.partitioning(pa.schema([("p", pa.int64())]), flavor="hive")
    ds.write_dataset(table, "lake/t", format="parquet", partitioning=by, filesystem=files)
    assert ds.dataset("lake/t", filesystem=files, partitioning="hive").to_table().num_rows == 3
    with files.open_output_stream("lake/stream") as stream:
        stream.write(BIG)
    files.move("lake/stream", "lake/moved")
    with files.open_input_file("lake/moved") as file:
        assert file.read() == BIG
    files.delete_dir("lake/t")
    assert files.get_file_info("lake/t").type == pyarrow.fs.FileType.NotFound


def test_duckdbs_httpfs(s3: Any, endpoint: str) -> None:
    import duckdb_extension_httpfs

    folder = Path(str(duckdb_extension_httpfs.__file__)).parent
    connection = duckdb.connect()
    connection.load_extension(str(next(folder.glob("extensions/*/httpfs.duckdb_extension"))))
    address = endpoint.removeprefix("http://")
    connection.execute(
        f"CREATE SECRET (TYPE s3, KEY_ID 'id', SECRET 'key', ENDPOINT '{address}', "
        "URL_STYLE 'path', USE_SSL false)"
    )
    rows = "SELECT range AS i, range % 3 AS p FROM range(1000)"
    connection.execute(f"COPY ({rows}) TO 's3://lake/d' (FORMAT parquet, PARTITION_BY p)")
    found = connection.execute("SELECT count(*) FROM read_parquet('s3://lake/d/*/*.parquet')")
    assert found.fetchone() == (1000,)
    connection.close()


def test_s3fs(s3: Any, endpoint: str) -> None:
    import s3fs

    files = s3fs.S3FileSystem(endpoint_url=endpoint, key="id", secret="key")
    with files.open("lake/d/x", "wb") as file:
        file.write(BIG)
    assert files.cat("lake/d/x") == BIG
    files.mv("lake/d/x", "lake/e/y")
    assert files.find("lake") == ["lake/e/y"]
    files.rm("lake/e", recursive=True)
    assert not files.exists("lake/e/y")


def test_s3fs_keeps_what_is_said_of_files(s3: Any, endpoint: str) -> None:
    import s3fs

    files = s3fs.S3FileSystem(endpoint_url=endpoint, key="id", secret="key")
    name = "lake/a/x+y ü.txt"
    files.pipe_file(name, b"hello")
    files.setxattr(name, who="me")
    files.put_tags(name, {"k": "v"})
    assert (files.getxattr(name, "who"), files.get_tags(name)) == ("me", {"k": "v"})
    with pytest.raises(OSError, match=r"pre-conditions|exists"):  # MinIO names no condition
        files.pipe_file(name, b"other", mode="create")
    with files.open("lake/log", "wb") as file:
        file.write(BIG)
    with files.open("lake/log", "ab") as file:  # a part that is copied, and one that is new
        file.write(b"tail")
    assert files.tail("lake/log", 4) == b"tail"
    files.merge("lake/both", ["lake/log", "lake/log"])
    assert files.size("lake/both") == 2 * (len(BIG) + 4)
    assert files.cat_ranges(["lake/log"] * 2, [0, len(BIG)], [1, len(BIG) + 4]) == [
        BIG[:1],
        b"tail",
    ]
    with urlopen(files.url(name)) as answer:
        assert answer.read() == b"hello"
