"""Numbers as people read them."""

import pytest

from lakelet.bench import units
from lakelet.errors import LakeletError


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "$0.00"),
        (1234.5, "$1,234.50"),
        (0.01, "$0.01"),
        (0.0098, "$0.0098"),
        (0.009999, "$0.01"),
        (0.00005, "$0.00005"),
    ],
)
def test_money_below_a_cent_keeps_two_digits(value: float, shown: str) -> None:
    assert units.money(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0 µs"), (0.00085, "850 µs"), (0.0123, "12.3 ms"), (0.99949, "999 ms"), (0.9996, "1 s")],
)
def test_times_keep_three_digits(value: float, shown: str) -> None:
    assert units.seconds(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (999_600, "1 MB"), (12_345_678, "12.3 MB")],
)
def test_bytes_are_shown_in_decimal_units(value: float, shown: str) -> None:
    assert units.size(value) == shown


@pytest.mark.parametrize(("rate", "count"), [("1,000/day", 30_000), (" 0.5/Hour ", 360)])
def test_a_rate_is_so_many_queries_in_thirty_days(rate: str, count: float) -> None:
    assert units.per_month(rate) == count


@pytest.mark.parametrize("rate", ["200", "./hour", "200/year", "-1/day"])
def test_what_is_no_rate_is_refused(rate: str) -> None:
    with pytest.raises(LakeletError, match="write 200/hour"):
        units.per_month(rate)
