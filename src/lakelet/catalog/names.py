"""Glue's rules for names: folded to lower case, 1 to 255 characters, no control characters."""

from lakelet.errors import InvalidInput

MAX_NAME = 255


def folded(name: str, what: str) -> str:
    """A name as the catalogue keeps it; raises InvalidInput."""
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidInput(f"{what} name {name!r} is not valid", subject=name)
    return name.lower()
