"""Where a listing goes on: a token that says so by itself, so it outlives the process."""

import base64
import binascii
from typing import Any

import orjson

from lakelet.errors import InvalidInput


def token(after: Any) -> str:
    """The token of a place in a listing."""
    return base64.urlsafe_b64encode(orjson.dumps({"after": after})).decode()


def place(text: str | None, start: Any = "") -> Any:
    """What a token says, `start` for none. Raises InvalidInput for a text that is no token.

    A place is of the type of `start`.
    """
    if not text:
        return start
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text))["after"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("The NextToken is not valid.") from error
    if not isinstance(found, type(start)):
        raise InvalidInput("The NextToken is not valid.")
    return found
