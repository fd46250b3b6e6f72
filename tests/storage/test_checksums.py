import base64
import zlib

import pytest
from botocore.httpchecksum import _CHECKSUM_CLS
from hypothesis import given
from hypothesis import strategies as st

from lakelet.errors import InvalidInput
from lakelet.storage import checksums

BLOCKS = st.lists(st.binary(max_size=300), max_size=5)


@pytest.mark.parametrize("algorithm", sorted(checksums.ALGORITHMS.keys() - {"MD5"}))
@given(blocks=BLOCKS)
def test_a_checksum_is_what_botocore_computes(algorithm: str, blocks: list[bytes]) -> None:
    digests = checksums.Digests([algorithm])
    for block in blocks:
        digests.update(block)
    theirs = _CHECKSUM_CLS[algorithm.lower()]()
    theirs.update(b"".join(blocks))
    value = digests.values()[algorithm]
    assert value == theirs.b64digest()
    assert checksums.is_value(algorithm, value)


@pytest.mark.parametrize("algorithm", sorted(checksums.FULL_OBJECT))
@given(blocks=st.lists(st.binary(max_size=300), min_size=1, max_size=5))
def test_the_crcs_of_parts_combine_to_that_of_the_whole(
    algorithm: str, blocks: list[bytes]
) -> None:
    def value(data: bytes) -> str:
        whole = checksums.new(algorithm)
        whole.update(data)
        return base64.b64encode(whole.digest()).decode()

    parts = [(value(block), len(block)) for block in blocks]
    assert checksums.full_object(algorithm, parts) == value(b"".join(blocks))


def test_a_composite_checksum_is_that_of_the_parts_checksums() -> None:
    """The form of S3's user guide: the checksum of the concatenated digests, and their number."""
    crcs = [zlib.crc32(part).to_bytes(4, "big") for part in (b"one", b"two")]
    whole = base64.b64encode(zlib.crc32(b"".join(crcs)).to_bytes(4, "big")).decode()
    values = [base64.b64encode(crc).decode() for crc in crcs]
    assert checksums.composite("CRC32", values) == f"{whole}-2"


@pytest.mark.parametrize("text", ["", "AAA", "AAAA", "!!!!", "AAAAAAAAAAA="])
def test_a_text_of_another_length_is_no_crc32(text: str) -> None:
    assert not checksums.is_value("CRC32", text)


def test_an_unknown_algorithm_is_refused() -> None:
    with pytest.raises(InvalidInput):
        checksums.new("CRC16")
