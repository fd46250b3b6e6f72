import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

from lakelet.patching import ENVIRONMENT, patched
from tests.server.lakes import settings_only


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing of AWS."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)


def account(client: Any) -> str:
    return str(client.get_caller_identity()["Account"])


@pytest.mark.usefixtures("bare")
def test_clients_need_neither_keys_nor_region_nor_socket() -> None:
    with patched(settings_only(account="123456789012")):
        assert account(boto3.client("sts")) == "123456789012"
    assert not ENVIRONMENT.keys() & os.environ.keys()


@pytest.mark.usefixtures("bare")
@pytest.mark.usefixtures("bare")
def test_the_region_of_other_sdks_is_boto3s_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with patched(settings_only()):
        assert boto3.Session().client("glue").meta.region_name == "eu-west-1"
    assert "AWS_DEFAULT_REGION" not in os.environ


def test_clients_made_before_and_in_other_threads_are_covered() -> None:
    before = boto3.client(
        "sts", region_name="eu-west-1", aws_access_key_id="id", aws_secret_access_key="key"
    )
    with patched(settings_only()), ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda _: account(before), range(20))) == {"000000000000"}


@pytest.mark.usefixtures("bare")
def test_a_refusal_is_botocores_error() -> None:
    with patched(settings_only()), pytest.raises(ClientError) as refused:
        boto3.client("sts").decode_authorization_message(EncodedMessage="x")
    assert refused.value.response["Error"]["Code"] == "NotImplemented"


def test_what_was_there_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    send = URLLib3Session.send
    with patched(settings_only()):
        assert os.environ["AWS_ACCESS_KEY_ID"] == "mine"
    assert URLLib3Session.send is send
    assert os.environ["AWS_ACCESS_KEY_ID"] == "mine"
