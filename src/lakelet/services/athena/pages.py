"""Pages of lists: a token is opaque and says where the next page begins."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from lakelet.services import Parameters
from lakelet.services.athena.errors import invalid

PAGE = 50


def page(
    member: str, found: Sequence[Any], params: Parameters, *, default: int = PAGE
) -> Parameters:
    """The asked page of a list, under the name of its member."""
    start, limit = position(params), params.get("MaxResults") or default
    answer: Parameters = {member: list(found[start : start + limit])}
    if start + limit < len(found):
        answer["NextToken"] = token(start + limit)
    return answer


def position(params: Parameters) -> int:
    """Where the asked page begins; raises AwsError for a token that no page gave."""
    given = params.get("NextToken")
    if given is None:
        return 0
    try:
        return int(base64.b64decode(given, validate=True).decode().removeprefix(_MARK))
    except (binascii.Error, ValueError) as error:
        raise invalid(f"The nextPageToken is malformed: {given}") from error


_MARK = "from "


def token(start: int) -> str:
    return base64.b64encode(f"{_MARK}{start}".encode()).decode()
