"""`lakelet crawl`: a crawler is run here and now."""

from lakelet.crawler.log import Log
from lakelet.errors import LakeletError
from lakelet.lake import Lake


def crawler(lake: Lake, target: str, database: str, prefix: str) -> str:
    """The name of the crawler that a name or an S3 path stands for; a path's is made or changed.

    Raises LakeletError.
    """
    crawlers = lake.catalog.crawlers
    known = {each["Name"] for each in crawlers.listed()}
    if target in known:
        return target
    if not target.startswith("s3://"):
        raise LakeletError(f"{target} is no crawler and no S3 path; write s3://bucket/folder/")
    name = f"lakelet crawl {target}"
    settings = {
        "Name": name,
        "Role": "lakelet",
        "DatabaseName": database,
        "TablePrefix": prefix,
        "Targets": {"S3Targets": [{"Path": target}]},
    }
    if name in known:
        crawlers.update(name, settings)
    else:
        crawlers.create(settings)
    return name


def run(lake: Lake, name: str) -> Log:
    """Raises LakeletError when the crawl fails."""
    from rich.console import Console

    with Console(stderr=True).status(f"Crawling by {name}"):
        log = lake.crawlers.run(name)
    last = lake.catalog.crawlers.get(name).get("LastCrawl") or {}
    if last.get("Status") == "FAILED":
        raise LakeletError(last.get("ErrorMessage") or "the crawl failed")
    return log


def counts(log: Log) -> dict[str, int]:
    """Of tables, and of partitions that were added."""
    return {
        "created": log.created,
        "updated": log.updated,
        "deleted": log.deleted,
        "partitions": log.partitions,
    }
