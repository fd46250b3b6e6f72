"""A crawler's settings, read once: targets, policies and the JSON of `Configuration`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from lakelet.errors import InvalidInput, Unsupported
from lakelet.model import Document
from lakelet.schedules.cron import parsed
from lakelet.storage.keys import place

FOLDERS = ("S3Targets", "IcebergTargets", "DeltaTargets", "JdbcTargets")
"""Targets whose tables a crawler makes."""

_OTHERS = ("MongoDBTargets", "DynamoDBTargets", "HudiTargets")


@dataclass(frozen=True, slots=True)
class Configuration:
    """`combines` makes one table of a path whatever the schemas' similarity; `level` is the depth
    of tables, 1 for the bucket; `threshold` is how many tables may be found."""

    merges_columns: bool = False
    inherits: bool = False
    combines: bool = False
    level: int | None = None
    threshold: int | None = None
    indexes: bool = False


def configuration(text: str | None) -> Configuration:
    """The JSON of a crawler. Raises InvalidInput."""
    if not text:
        return Configuration()
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"Invalid crawler configuration: {error}") from error
    version = _member(given, "Version")
    if version not in (1, 1.0):
        raise InvalidInput("Invalid crawler configuration: Version must be 1.0")
    tables, partitions = (
        _member(given, "CrawlerOutput", name) for name in ("Tables", "Partitions")
    )
    grouping = _member(given, "Grouping")
    tables_behaviour = _member(tables, "AddOrUpdateBehavior")
    partitions_behaviour = _member(partitions, "AddOrUpdateBehavior")
    policy = _member(grouping, "TableGroupingPolicy")
    _check("Tables.AddOrUpdateBehavior", tables_behaviour, "MergeNewColumns")
    _check("Partitions.AddOrUpdateBehavior", partitions_behaviour, "InheritFromTable")
    _check("TableGroupingPolicy", policy, "CombineCompatibleSchemas")
    return Configuration(
        merges_columns=tables_behaviour is not None,
        inherits=partitions_behaviour is not None,
        combines=policy is not None,
        level=_number(grouping, "TableLevelConfiguration"),
        threshold=_number(tables, "TableThreshold"),
        indexes=_member(given, "CreatePartitionIndex") is True,
    )


def check(settings: Document) -> None:
    """What the members of a crawler must be. Raises InvalidInput."""
    found = configuration(settings.get("Configuration"))
    if isinstance(settings.get("Schedule"), str) and settings["Schedule"]:
        parsed(settings["Schedule"])
    recrawl = behaviour(settings)
    policy = settings.get("SchemaChangePolicy") or {}
    if recrawl != "CRAWL_EVERYTHING" and {
        policy.get("UpdateBehavior", "LOG"),
        policy.get("DeleteBehavior", "LOG"),
    } != {"LOG"}:
        raise InvalidInput(
            f"The SchemaChangePolicy for a crawler with the recrawl behavior {recrawl} can only"
            " have LOG update behavior and LOG delete behavior."
        )
    targets = settings.get("Targets") or {}
    if targets.get("CatalogTargets") and (policy.get("DeleteBehavior") != "LOG" or found.combines):
        raise InvalidInput(
            "The SchemaChangePolicy for a crawler with catalog targets can only have LOG delete"
            " behavior, and no grouping."
        )
    for each in targets.get("JdbcTargets") or ():
        if not each.get("ConnectionName"):
            raise InvalidInput("A JDBC target needs the name of a connection.")
    for each in targets.get("S3Targets") or ():
        if recrawl == "CRAWL_EVENT_MODE" and not each.get("EventQueueArn"):
            raise InvalidInput("An event queue is needed for a crawler in event mode.")


def check_available(settings: Document) -> None:
    """Raises Unsupported for what a lake can't crawl."""
    targets = settings.get("Targets") or {}
    for name in _OTHERS:
        if targets.get(name):
            raise Unsupported(f"{name} are not available in lakelet: crawl S3 instead")


def behaviour(settings: Document) -> str:
    """RecrawlBehavior."""
    found: str = (settings.get("RecrawlPolicy") or {}).get("RecrawlBehavior") or "CRAWL_EVERYTHING"
    return found


def split(path: str) -> tuple[str, str]:
    """The bucket and the folder of an S3 path, without a slash at its end. Raises InvalidInput."""
    found = place(path)
    if found is None:
        raise InvalidInput(f"{path} is no S3 path")
    return found[0], found[1].rstrip("/")


def targets(settings: Document, name: str) -> Sequence[Document]:
    """A crawler's targets of a kind (`S3Targets`)."""
    return (settings.get("Targets") or {}).get(name) or ()


def _member(given: Any, *names: str) -> Any:
    for name in names:
        if given is not None and not isinstance(given, dict):
            raise InvalidInput(f"Invalid crawler configuration: {name} is in no object")
        given = (given or {}).get(name)
    return given


def _number(given: Any, name: str) -> int | None:
    found = _member(given, name)
    if found is not None and (not isinstance(found, int) or isinstance(found, bool) or found < 1):
        raise InvalidInput(f"Invalid crawler configuration: {name} must be a positive number")
    return found


def _check(name: str, found: Any, allowed: str) -> None:
    if found not in (None, allowed):
        raise InvalidInput(f"Invalid crawler configuration: {name} can only be {allowed}")
