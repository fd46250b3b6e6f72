"""SymlinkTextInputFormat: a table's files are texts whose lines name the files with its rows, as
Delta's and Hudi's manifests do.

Every line counts, blanks at its ends and all. What a folder's listing would not show is not there:
folders, and files whose names are hidden.
"""

import io
from collections.abc import Iterable, Iterator

from lakelet.engines.locations import split
from lakelet.errors import NotFound, TrinoError
from lakelet.formats.stored_as import SYMLINKS
from lakelet.interfaces import Storage
from lakelet.model import DataFile, StorageDescriptor


def is_symlinked(storage: StorageDescriptor) -> bool:
    """Whether files are found by texts that name them."""
    return storage.input_format == SYMLINKS


def targets(storage: Storage, location: str, manifests: Iterable[DataFile]) -> Iterator[DataFile]:
    """The files that the manifests of a location name, each with its manifest's partition.

    Raises TrinoError for a line that names no file of the lake.
    """
    for manifest, address in [*_lines(storage, location, manifests)]:
        found = _target(storage, address, manifest)
        if found.info.size:
            yield found


def _lines(
    storage: Storage, location: str, manifests: Iterable[DataFile]
) -> Iterator[tuple[DataFile, str]]:
    for manifest in manifests:
        data = storage.read(manifest.info.bucket, manifest.info.key)
        for line in io.TextIOWrapper(io.BytesIO(data), "utf-8", "replace"):
            address = line.removesuffix("\n")
            if not address.strip() or not ("://" in address or address.startswith("/")):
                raise TrinoError("HIVE_BAD_DATA", f"Error parsing symlinks from: {location}")
            if address.endswith("/"):
                message = f"File location cannot end with '/': {address}"
                raise TrinoError("HIVE_UNKNOWN_ERROR", message)
            yield manifest, address


def _target(storage: Storage, address: str, manifest: DataFile) -> DataFile:
    folder = address.rpartition("/")[0]
    try:
        bucket, key = split(address)
    except TrinoError:
        message = f"No factory for location: {folder}"
        raise TrinoError("HIVE_UNKNOWN_ERROR", message) from None
    try:
        info = storage.stat(bucket, key)
    except NotFound:
        info = None
    if info is None or info.is_hidden:
        message = (
            f"Manifest file from the location [{folder}] contains non-existent path: {address}"
        )
        raise TrinoError("HIVE_FILE_NOT_FOUND", message)
    return DataFile(info, storage.url(bucket, key), manifest.partition)
