"""Where a listing goes on: a token that says so by itself, so it outlives the process."""

import base64
import binascii
from typing import Any

import orjson

from lakelet.errors import InvalidInput


def token(listing: str, after: Any) -> str:
    """The token of a place in a listing of that name."""
    return base64.urlsafe_b64encode(orjson.dumps({"of": listing, "after": after})).decode()


def place(listing: str, text: str | None, start: Any = "") -> Any:
    """What a listing's token says, `start` for none.

    A place is of the type of `start`. Raises InvalidInput for a text that is no token of it.
    """
    if not text:
        return start
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text))
        listed, after = found["of"], found["after"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("The NextToken is not valid.") from error
    if listed != listing or not isinstance(after, type(start)):
        raise InvalidInput("The NextToken is not valid.")
    return after
