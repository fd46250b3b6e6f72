"""What a signature says besides who signed: how long a presigned address holds.

Signatures themselves are not verified: any credentials are accepted.
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from lakelet.errors import AwsError

_WEEK = 604_800


def check_expiry(query: str, now: datetime) -> None:
    """Refuses a presigned address that is malformed or no longer holds, in S3's words.

    Raises AwsError AccessDenied or AuthorizationQueryParametersError ("Authenticating requests:
    using query parameters" of the S3 API reference).
    """
    if "X-Amz-Expires=" in query:
        fields = parse_qs(query)
        moment = _moment(fields.get("X-Amz-Date", [""])[0])
        holds = timedelta(seconds=_seconds(fields.get("X-Amz-Expires", [""])[0]))
        expired = now - moment > holds
    elif "AWSAccessKeyId=" in query and "Expires=" in query:  # signature version 2
        until = parse_qs(query).get("Expires", [""])[0]
        expired = not until.isascii() or not until.isdigit() or now.timestamp() > float(until)
    else:
        return
    if expired:
        raise AwsError("AccessDenied", "Request has expired", 403)


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise _malformed(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        ) from error


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise _malformed("X-Amz-Expires should be a number")
    if len(text) > 9 or int(text) > _WEEK:
        raise _malformed("X-Amz-Expires must be less than a week (in seconds)")
    return int(text)


def _malformed(message: str) -> AwsError:
    return AwsError("AuthorizationQueryParametersError", message)
