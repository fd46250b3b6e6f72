"""Crawls of a lake that tests look into."""

from typing import Any

from lakelet.lake import Lake
from lakelet.model import Document

BUCKET = "crawled"


def crawl(lake: Lake, files: dict[str, bytes], **settings: Any) -> list[str]:
    """Puts the files and crawls; what the crawl says of itself."""
    for key, data in files.items():
        lake.storage.write(BUCKET, key, data)
    known = {each["Name"] for each in lake.catalog.crawlers.listed()}
    if not files and "c" in known:
        settings.setdefault("path", _target(lake))
    path = settings.pop("path", None) or _above(files)
    given = {
        "Name": "c",
        "Role": "r",
        "DatabaseName": "db",
        "Targets": {"S3Targets": [{"Path": path, **settings.pop("target", {})}]},
        **settings,
    }
    if "c" in known:
        lake.catalog.crawlers.update("c", given)
    else:
        lake.catalog.crawlers.create(given)
    return lake.crawlers.run("c").lines


def _target(lake: Lake) -> str:
    targets = lake.catalog.crawlers.get("c")["Targets"].get("S3Targets")
    return str(targets[0]["Path"]) if targets else f"s3://{BUCKET}/"


def _above(files: dict[str, bytes]) -> str:
    """The folder that all files lie in if it has one below the bucket, else the bucket."""
    tops = {key.partition("/")[0] for key in files if "/" in key}
    inside = len(tops) == 1 and all("/" in key for key in files)
    return f"s3://{BUCKET}/{tops.pop()}/" if inside else f"s3://{BUCKET}/"


def last(lake: Lake) -> Document:
    """How the last crawl ended."""
    found: Document = lake.catalog.crawlers.get("c")["LastCrawl"]
    return found


def table(lake: Lake, name: str) -> Document:
    return lake.catalog.tables.get("db", name)


def columns(lake: Lake, name: str) -> list[tuple[str, str]]:
    return [(c["Name"], c["Type"]) for c in table(lake, name)["StorageDescriptor"]["Columns"]]
