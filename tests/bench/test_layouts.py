"""What layouts are called."""

import pytest

from lakelet.bench.layouts import Layout, matrix


@pytest.mark.parametrize(
    ("layout", "name"),
    [
        (Layout(), "parquet"),
        (Layout("ORC", "ZSTD", ("a", "b")), "orc, zstd, by a b"),
        (Layout(bucketed_by=("k",), buckets=1), "parquet, 1 bucket of k"),
        (Layout(bucketed_by=("k", "l"), buckets=8), "parquet, 8 buckets of k l"),
        (Layout(sorted_by=("k",), files=3), "parquet, sorted k, 3 files"),
        (Layout(file_size=16_000_000), "parquet, files of 16MB"),
        (Layout(file_size=1_500_000_000), "parquet, files of 1.5GB"),
        (Layout(file_size=500), "parquet, files of 0.5KB"),
        (Layout(fraction=0.25), "parquet, 0.25 of the rows"),
        (Layout(table_type="ICEBERG", format="AVRO"), "iceberg, avro"),
    ],
)
def test_a_layout_is_called_by_what_differs_from_the_plainest(layout: Layout, name: str) -> None:
    assert layout.name == name


def test_every_combination_has_a_name_of_its_own() -> None:
    axes = {
        "table_type": ["HIVE", "ICEBERG"],
        "format": ["PARQUET", "ORC"],
        "compression": ["ZSTD", "GZIP"],
        "partitioned_by": [[], ["a"], ["a", "b"], ["a_b"]],
        "bucketed_by": [["k"], ["l"]],
        "buckets": [1, 2],
        "sorted_by": [[], ["a"]],
        "files": [1, 2],
        "fraction": [0.1, 1],
    }
    found = matrix(axes)
    assert len({layout.name for layout in found}) == len(found) == 2**8 * 4
