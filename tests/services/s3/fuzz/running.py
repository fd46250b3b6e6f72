"""Sequences against both servers; a difference is made as short as it can be."""

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from tests.services.s3.fuzz.comparing import Shown, comparable
from tests.services.s3.fuzz.making import Making
from tests.services.s3.fuzz.quirks import reason
from tests.services.s3.fuzz.sending import Answer, Ask, Server

_REMEMBERED = re.compile(rb"<UploadId>([^<]*)</UploadId>|<ETag>([^<]*)</ETag>")
_PAGES = 200


@dataclass(frozen=True)
class Difference:
    """A request that is answered in two ways, and those before it that it takes."""

    before: tuple[Ask, ...]
    ask: Ask
    ours: Shown
    theirs: Shown


Why = Callable[[Ask, Shown, Shown], str | None]
"""Why two answers may differ; None if they may not."""


def made(seed: int, length: int = 40) -> list[Ask]:
    """The requests of a seed."""
    return list(Making(seed).sequence(length))


def differences(
    ours: Server, theirs: Server, asks: Sequence[Ask], why: Why = reason
) -> list[Difference]:
    """Every request of a sequence that is answered in two ways for no reason.

    A key that the two do not hold alike from then on is left alone.
    """
    _begin(ours, theirs)
    found = []
    for index, ask in enumerate(asks):
        told = [_asked(server, ask) for server in (ours, theirs)]
        if told[0] != told[1] and why(ask, *told) is None:
            found.append(Difference(tuple(asks[:index]), ask, *told))
        if told[0] != told[1] and ask.method not in ("GET", "HEAD"):
            break  # what follows could differ for this
    return found


def shortest(ours: Server, theirs: Server, found: Difference) -> Difference:
    """A difference with the fewest requests before it."""
    asks, index = list(found.before), 0
    while index < len(asks):
        fewer = asks[:index] + asks[index + 1 :]
        again = _last(ours, theirs, [*fewer, found.ask])
        if again is not None and again.ours["status"] == found.ours["status"]:
            asks, found = fewer, again
        else:
            index += 1
    return replace(found, before=tuple(asks))


def _last(ours: Server, theirs: Server, asks: Sequence[Ask]) -> Difference | None:
    every = differences(ours, theirs, asks)
    return every[-1] if every and len(every[-1].before) == len(asks) - 1 else None


def _begin(*servers: Server) -> None:
    for server in servers:
        server.known = {"bucket": f"b-{uuid.uuid4().hex}"}
        assert server.send(Ask("PUT")).status == 200


def _asked(server: Server, ask: Ask) -> Shown:
    if ask.pages:
        return {"status": 200, "pages": _walked(server, ask)}
    answer = server.send(ask)
    _remember(server, ask, answer)
    return comparable(server, ask, answer)


def _remember(server: Server, ask: Ask, answer: Answer) -> None:
    if not ask.remember:
        return
    in_body = _REMEMBERED.search(answer.body)
    value = answer.headers.get("etag") or (in_body and (in_body[1] or in_body[2] or b"").decode())
    server.known[ask.remember] = (value or "").replace("&#34;", '"').replace("&quot;", '"')


def _walked(server: Server, ask: Ask) -> list[str]:
    """What all pages of a list hold, joined: MinIO may add a page that is empty."""
    found: list[str] = []
    query = list(ask.query)
    for _ in range(_PAGES):
        answer = server.send(replace(ask, query=tuple(query)))
        if answer.status != 200:
            return [*found, f"status {answer.status}"]
        root = ElementTree.fromstring(answer.body)
        for node in root.iter():
            node.tag = node.tag.rpartition("}")[2]
        page = [node.findtext("Key") or "" for node in root.iter("Contents")]
        page += [node.findtext("Prefix") or "" for node in root.iter("CommonPrefixes")]
        found += sorted(page)
        if root.findtext("IsTruncated") != "true":
            return found
        name, after = _next(ask, root, page)
        query = [*ask.query, (name, after)]
    return [*found, "no end"]


def _next(ask: Ask, root: ElementTree.Element, page: list[str]) -> tuple[str, str]:
    if ask.pages == "2":
        return "continuation-token", root.findtext("NextContinuationToken") or ""
    after = root.findtext("NextMarker") or max(page, default="")
    return "marker", unquote_plus(after) if ("encoding-type", "url") in ask.query else after
