"""Files of every format that were cut off, or of which some bits were turned."""

import random
from typing import Final

from tests.formats.fuzz import avro, columnar, documents, physical, texts
from tests.formats.fuzz.making import Family, Made

_WHOLE: Final[dict[str, Family]] = {
    "parquet": physical.FAMILIES["parquet_pages"],
    "orc": physical.FAMILIES["orc_stripes"],
    "avro": avro.FAMILIES["avro"],
    "nested_parquet": columnar.FAMILIES["parquet"],
    "nested_orc": columnar.FAMILIES["orc"],
    "json": documents.FAMILIES["hive_json"],
    "openx": documents.FAMILIES["openx_json"],
    "text": texts.FAMILIES["delimited"],
}


def broken(given: random.Random) -> Made:
    """A table of another family, with one of its files harmed."""
    made = _WHOLE[given.choice(list(_WHOLE))](given)
    harmed = given.choice(list(made.files))
    files = {
        key: _harmed(given, data) if key == harmed else data for key, data in made.files.items()
    }
    return Made("wrong", {**made.document, "about": f"harmed {harmed}"}, files)


def _harmed(given: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    way = given.randrange(4)
    if way == 0:
        return data[: given.randrange(len(data))]
    if way == 1:
        at = given.randrange(len(data))
        return data[:at] + data[at + given.randint(1, 8) :]
    found = bytearray(data)
    for _ in range(1 if way == 2 else given.randint(2, 12)):
        # Ends hold what tells of all the rest.
        at = given.choice(
            (given.randrange(len(data)), max(0, len(data) - 1 - given.randrange(200)))
        )
        found[at] ^= 1 << given.randrange(8)
    return bytes(found)


FAMILIES: Final = {"broken": broken}
