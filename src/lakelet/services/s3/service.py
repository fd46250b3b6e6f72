"""S3 over a lake: the embedded store answers, or the S3 server that keeps the objects does."""

from collections.abc import Mapping

from lakelet.errors import AwsError, LakeletError
from lakelet.lake import Lake
from lakelet.services.s3 import S3, errors
from lakelet.services.s3.passthrough import Answer, Outgoing, Passthrough, Reader
from lakelet.storage.remote import RemoteStorage


class Remote:
    """Hands every request on; the far side's answer is the answer."""

    def __init__(self, passthrough: Passthrough) -> None:
        self._passthrough = passthrough

    def translate(self, error: LakeletError) -> AwsError:
        """A refusal from below in S3's words."""
        return errors.translate(error)

    def forward(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: Reader
    ) -> Answer:
        """The far side's answer; `body` is decoded from AWS's chunks and has their `trailers`.

        Raises AwsError when the server can't be reached.
        """
        said = headers.get("x-amz-decoded-content-length") or headers.get("content-length")
        length, trailed = int(said or 0), "x-amz-trailer" in headers
        outgoing = Outgoing(
            method,
            path,
            query,
            list(headers.items()),
            body if length or trailed else None,
            length,
            (lambda: getattr(body, "trailers", {})) if trailed else None,
        )
        try:
            return self._passthrough.send(outgoing)
        except OSError as error:
            raise AwsError(
                "ServiceUnavailable", f"The object storage does not answer: {error}", 503
            ) from error


def create(lake: Lake) -> S3 | Remote:
    """S3 by where the lake keeps its objects."""
    if isinstance(lake.storage, RemoteStorage):
        return Remote(Passthrough(lake.storage.backend))
    return S3(lake.storage, lake.database, lake.settings.account, lake.settings.region)
