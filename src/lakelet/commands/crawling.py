"""`lakelet crawl`: a crawler is run here and now."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakelet.commands import options
from lakelet.commands.options import open_lake, print_json
from lakelet.errors import LakeletError

if TYPE_CHECKING:
    from lakelet.crawler.log import Log
    from lakelet.lake import Lake


@click.command(name="crawl", short_help="Find the tables under an S3 path, or run a crawler.")
@click.argument("target")
@options.data
@click.option(
    "--database",
    default="default",
    show_default=True,
    help="Where tables go; made if it is not there.",
)
@click.option("--prefix", default="", help="Stands before the tables' names.")
@click.option("--explain", is_flag=True, help="Say what was done and why.")
@click.option("--last", is_flag=True, help="Only say what the crawler's last crawl did.")
@options.as_json
def command(
    target: str,
    data: Path,
    database: str,
    prefix: str,
    explain: bool,
    last: bool,
    as_json: bool,
) -> None:
    """Find the tables under s3://bucket/folder/, or run the crawler of a name."""
    with open_lake(data) as lake:
        if last:
            _print_lines(_last(lake, target), as_json)
            return
        log = run(lake, crawler(lake, target, database, prefix))
    if as_json:
        print_json({**counts(log), "log": log.lines})
        return
    if explain:
        _print_lines(log.lines, as_json)
    click.echo(", ".join(f"{count} {what}" for what, count in counts(log).items()))
    if log.warnings and not explain:
        click.echo(f"{log.warnings} warnings; --explain shows them", err=True)


def _print_lines(lines: list[str], as_json: bool) -> None:
    if as_json:
        print_json({"log": lines})
        return
    for line in lines:
        click.echo(line)


def _last(lake: "Lake", target: str) -> list[str]:
    """What the last crawl of a crawler, or of a path, did; raises LakeletError without one."""
    known = {each["Name"] for each in lake.catalog.crawlers.listed()}
    for name in (target, _name(target)):
        if name in known and "LastCrawl" in lake.catalog.crawlers.get(name):
            return lake.catalog.crawlers.log(name)
    raise LakeletError(f"{target} has not been crawled yet")


def _name(path: str) -> str:
    """Of the crawler of a path."""
    return f"lakelet crawl {path}"


def crawler(lake: "Lake", target: str, database: str, prefix: str) -> str:
    """The name of the crawler that a name or an S3 path stands for; a path's is made or changed.

    Raises LakeletError.
    """
    crawlers = lake.catalog.crawlers
    known = {each["Name"] for each in crawlers.listed()}
    if target in known:
        return target
    if not target.startswith("s3://"):
        raise LakeletError(f"{target} is no crawler and no S3 path; write s3://bucket/folder/")
    name = _name(target)
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


def run(lake: "Lake", name: str) -> "Log":
    """Raises LakeletError when the crawl fails."""
    from rich.console import Console

    with Console(stderr=True).status(f"Crawling by {name}"):
        log = lake.crawlers.run(name)
    last = lake.catalog.crawlers.get(name).get("LastCrawl") or {}
    if last.get("Status") == "FAILED":
        reason = last.get("ErrorMessage") or "the crawl failed"
        raise LakeletError(f"{name}: {reason}")
    return log


def counts(log: "Log") -> dict[str, int]:
    """Of tables, and of partitions that were added."""
    return {
        "created": log.created,
        "updated": log.updated,
        "deleted": log.deleted,
        "partitions": log.partitions,
    }
