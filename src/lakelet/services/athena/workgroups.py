"""Work groups: `primary` is there from the start."""

from datetime import UTC, datetime
from typing import Any

import orjson

from lakelet.lake import Lake
from lakelet.services import Parameters
from lakelet.services.athena.errors import invalid

PRIMARY = "primary"
_KIND = "work_group"
_ENGINE = {
    "SelectedEngineVersion": "AUTO",
    "EffectiveEngineVersion": "Athena engine version 3",
}
_DEFAULTS: Parameters = {
    "ResultConfiguration": {},
    "EnforceWorkGroupConfiguration": False,
    "PublishCloudWatchMetricsEnabled": False,
    "RequesterPaysEnabled": False,
    "EngineVersion": _ENGINE,
}


def get(lake: Lake, name: str) -> Parameters:
    """A work group; raises ServiceError for one that is not there."""
    rows = lake.database.query(
        "SELECT document FROM athena_record WHERE kind = ? AND name = ?", (_KIND, name)
    )
    if rows:
        found: Parameters = orjson.loads(rows[0][0])
        return found
    if name == PRIMARY:
        return {"Name": PRIMARY, "State": "ENABLED", "Configuration": _DEFAULTS, "CreationTime": 0}
    raise invalid("WorkGroup is not found.")


def _put(lake: Lake, group: Parameters) -> None:
    with lake.database.transaction() as transaction:
        transaction.execute(
            "INSERT OR REPLACE INTO athena_record VALUES (?, ?, ?)",
            (_KIND, group["Name"], orjson.dumps(group).decode()),
        )


class WorkGroups:
    """The operations on work groups."""

    _lake: Lake

    def create_work_group(self, params: Parameters) -> Parameters:
        name = params["Name"]
        if name == PRIMARY or self._is_known(name):
            raise invalid("WorkGroup is already created")
        group: Parameters = {
            "Name": name,
            "State": "ENABLED",
            "Configuration": {**_DEFAULTS, **(params.get("Configuration") or {})},
            "CreationTime": datetime.now(UTC).timestamp(),
            "Description": params.get("Description", ""),
        }
        group["Configuration"]["EngineVersion"] = _ENGINE
        _put(self._lake, group)
        return {}

    def get_work_group(self, params: Parameters) -> Parameters:
        return {"WorkGroup": _shown(get(self._lake, params["WorkGroup"]))}

    def list_work_groups(self, params: Parameters) -> Parameters:
        rows = self._lake.database.query(
            "SELECT name FROM athena_record WHERE kind = ? ORDER BY name", (_KIND,)
        )
        names = sorted({PRIMARY, *(row[0] for row in rows)})
        groups = [_shown(get(self._lake, name)) for name in names]
        summary = ("Name", "State", "Description", "CreationTime", "EngineVersion")
        return {
            "WorkGroups": [
                {
                    **{key: group[key] for key in summary if key in group},
                    "EngineVersion": _ENGINE,
                }
                for group in groups
            ]
        }

    def update_work_group(self, params: Parameters) -> Parameters:
        group = get(self._lake, params["WorkGroup"])
        updates = dict(params.get("ConfigurationUpdates") or {})
        configuration = dict(group["Configuration"])
        result = dict(configuration.get("ResultConfiguration") or {})
        given = dict(updates.pop("ResultConfigurationUpdates", None) or {})
        for member in ("OutputLocation", "EncryptionConfiguration", "ExpectedBucketOwner"):
            if given.pop(f"Remove{member}", False):
                result.pop(member, None)
        result.update({k: v for k, v in given.items() if not k.startswith("Remove")})
        if updates.pop("RemoveBytesScannedCutoffPerQuery", False):
            configuration.pop("BytesScannedCutoffPerQuery", None)
        configuration.update(updates, ResultConfiguration=result, EngineVersion=_ENGINE)
        changed = {**group, "Configuration": configuration}
        for member in ("Description", "State"):
            if params.get(member) is not None:
                changed[member] = params[member]
        _put(self._lake, changed)
        return {}

    def delete_work_group(self, params: Parameters) -> Parameters:
        name = params["WorkGroup"]
        if name == PRIMARY:
            raise invalid("Primary WorkGroup can not be deleted.")
        get(self._lake, name)
        with self._lake.database.transaction() as transaction:
            transaction.execute(
                "DELETE FROM athena_record WHERE kind = ? AND name = ?", (_KIND, name)
            )
        return {}

    def _is_known(self, name: str) -> bool:
        sql = "SELECT 1 FROM athena_record WHERE kind = ? AND name = ?"
        return bool(self._lake.database.query(sql, (_KIND, name)))


def _shown(group: Parameters) -> dict[str, Any]:
    return {**group, "CreationTime": datetime.fromtimestamp(group["CreationTime"], UTC)}
