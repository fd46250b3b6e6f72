"""Resource policies and the encryption settings of the catalogue: kept, and given back."""

import hashlib
import json
from datetime import UTC, datetime

from lakelet.errors import InvalidInput, NotFound, PreconditionFailed
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.subject import Subject, paged

_POLICY, _SETTINGS = "policy", "settings"
_ENCRYPTION = "encryption"
_CATALOG = "catalog"
_NO_ENCRYPTION = {
    "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
    "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
}


class Policies(Subject):
    """The operations on policies and settings."""

    def put_resource_policy(self, params: Parameters) -> Document:
        records, name = self._lake.catalog.records, params.get("ResourceArn") or _CATALOG
        policy = params["PolicyInJson"]
        try:
            json.loads(policy)
        except (ValueError, RecursionError) as error:
            raise InvalidInput("The policy is not valid JSON.") from error
        now = datetime.now(UTC)
        with self._lake.database.transaction():
            before = records.get(_POLICY, name)
            exists = params.get("PolicyExistsCondition") or "NONE"
            if exists == "MUST_EXIST" and before is None:
                raise PreconditionFailed("Policy does not exist.")
            if exists == "NOT_EXIST" and before is not None:
                raise PreconditionFailed("Policy already exists.")
            _check_hash(params, before)
            document = {
                "PolicyInJson": policy,
                "PolicyHash": hashlib.sha256(policy.encode()).hexdigest(),
                "CreateTime": before["CreateTime"] if before else now,
                "UpdateTime": now,
                "ResourceArn": name,
            }
            records.put(_POLICY, name, document)
        return {"PolicyHash": document["PolicyHash"]}

    def get_resource_policy(self, params: Parameters) -> Document:
        return self._policy(params.get("ResourceArn") or _CATALOG)

    def get_resource_policies(self, params: Parameters) -> Document:
        records = self._lake.catalog.records

        def listed(after: str, limit: int) -> list[Document]:
            return [found for _, found in records.listed(_POLICY, "", after, limit)]

        member = "GetResourcePoliciesResponseList"
        return paged(params, member, listed, lambda each: str(each["ResourceArn"]))

    def delete_resource_policy(self, params: Parameters) -> Document:
        name = params.get("ResourceArn") or _CATALOG
        with self._lake.database.transaction():
            _check_hash(params, self._policy(name))
            self._lake.catalog.records.delete(_POLICY, name)
        return {}

    def get_data_catalog_encryption_settings(self, params: Parameters) -> Document:
        kept = self._lake.catalog.records.get(_SETTINGS, _ENCRYPTION)
        return {"DataCatalogEncryptionSettings": kept or _NO_ENCRYPTION}

    def put_data_catalog_encryption_settings(self, params: Parameters) -> Document:
        given = params["DataCatalogEncryptionSettings"]
        self._lake.catalog.records.put(_SETTINGS, _ENCRYPTION, {**_NO_ENCRYPTION, **given})
        return {}

    def _policy(self, name: str) -> Document:
        found = self._lake.catalog.records.get(_POLICY, name)
        if found is None:
            raise NotFound("Policy not found.")
        return found


def _check_hash(params: Parameters, kept: Document | None) -> None:
    wanted = params.get("PolicyHashCondition")
    if wanted and (kept is None or kept["PolicyHash"] != wanted):
        raise PreconditionFailed("The policy hash does not match the existing policy.")
