"""Capacity reservations as records: nothing here waits for capacity."""

from datetime import UTC, datetime
from operator import itemgetter
from typing import Final

from lakelet.lake import Lake
from lakelet.queries import documents
from lakelet.queries.documents import ASSIGNMENT, CAPACITY, TAGS
from lakelet.services import Parameters
from lakelet.services.athena import workgroups
from lakelet.services.athena.errors import invalid
from lakelet.services.athena.pages import page
from lakelet.services.athena.resources import arn, tag

_STEP: Final = 4
"""DPUs are reserved by fours."""


class CapacityReservations:
    """The operations on capacity reservations."""

    _lake: Lake

    def create_capacity_reservation(self, params: Parameters) -> Parameters:
        name = params["Name"]
        now = datetime.now(UTC).timestamp()
        with self._lake.database.transaction():
            if documents.kept(self._lake.database, CAPACITY, name) is not None:
                raise invalid(f"Capacity reservation {name} already exists")
            self._allocate({"Name": name, "CreationTime": now}, params["TargetDpus"])
            if params.get("Tags"):
                tag(self._lake, arn(self._lake, "capacity-reservation", name), params["Tags"])
        return {}

    def get_capacity_reservation(self, params: Parameters) -> Parameters:
        return {"CapacityReservation": _shown(self._reservation(params["Name"]))}

    def list_capacity_reservations(self, params: Parameters) -> Parameters:
        found = [
            _shown(document) for _, document in documents.listed(self._lake.database, CAPACITY)
        ]
        return page("CapacityReservations", found, params, key=itemgetter("Name"))

    def update_capacity_reservation(self, params: Parameters) -> Parameters:
        found = self._reservation(params["Name"])
        if found["Status"] != "ACTIVE":
            raise invalid(f"Capacity reservation {params['Name']} is {found['Status']}")
        self._allocate(found, params["TargetDpus"])
        return {}

    def cancel_capacity_reservation(self, params: Parameters) -> Parameters:
        found = self._reservation(params["Name"])
        ended = {**found, "Status": "CANCELLED", "AllocatedDpus": 0}
        documents.keep(self._lake.database, CAPACITY, params["Name"], ended)
        return {}

    def delete_capacity_reservation(self, params: Parameters) -> Parameters:
        name = params["Name"]
        if self._reservation(name)["Status"] != "CANCELLED":
            raise invalid(f"Capacity reservation {name} must be cancelled before it is deleted")
        documents.forget(self._lake.database, CAPACITY, name)
        documents.forget(self._lake.database, ASSIGNMENT, name)
        documents.forget(self._lake.database, TAGS, arn(self._lake, "capacity-reservation", name))
        return {}

    def put_capacity_assignment_configuration(self, params: Parameters) -> Parameters:
        name = params["CapacityReservationName"]
        self._reservation(name)
        for assignment in params["CapacityAssignments"]:
            for group in assignment.get("WorkGroupNames") or ():
                workgroups.get(self._lake, group)
        document = {
            "CapacityReservationName": name,
            "CapacityAssignments": params["CapacityAssignments"],
        }
        documents.keep(self._lake.database, ASSIGNMENT, name, document)
        return {}

    def get_capacity_assignment_configuration(self, params: Parameters) -> Parameters:
        name = params["CapacityReservationName"]
        self._reservation(name)
        none: Parameters = {"CapacityReservationName": name, "CapacityAssignments": []}
        found = documents.kept(self._lake.database, ASSIGNMENT, name) or none
        return {"CapacityAssignmentConfiguration": found}

    def _reservation(self, name: str) -> Parameters:
        found = documents.kept(self._lake.database, CAPACITY, name)
        if found is None:
            raise invalid(f"Capacity reservation {name} was not found")
        return found

    def _allocate(self, document: Parameters, dpus: int) -> None:
        if dpus % _STEP:
            raise invalid(f"TargetDpus must be a multiple of {_STEP}")
        now = datetime.now(UTC).timestamp()
        allocation = {"Status": "SUCCEEDED", "RequestTime": now, "RequestCompletionTime": now}
        changed = {
            **document,
            "Status": "ACTIVE",
            "TargetDpus": dpus,
            "AllocatedDpus": dpus,
            "LastAllocation": allocation,
            "LastSuccessfulAllocationTime": now,
        }
        documents.keep(self._lake.database, CAPACITY, document["Name"], changed)


def _shown(document: Parameters) -> Parameters:
    moments = ("CreationTime", "LastSuccessfulAllocationTime")
    allocation = document["LastAllocation"]
    return {
        **document,
        **{name: _moment(document[name]) for name in moments},
        "LastAllocation": {
            **allocation,
            "RequestTime": _moment(allocation["RequestTime"]),
            "RequestCompletionTime": _moment(allocation["RequestCompletionTime"]),
        },
    }


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
