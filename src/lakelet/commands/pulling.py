"""`lakelet pull`: an account's catalogue, and a sample of its objects, copied for offline work.

boto3 is imported when the command runs; it finds credentials and region as always.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click

from lakelet import config
from lakelet.commands import options, records
from lakelet.errors import AlreadyExists, InvalidInput, LakeletError
from lakelet.model import Document, Finished
from lakelet.storage.keys import place

if TYPE_CHECKING:
    from lakelet.lake import Lake

_CHUNK = 1024 * 1024


@dataclass(slots=True)
class Counts:
    """What was copied."""

    tables: int = 0
    partitions: int = 0
    objects: int = 0
    bytes: int = 0


@click.command(name="pull", short_help="Copy the catalogue of an AWS account, and samples.")
@options.data
@click.option("--database", "databases", multiple=True, help="Only this one; may be said again.")
@click.option("--table", "pattern", default="*", help="Only tables of this pattern (sales_*).")
@click.option("--sample", type=click.IntRange(0), default=0, help="Objects of each folder to copy.")
@click.option("--replace", is_flag=True, help="Replace tables that are there already.")
@click.option("--profile", help="Of the AWS configuration.")
@click.option("--region", help="Where the catalogue is.")
@click.option("--endpoint-url", help="Another address for all services.")
def command(
    data: Path,
    databases: tuple[str, ...],
    pattern: str,
    sample: int,
    replace: bool,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
) -> None:
    """Copy an AWS account's Data Catalog into the lake, and some of its objects if asked."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise LakeletError("pull needs boto3: pip install 'lakelet[aws]'") from error
    from lakelet.lake import Lake

    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        try:
            clients = [session.client(name, endpoint_url=endpoint_url) for name in ("glue", "s3")]
        except ValueError as error:
            raise LakeletError(f"--endpoint-url takes http(s)://…, not {endpoint_url}") from error
        with Lake(config.read(os.environ, data=data)) as lake:
            counts = Pull(lake, *clients).run(databases, pattern, sample, replace)
    except ClientError as error:
        raise LakeletError(f"AWS refuses: {error}") from error
    except BotoCoreError as error:
        raise LakeletError(f"AWS can't be asked: {error}") from error
    click.echo(
        f"{counts.tables} tables, {counts.partitions} partitions,"
        f" {counts.objects} objects ({counts.bytes:,} bytes)"
    )


class Pull:
    """A copy by boto3's clients. What AWS refuses is raised as botocore raises it."""

    def __init__(self, lake: "Lake", glue: Any, s3: Any) -> None:
        self._lake = lake
        self._glue = glue
        self._s3 = s3
        self._counts = Counts()
        self._folders: dict[str, None] = {}
        self._whole: dict[str, None] = {}

    def run(self, databases: Sequence[str], pattern: str, sample: int, replace: bool) -> Counts:
        """The catalogue comes whole or not at all, the objects of each folder after it."""
        found = self._records(databases, pattern)
        self._counts.tables = records.put(self._lake.catalog, found, replace=replace)
        if sample:
            for folder in self._folders:
                self._copy(folder, sample)
            for folder in self._whole:
                self._copy(folder, None)
        return self._counts

    def _records(self, databases: Sequence[str], pattern: str) -> Iterator[Document]:
        for database in self._databases(databases):
            name = database["Name"]
            yield records.database(database)
            pages = self._pages("get_user_defined_functions", DatabaseName=name, Pattern=".*")
            for page in pages:
                yield from map(records.function, page["UserDefinedFunctions"])
            for page in self._pages("get_tables", DatabaseName=name):
                for table in page["TableList"]:
                    if fnmatch(table["Name"], pattern):
                        yield from self._table(table)

    def _databases(self, names: Sequence[str]) -> Iterator[Document]:
        if names:
            yield from (self._glue.get_database(Name=name)["Database"] for name in names)
            return
        for page in self._pages("get_databases"):
            yield from page["DatabaseList"]

    def _table(self, table: Document) -> Iterator[Document]:
        names = {"DatabaseName": table["DatabaseName"], "TableName": table["Name"]}
        location = (table.get("StorageDescriptor") or {}).get("Location") or ""
        keys = table.get("PartitionKeys") or []
        indexes = self._glue.get_partition_indexes(**names) if keys else {}
        yield records.table(table, indexes.get("PartitionIndexDescriptorList") or ())
        if not keys:
            is_open = (table.get("Parameters") or {}).get("table_type", "").upper() == "ICEBERG"
            (self._whole if is_open else self._folders)[location] = None
            return
        for page in self._pages("get_partitions", **names):
            self._counts.partitions += len(page["Partitions"])
            for each in page["Partitions"]:
                place = (each.get("StorageDescriptor") or {}).get("Location") or ""
                self._folders[place] = None
            yield from records.partitions(table["DatabaseName"], table["Name"], page["Partitions"])

    def _pages(self, operation: str, **params: Any) -> Iterator[Any]:
        yield from self._glue.get_paginator(operation).paginate(**params)

    # Objects ----------------------------------------------------------------------------------

    def _copy(self, folder: str, most: int | None) -> None:
        """The first objects of a folder, or all; those that are here already stay."""
        found = place(folder)
        if found is None:
            return
        bucket, prefix = found
        if prefix and not prefix.endswith("/"):
            prefix += "/"
        make: Callable[[str], None] = self._lake.storage.create_bucket
        try:
            make(bucket)
        except AlreadyExists:
            pass
        except InvalidInput as error:
            raise LakeletError(f"{folder} is no place of S3's: {error}") from error
        left = most
        for info in self._objects(bucket, prefix):
            if left == 0:
                return
            if info["Size"] or most is None:
                self._fetch(bucket, info["Key"])
                left = None if left is None else left - 1

    def _objects(self, bucket: str, prefix: str) -> Iterator[Any]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            yield from page.get("Contents") or ()

    def _fetch(self, bucket: str, key: str) -> None:
        answer = self._s3.get_object(Bucket=bucket, Key=key)
        path = self._lake.storage.scratch / f"pull-{uuid4()}"
        try:
            with path.open("wb") as file:
                for chunk in answer["Body"].iter_chunks(_CHUNK):
                    self._counts.bytes += file.write(chunk)
            self._lake.storage.adopt([Finished(path, bucket, key)], answer.get("ContentType") or "")
        finally:
            path.unlink(missing_ok=True)
        self._counts.objects += 1
