"""SymlinkTextInputFormat: a table's files are texts whose lines name the files with its rows, as
Delta's and Hudi's manifests do."""

from collections.abc import Iterable, Iterator

from lakelet.engines.locations import split
from lakelet.errors import LakeError, TrinoError
from lakelet.formats.stored_as import SYMLINKS
from lakelet.interfaces import Storage
from lakelet.model import DataFile, StorageDescriptor


def is_symlinked(storage: StorageDescriptor) -> bool:
    return storage.input_format == SYMLINKS


def targets(storage: Storage, manifests: Iterable[DataFile]) -> Iterator[DataFile]:
    """The files that manifests name, each with its manifest's partition.

    Raises TrinoError for a line that names no object of the lake.
    """
    for manifest in manifests:
        text = storage.read(manifest.info.bucket, manifest.info.key)
        for line in text.decode("utf-8", "replace").splitlines():
            if line.strip():
                yield _target(storage, line.strip(), manifest)


def _target(storage: Storage, address: str, manifest: DataFile) -> DataFile:
    try:
        bucket, key = split(address)
        info = storage.stat(bucket, key)
        return DataFile(info, storage.url(bucket, key), manifest.partition)
    except (LakeError, TrinoError) as error:
        raise TrinoError(
            "HIVE_BAD_DATA",
            f"Error parsing symlinks from: {manifest.info.uri}: {error}",
            error_type="EXTERNAL",
        ) from error
