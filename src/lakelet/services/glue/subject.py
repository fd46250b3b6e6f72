"""What the operations of every subject have: the lake, its catalogue, pages and batches."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lakelet.catalog.catalog import GlueCatalog
from lakelet.catalog.pages import place, token
from lakelet.errors import NotFound
from lakelet.lake import Lake
from lakelet.model import Document
from lakelet.services import Parameters


class Subject:
    """Some of Glue's operations."""

    _lake: Lake

    def _catalog(self, params: Parameters) -> GlueCatalog:
        """The catalogue that a request is about. Raises NotFound for one that is not there."""
        return self._lake.catalog.inner(params.get("CatalogId") or "")


def paged(
    params: Parameters,
    member: str,
    listed: Callable[[str, int], Sequence[Document]],
    name: Callable[[Document], str],
    most: int = 100,
) -> Document:
    """A page of what is listed after a name, and the token that goes on.

    `listed` takes the name to begin after and how many are wanted.
    """
    limit = min(params.get("MaxResults") or most, most)
    found = listed(place(member, params.get("NextToken")), limit + 1)
    page: dict[str, Any] = {member: list(found[:limit])}
    if len(found) > limit:
        page["NextToken"] = token(member, name(found[limit - 1]))
    return page


def cut(params: Parameters, member: str, found: Sequence[Any], most: int = 100) -> Document:
    """A page of a short list that is all there, and the token that goes on."""
    limit = min(params.get("MaxResults") or most, most)
    start = place(member, params.get("NextToken"), 0)
    page: dict[str, Any] = {member: list(found[start : start + limit])}
    if len(found) > start + limit:
        page["NextToken"] = token(member, start + limit)
    return page


def batch(get: Callable[[str], Document], names: Iterable[str]) -> tuple[list[Document], list[str]]:
    """What there is of the names, and the names of which there is nothing."""
    found, missing = [], []
    for name in names:
        try:
            found.append(get(name))
        except NotFound:
            missing.append(name)
    return found, missing
