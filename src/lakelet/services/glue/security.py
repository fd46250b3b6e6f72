"""Security configurations, which crawlers and statistics runs name: kept, and given back.

They say how logs and results are encrypted on AWS; a lake encrypts nothing.
"""

from datetime import UTC, datetime

from lakelet.errors import NotFound
from lakelet.model import Document
from lakelet.services import Parameters
from lakelet.services.glue.subject import Subject, cut

_KIND = "security"


class SecurityConfigurations(Subject):
    """The operations on security configurations."""

    def create_security_configuration(self, params: Parameters) -> Document:
        name, now = params["Name"], datetime.now(UTC)
        document = {
            "Name": name,
            "CreatedTimeStamp": now,
            "EncryptionConfiguration": params["EncryptionConfiguration"],
        }
        refusal = f"Security configuration {name} already exists."
        self._lake.catalog.records.create(_KIND, name, document, refusal)
        return {"Name": name, "CreatedTimestamp": now}

    def delete_security_configuration(self, params: Parameters) -> Document:
        if not self._lake.catalog.records.delete(_KIND, params["Name"]):
            raise NotFound(_missing(params["Name"]))
        return {}

    def get_security_configuration(self, params: Parameters) -> Document:
        name = params["Name"]
        found = self._lake.catalog.records.need(_KIND, name, _missing(name))
        return {"SecurityConfiguration": found}

    def get_security_configurations(self, params: Parameters) -> Document:
        found = [document for _, document in self._lake.catalog.records.listed(_KIND)]
        return cut(params, "SecurityConfigurations", found)


def _missing(name: str) -> str:
    return f"Security configuration {name} not found."
