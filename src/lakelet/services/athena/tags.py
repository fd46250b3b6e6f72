"""Tags of work groups, data catalogs and capacity reservations, by their ARNs."""

import re
from collections.abc import Callable, Mapping
from operator import itemgetter

from lakelet.errors import AwsError
from lakelet.lake import Lake
from lakelet.queries import documents
from lakelet.queries.documents import TAGS
from lakelet.services import Parameters
from lakelet.services.athena import catalogs, workgroups
from lakelet.services.athena.pages import page
from lakelet.services.athena.resources import arn, tag

_ARN = re.compile(
    r"arn:aws[\w-]*:athena:[\w-]*:\d*:(workgroup|datacatalog|capacity-reservation)/(.+)"
)


class Tags:
    """The operations on tags."""

    _lake: Lake

    def tag_resource(self, params: Parameters) -> Parameters:
        tag(self._lake, self._resource(params), params["Tags"])
        return {}

    def untag_resource(self, params: Parameters) -> Parameters:
        resource = self._resource(params)
        known = documents.kept(self._lake.database, TAGS, resource) or {}
        left = {key: value for key, value in known.items() if key not in params["TagKeys"]}
        documents.keep(self._lake.database, TAGS, resource, left)
        return {}

    def list_tags_for_resource(self, params: Parameters) -> Parameters:
        known = documents.kept(self._lake.database, TAGS, self._resource(params)) or {}
        found = [{"Key": key, "Value": value} for key, value in sorted(known.items())]
        return page("Tags", found, params, key=itemgetter("Key"), default=75)

    def _resource(self, params: Parameters) -> str:
        """The ARN of a resource that is there. Raises AwsError."""
        resource: str = params["ResourceARN"]
        found = _ARN.fullmatch(resource)
        if found is None or not _IS_THERE[found[1]](self._lake, found[2]):
            raise AwsError(
                "ResourceNotFoundException",
                f"Resource {resource} was not found",
                400,
                {"ResourceName": resource},
            )
        return arn(self._lake, found[1], found[2])


_IS_THERE: Mapping[str, Callable[[Lake, str], bool]] = {
    "workgroup": workgroups.is_known,
    "datacatalog": catalogs.is_known,
    "capacity-reservation": lambda lake, name: (
        documents.kept(lake.database, documents.CAPACITY, name) is not None
    ),
}
