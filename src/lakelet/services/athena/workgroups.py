"""Work groups: `primary` is there from the start."""

from datetime import UTC, datetime
from typing import Any, Final

from lakelet.errors import AwsError
from lakelet.lake import Lake
from lakelet.queries import documents
from lakelet.queries.documents import WORK_GROUP
from lakelet.services import Parameters
from lakelet.services.athena.errors import invalid
from lakelet.services.athena.pages import page
from lakelet.services.athena.resources import arn, tag

PRIMARY: Final = "primary"
ENGINE: Final[Parameters] = {
    "SelectedEngineVersion": "AUTO",
    "EffectiveEngineVersion": "Athena engine version 3",
}
_DEFAULTS: Final[Parameters] = {
    "ResultConfiguration": {},
    "EnforceWorkGroupConfiguration": False,
    "PublishCloudWatchMetricsEnabled": False,
    "RequesterPaysEnabled": False,
    "EnableMinimumEncryptionConfiguration": False,
    "EngineVersion": ENGINE,
}
_ENGINES: Final = ("AUTO", "Athena engine version 3")
_RESULT_MEMBERS: Final = (
    "OutputLocation",
    "EncryptionConfiguration",
    "ExpectedBucketOwner",
    "AclConfiguration",
)
_CREATED: Final = "WorkGroup is already created"
MAX_WORK_GROUPS: Final = 1000


def get(lake: Lake, name: str) -> Parameters:
    """A work group; raises AwsError for one that is not there."""
    found = documents.kept(lake.database, WORK_GROUP, name)
    if found is not None:
        return found
    if name == PRIMARY:
        return {"Name": PRIMARY, "State": "ENABLED", "Configuration": _DEFAULTS, "CreationTime": 0}
    raise invalid("WorkGroup is not found.")


def is_known(lake: Lake, name: str) -> bool:
    return name == PRIMARY or documents.kept(lake.database, WORK_GROUP, name) is not None


class WorkGroups:
    """The operations on work groups."""

    _lake: Lake

    def create_work_group(self, params: Parameters) -> Parameters:
        name = params["Name"]
        if name == PRIMARY:
            raise invalid(_CREATED)
        if len(documents.listed(self._lake.database, WORK_GROUP)) >= MAX_WORK_GROUPS:
            raise invalid(f"An account may have {MAX_WORK_GROUPS} work groups")
        configuration = {**_DEFAULTS, **(params.get("Configuration") or {})}
        group: Parameters = {
            "Name": name,
            "State": "ENABLED",
            "Configuration": _checked(configuration),
            "CreationTime": datetime.now(UTC).timestamp(),
            "Description": params.get("Description", ""),
        }
        with self._lake.database.transaction():
            if not documents.make(self._lake.database, WORK_GROUP, name, group):
                raise invalid(_CREATED)
            if params.get("Tags"):
                tag(self._lake, arn(self._lake, "workgroup", name), params["Tags"])
        return {}

    def get_work_group(self, params: Parameters) -> Parameters:
        return {"WorkGroup": _shown(get(self._lake, params["WorkGroup"]))}

    def list_work_groups(self, params: Parameters) -> Parameters:
        names = {PRIMARY, *(name for name, _ in documents.listed(self._lake.database, WORK_GROUP))}
        answer = page("WorkGroups", sorted(names), params)
        groups = [get(self._lake, name) for name in answer["WorkGroups"]]
        return {**answer, "WorkGroups": [_summary(group) for group in groups]}

    def update_work_group(self, params: Parameters) -> Parameters:
        group = get(self._lake, params["WorkGroup"])
        updates = params.get("ConfigurationUpdates") or {}
        changed = {**group, "Configuration": _updated(group["Configuration"], updates)}
        for member in ("Description", "State"):
            if params.get(member) is not None:
                changed[member] = params[member]
        documents.keep(self._lake.database, WORK_GROUP, group["Name"], changed)
        return {}

    def delete_work_group(self, params: Parameters) -> Parameters:
        name = params["WorkGroup"]
        if name == PRIMARY:
            raise invalid("Primary WorkGroup can not be deleted.")
        get(self._lake, name)
        lake = self._lake
        inside = [
            (kind, key)
            for kind, member in (
                (documents.NAMED_QUERY, "WorkGroup"),
                (documents.PREPARED_STATEMENT, "WorkGroupName"),
            )
            for key, document in documents.listed(lake.database, kind)
            if document[member] == name
        ]
        ran = lake.queries.history.listed(name, 1)
        if (inside or ran) and not params.get("RecursiveDeleteOption"):
            raise invalid(f"WorkGroup {name} is not empty")
        for kind, key in inside:
            documents.forget(lake.database, kind, key)
        lake.queries.history.forget(name)
        documents.forget(lake.database, documents.TAGS, arn(lake, "workgroup", name))
        documents.forget(lake.database, WORK_GROUP, name)
        return {}


def _updated(configuration: Parameters, updates: Parameters) -> Parameters:
    changed = dict(configuration)
    result = dict(changed.get("ResultConfiguration") or {})
    given = updates.get("ResultConfigurationUpdates") or {}
    for member in _RESULT_MEMBERS:
        if given.get(f"Remove{member}"):
            result.pop(member, None)
        elif given.get(member) is not None:
            result[member] = given[member]
    changed["ResultConfiguration"] = result
    managed = updates.get("ManagedQueryResultsConfigurationUpdates")
    if managed is not None:
        removed = managed.get("RemoveEncryptionConfiguration")
        kept = dict(changed.get("ManagedQueryResultsConfiguration") or {"Enabled": False})
        kept.update({n: v for n, v in managed.items() if n != "RemoveEncryptionConfiguration"})
        if removed:
            kept.pop("EncryptionConfiguration", None)
        changed["ManagedQueryResultsConfiguration"] = kept
    for member, value in updates.items():
        if member.startswith("Remove"):
            if value:
                changed.pop(_REMOVED[member], None)
        elif not member.endswith("Updates"):
            changed[member] = value
    return _checked(changed)


_REMOVED: Final = {
    "RemoveBytesScannedCutoffPerQuery": "BytesScannedCutoffPerQuery",
    "RemoveCustomerContentEncryptionConfiguration": "CustomerContentEncryptionConfiguration",
}


def _checked(configuration: Parameters) -> Parameters:
    """A configuration that Athena would take; raises AwsError for another."""
    location = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
    if location is not None and _is_managed(configuration):
        raise set_together()
    if location is not None:
        check_location(location)
    selected = (configuration.get("EngineVersion") or ENGINE).get("SelectedEngineVersion", "AUTO")
    if selected not in _ENGINES:
        raise invalid(f"Invalid Engine Version: {selected} is not supported")
    return {**configuration, "EngineVersion": {**ENGINE, "SelectedEngineVersion": selected}}


def managed(group: Parameters) -> bool:
    """Whether the results of a work group's queries lie in no bucket."""
    return _is_managed(group["Configuration"])


def _is_managed(configuration: Parameters) -> bool:
    return bool((configuration.get("ManagedQueryResultsConfiguration") or {}).get("Enabled"))


def set_together() -> AwsError:
    """What Athena says to a place for results that it manages."""
    return invalid(
        "ManagedQueryResultsConfiguration and ResultConfiguration cannot be set together."
    )


def check_location(location: str) -> None:
    """Raises AwsError for what is no place for results."""
    if not location.startswith("s3://") or not location[5:].partition("/")[0]:
        raise invalid("outputLocation is not a valid S3 path.")


def _summary(group: Parameters) -> dict[str, Any]:
    return {
        "Name": group["Name"],
        "State": group["State"],
        "Description": group.get("Description") or "",
        "CreationTime": datetime.fromtimestamp(group["CreationTime"], UTC),
        "EngineVersion": group["Configuration"].get("EngineVersion") or ENGINE,
    }


def _shown(group: Parameters) -> dict[str, Any]:
    """Athena leaves out a description that is empty."""
    kept = {name: value for name, value in group.items() if name != "Description" or value}
    return {**kept, "CreationTime": datetime.fromtimestamp(group["CreationTime"], UTC)}
