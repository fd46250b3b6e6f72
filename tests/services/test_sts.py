"""Who the caller is, and that other services of AWS are missed in words that their clients read."""

from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/path/of/reader"


@pytest.fixture
def made(lakelet_server: str) -> Any:
    """Makes clients of a server."""

    def make(service: str, **settings: Any) -> Any:
        return boto3.client(
            service,
            endpoint_url=lakelet_server,
            region_name="us-east-1",
            aws_access_key_id="lake",
            aws_secret_access_key="lake",
            config=Config(retries={"total_max_attempts": 1}, **settings),
        )

    return make


def test_a_role_is_that_of_its_account(made: Any) -> None:
    sts = made("sts")
    found = sts.assume_role(RoleArn=ROLE, RoleSessionName="me", DurationSeconds=900)
    arn = "arn:aws:sts::123456789012:assumed-role/reader/me"
    assert found["AssumedRoleUser"]["Arn"] == arn
    assert found["AssumedRoleUser"]["AssumedRoleId"].endswith(":me")
    assert found["Credentials"]["AccessKeyId"].startswith("ASIA")
    with pytest.raises(ClientError) as refused:
        sts.assume_role(RoleArn="arn:aws:iam::1:user/somebody", RoleSessionName="me")
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert refused.value.response["Error"]["Message"] == "arn:aws:iam::1:user/somebody is invalid"


def test_a_role_is_assumed_by_a_token_without_a_signature(made: Any) -> None:
    """As SDKs do on their own where AWS_WEB_IDENTITY_TOKEN_FILE is set."""
    sts = made("sts", signature_version=UNSIGNED)
    found = sts.assume_role_with_web_identity(
        RoleArn=ROLE, RoleSessionName="me", WebIdentityToken="abcd"
    )
    assert found["AssumedRoleUser"]["Arn"].endswith(":assumed-role/reader/me")
    assert found["Credentials"]["SessionToken"]


def test_federated_users_and_keys_are_the_account_s(made: Any) -> None:
    sts = made("sts")
    found = sts.get_federation_token(Name="bob")
    assert found["FederatedUser"]["Arn"] == "arn:aws:sts::000000000000:federated-user/bob"
    assert sts.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")["Account"] == "0" * 12


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("kms", "list_keys"),  # JSON
        ("lakeformation", "list_permissions"),  # REST and JSON
        ("iam", "list_users"),  # a query
        ("cloudfront", "list_distributions"),  # REST and XML
        ("sqs", "list_queues"),
    ],
)
def test_a_service_that_is_not_there_is_missed_in_its_own_protocol(
    made: Any, service: str, operation: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(made(service), operation)()
    error = refused.value.response["Error"]
    assert error["Code"] == "UnknownService"
    assert error["Message"] == f"The service '{service}' is not available here."
