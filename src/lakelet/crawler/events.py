"""CRAWL_EVENT_MODE: which folders S3 told a queue of since the last crawl.

A lake keeps no queues. What would lie in one follows from the bucket's notification configuration
and from when objects changed, so that is what is looked at.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from lakelet.crawler.listing import Listing, Parts
from lakelet.crawler.log import Log
from lakelet.model import Document, ObjectInfo

Told = Callable[[ObjectInfo], bool]
_CREATED = "s3:ObjectCreated:"


def changed(
    listing: Listing, notifications: Document | None, queue: str, since: datetime, log: Log
) -> list[Parts]:
    """The folders with an object that was made since a moment and that the queue was told of."""
    tests = list(_tests(notifications or {}, queue))
    if not tests:
        log.warn(f"the notifications of bucket {listing.bucket} do not go to {queue}")
    return [
        parts
        for parts, files in listing.folders.items()
        if any(_is_told(info, tests, since) for info in files)
    ]


def _is_told(info: ObjectInfo, tests: Sequence[Told], since: datetime) -> bool:
    # S3 tells when an object changed to the second.
    return info.last_modified >= since.replace(microsecond=0) and any(test(info) for test in tests)


def _tests(notifications: Document, queue: str) -> Iterator[Told]:
    """A test for each configuration that tells the queue of new objects: at once, or by a topic,
    whose subscribers nobody here knows."""
    own = [
        each
        for each in notifications.get("QueueConfigurations") or ()
        if each.get("QueueArn") == queue
    ]
    for each in (*own, *(notifications.get("TopicConfigurations") or ())):
        if any(event.startswith(_CREATED) for event in each.get("Events") or ()):
            yield _filter(each)


def _filter(configuration: Document) -> Told:
    rules = ((configuration.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()
    said = {rule["Name"].lower(): rule.get("Value") or "" for rule in rules}
    prefix, suffix = said.get("prefix", ""), said.get("suffix", "")
    return lambda info: info.key.startswith(prefix) and info.key.endswith(suffix)
