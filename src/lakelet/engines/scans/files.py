"""The files of a table and of its partitions, by listing their folders.

Folders below a location are read too. Files and folders whose names begin with `_` or `.` are not
data, as in Hive, and neither is a file without bytes.
"""

from collections.abc import Iterable, Iterator, Sequence

from lakelet.engines.duckdb import stopping
from lakelet.engines.locations import split
from lakelet.engines.scans.symlinks import is_symlinked, targets
from lakelet.errors import NotFound, TrinoError
from lakelet.interfaces import Storage
from lakelet.model import DataFile, Partition, StorageDescriptor, Table

_ONE_LISTING = 8
"""From so many partitions on the table's folder is listed once, not each partition's."""


class Files:
    """Lists a lake's files; `absent` says whether a partition's folder may be missing."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def of_table(self, table: Table) -> Iterable[DataFile]:
        """Raises TrinoError where the bucket is missing."""
        return self._data(table.storage, table.storage.location, None)

    def of_partitions(
        self, table: Table, partitions: Sequence[Partition], *, together: bool, absent: bool
    ) -> Iterable[DataFile]:
        """The partitions' files, each with its partition; a folder of two partitions twice.

        `together` says that most of the table's folder is asked for. Without `absent` a partition
        whose folder is missing raises TrinoError.
        """
        if together and absent and not is_symlinked(table.storage):
            found = self._together(table, partitions)
            if found is not None:
                return found
        return self._one_by_one(table, partitions, absent=absent)

    def _one_by_one(
        self, table: Table, partitions: Sequence[Partition], *, absent: bool
    ) -> Iterator[DataFile]:
        for each in partitions:
            location = each.storage.location or table.storage.location
            found = list(self._data(each.storage, location, each))
            if not found and not absent:
                self._need(location)
            yield from found

    def _data(
        self, storage: StorageDescriptor, location: str, partition: Partition | None
    ) -> Iterable[DataFile]:
        """The files with the rows: those that are listed, or those that they name."""
        listed = self._listed(location, partition)
        return targets(self._storage, location, listed) if is_symlinked(storage) else listed

    def _need(self, location: str) -> None:
        """A folder is there if anything is in it, be it hidden."""
        bucket, prefix = split(location)
        if next(iter(self._storage.list(bucket, _folder(prefix))), None) is None:
            raise TrinoError(
                "HIVE_FILE_NOT_FOUND", f"Partition location does not exist: {location}"
            )

    def _together(self, table: Table, partitions: Sequence[Partition]) -> list[DataFile] | None:
        """The files of many partitions by one listing, when all lie under the table's folder."""
        root = _place(table.storage.location)
        folders: dict[str, Partition] = {}
        for each in partitions:
            folders.setdefault(_place(each.storage.location), each)
        alone = len(folders) == len(partitions) >= _ONE_LISTING
        if not alone or not all(name.startswith(root) for name in folders):
            return None
        found = []
        for file in self._listed(table.storage.location, None):
            folder = file.info.uri.rpartition("/")[0] + "/"
            while len(folder) > len(root) and folder not in folders:
                folder = folder[:-1].rpartition("/")[0] + "/"
            if folder in folders:
                found.append(DataFile(file.info, file.url, folders[folder]))
        return found

    def _listed(self, location: str, partition: Partition | None) -> Iterable[DataFile]:
        bucket, prefix = split(location)
        prefix = _folder(prefix)
        try:
            for info in self._storage.list(bucket, prefix):
                stopping.check()
                if info.is_data and not _hidden(info.key[len(prefix) :]):
                    yield DataFile(info, self._storage.url(bucket, info.key), partition)
        except NotFound as error:
            raise TrinoError(
                "HIVE_FILESYSTEM_ERROR", f"Failed to list directory: {location}"
            ) from error


def _hidden(path: str) -> bool:
    """Whether a folder on the way hides a file."""
    return any(part.startswith(("_", ".")) for part in path.split("/")[:-1])


def _folder(prefix: str) -> str:
    return f"{prefix}/" if prefix and not prefix.endswith("/") else prefix


def _place(location: str) -> str:
    bucket, key = split(location)
    return f"s3://{bucket}/{key.rstrip('/')}/" if key else f"s3://{bucket}/"
