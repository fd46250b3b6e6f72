"""What counts as changed between two reports."""

from dataclasses import replace

import pytest

from lakelet.bench.comparing import changes
from lakelet.bench.report import Engine, Measured, Report

OLD = Measured("q", "e", "l", (1.0, 1.1, 1.2, 1.1, 1.0), scanned=1000)


def report(*measured: Measured) -> Report:
    return Report("s", (Engine("e"),), "t", "m", {}, 5.0, 1, 5, {"q": ""}, measured=measured)


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
    (found,) = changes(report(OLD), report(new))
    assert found.verdict == verdict
    assert found.matters == (verdict != "same")


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
    assert {i for i, each in enumerate(found) if each.matters} == changed


def test_bytes_that_differ_are_told() -> None:
    (little,) = changes(report(OLD), report(replace(OLD, scanned=1020)))
    (much,) = changes(report(OLD), report(replace(OLD, scanned=1200)))
    assert little.scanned is None
    assert much.scanned == (1000, 1200)


def test_what_was_not_there_is_new_and_what_was_mended_works() -> None:
    (new,) = changes(report(), report(OLD))
    (mended,) = changes(report(replace(OLD, seconds=(), failure="no")), report(OLD))
    assert (new.verdict, mended.verdict) == ("new", "works now")
