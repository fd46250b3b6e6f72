"""Databases that a connection names by a JDBC URL: SQLite files among the lake's objects.

A table is named `database_table`, as Glue names those of databases without schemas, and has no
SerDe: Athena doesn't read it. The URL is `jdbc:sqlite:s3://bucket/key`, or
`jdbc:sqlite:objects/bucket/key` by the lake's folder.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from lakelet.catalog.catalog import GlueCatalog
from lakelet.crawler.configuration import split
from lakelet.crawler.globs import matcher
from lakelet.crawler.log import Log
from lakelet.crawler.putting import Putting
from lakelet.database import Described, describe
from lakelet.errors import InvalidInput, Unsupported
from lakelet.interfaces import Storage
from lakelet.model import Document

_SQLITE = "jdbc:sqlite:"
_DECIMAL = re.compile(r"(?:numeric|decimal)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")
_TYPES = {
    "tinyint": "tinyint",
    "smallint": "smallint",
    "int2": "smallint",
    "bigint": "bigint",
    "int8": "bigint",
    "unsigned big int": "bigint",
    "integer": "int",
    "int": "int",
    "mediumint": "int",
    "real": "double",
    "double": "double",
    "double precision": "double",
    "float": "double",
    "numeric": "decimal(38,18)",
    "decimal": "decimal(38,18)",
    "boolean": "boolean",
    "bool": "boolean",
    "date": "date",
    "datetime": "timestamp",
    "timestamp": "timestamp",
    "blob": "binary",
}
"""Hive's words for declared types; any other is text."""


def crawl(
    storage: Storage, catalog: GlueCatalog, putting: Putting, target: Document, log: Log
) -> Iterator[str]:
    """Registers the tables of a JdbcTarget; their names.

    Raises NotFound for the connection or the file, Unsupported for other databases, LakeError.
    """
    connection = target["ConnectionName"]
    found = catalog.records.need("connection", connection, f"Connection {connection} not found.")
    url = (found.get("ConnectionProperties") or {}).get("JDBC_CONNECTION_URL") or ""
    wanted = _like(target.get("Path") or "%")
    is_excluded = matcher(target.get("Exclusions") or ())
    name = PurePosixPath(place(url)[1]).stem
    for table in tables(storage, url):
        path = f"{name}/{table.name}"
        if is_excluded(path) or is_excluded(table.name):
            log.say(f"excluded {path}")
        elif wanted.fullmatch(path):
            document = _document(name, table, connection)
            yield putting.put_document(document, f"{name}.{table.name}", "SQLite's schema")


def tables(storage: Storage, url: str) -> list[Described]:
    """What a JDBC URL's database has. Raises as `crawl`."""
    with _file(storage, *place(url)) as path:
        return describe(path)


def place(url: str) -> tuple[str, str]:
    """The bucket and the key that a JDBC URL means. Raises InvalidInput, Unsupported."""
    if not url.startswith(_SQLITE):
        database = url.removeprefix("jdbc:").partition(":")[0] or "no"
        raise Unsupported(f"Only SQLite is available by JDBC in lakelet, not {database} databases.")
    address = url.removeprefix(_SQLITE).partition("?")[0]
    if address.startswith("objects/"):
        address = f"s3://{address.removeprefix('objects/')}"
    bucket, key = split(address)
    if not key:
        raise InvalidInput(f"{url} names no object.")
    return bucket, key


@contextmanager
def _file(storage: Storage, bucket: str, key: str) -> Iterator[str]:
    """The object as a file: itself, or a copy of what another server keeps."""
    url = storage.url(bucket, key)
    if "://" not in url:
        yield url
        return
    with tempfile.TemporaryDirectory(dir=storage.scratch) as folder:
        copy = Path(folder, "database")
        with storage.open(bucket, key) as source, copy.open("wb") as to:
            shutil.copyfileobj(source, to)
        yield str(copy)


def _like(path: str) -> re.Pattern[str]:
    """`database/schema/table` with % for any characters; a name without a table means all."""
    whole = path if "/" in path or path == "%" else f"{path}/%"
    return re.compile(".*".join(map(re.escape, whole.split("%"))), re.DOTALL)


def _document(database: str, table: Described, connection: str) -> Document:
    columns = {name.lower(): _hive(declared) for name, declared in table.columns}
    parameters = {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "classification": "sqlite",
        "compressionType": "none",
        "connectionName": connection,
        "typeOfData": "view" if table.is_view else "table",
    }
    return {
        "TableType": "EXTERNAL_TABLE",
        "Owner": "owner",
        "Retention": 0,
        "Parameters": parameters,
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": of} for name, of in columns.items()],
            "Location": f"{database}.{table.name}",
            "Compressed": False,
            "NumberOfBuckets": -1,
            "SerdeInfo": {"Parameters": {}},
            "BucketColumns": [],
            "SortColumns": [],
            "Parameters": parameters,
            "StoredAsSubDirectories": False,
        },
    }


def _hive(declared: str) -> str:
    word = " ".join(declared.lower().split())
    match = _DECIMAL.fullmatch(word)
    if match:
        precision, scale = min(int(match[1]), 38), int(match[2] or 0)
        return f"decimal({precision},{min(scale, precision)})"
    return _TYPES.get(word.partition("(")[0].strip(), "string")
