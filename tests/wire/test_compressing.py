import gzip
import io

import pytest

from lakelet.wire.compressing import unzipped
from lakelet.wire.faults import MalformedError
from lakelet.wire.messages import Request


def zipped(body: bytes) -> Request:
    return Request("POST", "/", "", {"content-encoding": "gzip"}, io.BytesIO(body))


def test_a_compressed_body_is_read_in_full_and_in_pieces() -> None:
    text = bytes(range(256)) * 5_000
    assert unzipped(zipped(gzip.compress(text, mtime=0)), "athena").body.read() == text
    reader = unzipped(zipped(gzip.compress(text, mtime=0)), "athena").body
    assert b"".join(iter(lambda: reader.read(1000), b"")) == text


def test_the_bytes_of_an_object_stay_compressed() -> None:
    body = gzip.compress(b"a", mtime=0)
    assert unzipped(zipped(body), "s3").body.read() == body


@pytest.mark.parametrize("body", [b"plain", b"", gzip.compress(b"a" * 1000, mtime=0)[:-9]])
def test_a_body_that_is_no_whole_gzip_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        unzipped(zipped(body), "athena").body.read()
