"""STS: who the caller is. Any credentials are accepted."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lakelet.errors import AwsError, LakeletError
from lakelet.services import Parameters
from lakelet.services.errors import translated

if TYPE_CHECKING:
    from lakelet.lake import Lake

_DEFAULT_SECONDS = 3600
_FEDERATED_SECONDS = 43_200
_ROLE = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/(?:[^/]+/)*([^/]+)")


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
        role = _ROLE.fullmatch(params["RoleArn"])
        if role is None:
            raise AwsError("ValidationError", f"{params['RoleArn']} is invalid")
        account, name = role.groups()
        session = params["RoleSessionName"]
        return {
            "Credentials": _credentials(params.get("DurationSeconds", _DEFAULT_SECONDS)),
            "AssumedRoleUser": {
                "AssumedRoleId": f"AROA{uuid4().hex[:16].upper()}:{session}",
                "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
            },
        }

    def assume_role_with_web_identity(self, params: Parameters) -> Parameters:
        """The same for a token of somebody else's, which nobody looks into."""
        return {**self.assume_role(params), "SubjectFromWebIdentityToken": "lakelet"}

    def get_federation_token(self, params: Parameters) -> Parameters:
        """Temporary credentials in a name that the caller chooses, for half a day."""
        name = params["Name"]
        return {
            "Credentials": _credentials(params.get("DurationSeconds", _FEDERATED_SECONDS)),
            "FederatedUser": {
                "FederatedUserId": f"{self._account}:{name}",
                "Arn": f"arn:aws:sts::{self._account}:federated-user/{name}",
            },
        }

    def get_access_key_info(self, params: Parameters) -> Parameters:
        """All keys are the account's."""
        return {"Account": self._account}


def _credentials(seconds: int) -> dict[str, Any]:
    return {
        "AccessKeyId": f"ASIA{uuid4().hex[:16].upper()}",
        "SecretAccessKey": uuid4().hex,
        "SessionToken": uuid4().hex,
        "Expiration": datetime.now(UTC) + timedelta(seconds=seconds),
    }


create = Sts
