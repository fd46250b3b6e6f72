"""STS: who the caller is. Any credentials are accepted."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lakelet.errors import AwsError, LakeletError
from lakelet.services import Parameters
from lakelet.services.errors import translated

if TYPE_CHECKING:
    from lakelet.lake import Lake

_DEFAULT_SECONDS = 3600


class Sts:
    """The operations of STS."""

    def __init__(self, lake: "Lake") -> None:
        self._account = lake.settings.account

    def translate(self, error: LakeletError) -> AwsError:
        """STS has no state, so nothing below refuses anything."""
        return translated(error, {})

    def get_caller_identity(self, params: Parameters) -> Parameters:
        """The account itself, as its root user."""
        return {
            "UserId": self._account,
            "Account": self._account,
            "Arn": f"arn:aws:iam::{self._account}:root",
        }

    def get_session_token(self, params: Parameters) -> Parameters:
        """Temporary credentials, which are accepted like any others."""
        return {"Credentials": _credentials(params.get("DurationSeconds", _DEFAULT_SECONDS))}

    def assume_role(self, params: Parameters) -> Parameters:
        """Temporary credentials in the name of a role."""
        name = params["RoleArn"].rpartition("/")[2]
        session = params["RoleSessionName"]
        return {
            "Credentials": _credentials(params.get("DurationSeconds", _DEFAULT_SECONDS)),
            "AssumedRoleUser": {
                "AssumedRoleId": f"AROA{uuid4().hex[:16].upper()}:{session}",
                "Arn": f"arn:aws:sts::{self._account}:assumed-role/{name}/{session}",
            },
        }


def _credentials(seconds: int) -> dict[str, Any]:
    return {
        "AccessKeyId": f"ASIA{uuid4().hex[:16].upper()}",
        "SecretAccessKey": uuid4().hex,
        "SessionToken": uuid4().hex,
        "Expiration": datetime.now(UTC) + timedelta(seconds=seconds),
    }


create = Sts
