from datetime import UTC, datetime, timedelta

import pytest
from botocore.session import Session

from lakelet.errors import AwsError
from lakelet.wire.signing import check_expiry


def presigned(seconds: int) -> str:
    session = Session()
    session.set_credentials("id", "key")
    client = session.create_client("s3", region_name="us-east-1")
    address = client.generate_presigned_url(
        "get_object", Params={"Bucket": "b", "Key": "k"}, ExpiresIn=seconds
    )
    return str(address.partition("?")[2])


def test_a_presigned_address_holds_until_it_expires() -> None:
    query = presigned(60)
    now = datetime.now(UTC)
    check_expiry(query, now)
    with pytest.raises(AwsError) as refused:
        check_expiry(query, now + timedelta(seconds=120))
    assert (refused.value.code, refused.value.status) == ("AccessDenied", 403)
    assert refused.value.message == "Request has expired"


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Date=99991231T235959Z&X-Amz-Expires=604800",
        f"AWSAccessKeyId=id&Signature=s&Expires={'9' * 5000}",
    ],
)
def test_an_address_may_hold_beyond_all_time(query: str) -> None:
    check_expiry(query, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Date=yesterday&X-Amz-Expires=60",
        "X-Amz-Date=20260101T000000Z&X-Amz-Expires=soon",
        "X-Amz-Date=20260101T000000Z&X-Amz-Expires=604801",
        "X-Amz-Date=20260101T000000Z&X-Amz-Expires=-1",
        "X-Amz-Date=20260101T000000Z&X-Amz-Expires=",
    ],
)
def test_a_malformed_presigned_address_is_refused(query: str) -> None:
    with pytest.raises(AwsError) as refused:
        check_expiry(query, datetime(2026, 1, 1, tzinfo=UTC))
    assert refused.value.code == "AuthorizationQueryParametersError"
