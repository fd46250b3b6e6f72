"""Pages of lists: a token is opaque, and says of which list it is and after what the next page
begins, so that nothing is told twice or left out when the list grows in between.
"""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import orjson

from lakelet.services import Parameters
from lakelet.services.athena.errors import invalid

PAGE = 50


def page(
    member: str,
    found: Sequence[Any],
    params: Parameters,
    *,
    key: Callable[[Any], str] = str,
    default: int = PAGE,
) -> Parameters:
    """The asked page of a list in the order of its keys, under the name of its member.

    Raises AwsError for a token of another list, or none at all.
    """
    given, limit = params.get("NextToken"), params.get("MaxResults") or default
    after = None if given is None else place(member, given)
    start = 0 if after is None else bisect_right(found, after, key=key)
    answer: Parameters = {member: list(found[start : start + limit])}
    if start + limit < len(found):
        answer["NextToken"] = token(member, key(found[start + limit - 1]))
    return answer


def token(listing: str, after: Any) -> str:
    """The token of a place in a listing of that name."""
    said = orjson.dumps(after)
    return base64.b64encode(_sum(listing, said) + said).decode()


def place(listing: str, given: str, refusal: str = "The nextPageToken is malformed:") -> Any:
    """Where the asked page begins; raises AwsError for a token that no page of a listing gave."""
    try:
        found = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid(f"{refusal} {given}") from error
    said = found[_SUM:]
    if _sum(listing, said) != found[:_SUM]:
        raise invalid(f"{refusal} {given}")
    return orjson.loads(said)


_SUM = 9


def _sum(listing: str, said: bytes) -> bytes:
    return sha256(b"%b:%b" % (listing.encode(), said)).digest()[:_SUM]
