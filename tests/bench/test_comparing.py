"""What counts as changed between two reports."""

from dataclasses import replace

import pytest

from lakelet.bench.answers import compared
from lakelet.bench.comparing import Change, compare
from lakelet.bench.report import Engine, Measured, Report

OLD = Measured("q", "e", "l", (1.0, 1.1, 1.2, 1.1, 1.0), scanned=1000)


def report(*measured: Measured) -> Report:
    return Report("s", (Engine("e"),), "t", "m", {}, 5.0, 1, 5, {"q": ""}, measured=measured)


def changes(old: Report, new: Report) -> tuple[Change, ...]:
    return compare(old, new, "old.json").changes


@pytest.mark.parametrize(
    ("new", "verdict"),
    [
        (replace(OLD, seconds=(1.05, 1.15, 1.2, 1.3, 1.2)), "same"),
        (replace(OLD, seconds=(1.4, 1.5, 1.4, 1.6, 1.1)), "slower"),
        (replace(OLD, seconds=(0.5, 0.6, 0.5, 0.6, 1.0)), "faster"),
        (replace(OLD, seconds=(), failure="no"), "fails now"),
    ],
)
def test_a_change_must_stand_out_of_the_noise(new: Measured, verdict: str) -> None:
    assert [each.verdict for each in changes(report(OLD), report(new))] == [verdict][
        : verdict != "same"
    ]


@pytest.mark.parametrize(("ratios", "changed"), [
    ((0.5, 2.1, 0.6, 1.9, 1.0, 0.8, 1.3, 0.7, 1.6, 2.4), set()),  # what others' work makes of it
    ((1.0, 1.01, 0.99, 1.02, 1.0, 0.98, 1.01, 1.0, 0.99, 2.4), {9}),
    ((2.0,) * 10, set(range(10))),  # all of it is slower
])  # fmt: skip
def test_a_change_must_stand_out_of_the_other_queries_noise(
    ratios: tuple[float, ...], changed: set[int]
) -> None:
    old = [replace(OLD, query=f"q{i}", seconds=(1.0, 1.01, 1.02)) for i in range(len(ratios))]
    new = [
        replace(each, seconds=tuple(ratio * one for one in each.seconds))
        for each, ratio in zip(old, ratios, strict=True)
    ]
    found = changes(report(*old), report(*new))
    assert {int(each.query[1:]) for each in found} == changed


def test_bytes_that_differ_are_told() -> None:
    assert not changes(report(OLD), report(replace(OLD, scanned=1020)))
    (much,) = changes(report(OLD), report(replace(OLD, scanned=1200)))
    assert much.scanned == (1000, 1200)


def test_what_was_not_there_is_new_and_what_was_mended_works() -> None:
    (new,) = changes(report(), report(OLD))
    (mended,) = changes(report(replace(OLD, seconds=(), failure="no")), report(OLD))
    assert (new.verdict, mended.verdict) == ("new", "works now")


def test_what_only_waited_for_a_processor_has_not_changed() -> None:
    """Others held the processors for half of the time."""
    stood = replace(OLD, stretches=(1.0,) * 5)
    twice = tuple(2 * each for each in OLD.seconds)
    assert not changes(report(stood), report(replace(stood, seconds=twice, stretches=(2.0,) * 5)))
    (found,) = changes(report(stood), report(replace(stood, seconds=twice)))
    assert (found.verdict, found.ratio) == ("slower", 2.0)


def test_runs_that_lie_far_apart_make_a_wide_noise() -> None:
    """Of any query of the reports."""
    wild = replace(OLD, query="w", seconds=(1.0, 1.0, 9.0, 1.0, 1.0))
    slow = replace(OLD, seconds=(2.0, 2.1, 2.2, 2.1, 2.0))
    assert [each.verdict for each in changes(report(OLD), report(slow))] == ["slower"]
    assert not changes(report(OLD, wild), report(slow, wild))


def test_single_runs_tell_nothing_of_times() -> None:
    once = replace(OLD, seconds=(1.0,))
    found = compare(report(once), report(replace(once, seconds=(9.0,), scanned=2000)), "old.json")
    assert found.noise is None
    assert [(each.verdict, each.scanned) for each in found.changes] == [("same", (1000, 2000))]


def test_another_machine_is_told() -> None:
    old = replace(report(OLD), versions={"duckdb": "1"})
    new = replace(report(OLD), machine="n", versions={"duckdb": "2", "new": "3"})
    found = compare(old, new, "old.json")
    assert found.conditions == ("m → n", "duckdb 1 → 2", "new unknown → 3")
    assert "elsewhere: m → n, duckdb 1 → 2, new unknown → 3." in " ".join(compared(found))


def test_a_query_that_was_written_anew_is_told() -> None:
    new = replace(report(OLD), queries={"q": "SELECT 1", "other": "SELECT 2"})
    found = compare(report(OLD), new, "old.json")
    assert "These queries had another text then: q." in list(compared(found))
    assert len(list(compared(compare(new, new, "old.json")))) == 1
