"""What a terminal shows of a report."""

import io

from rich.console import Console

from lakelet.bench import tables
from lakelet.bench.report import Made, Measured, Report


def report(layouts: int, *, unmade: int = 0) -> Report:
    """Layouts of which each is slower and cheaper than the one before."""
    made = tuple(
        Made(f"layout {i}", f"layout {i}", size=i, statements=("CTAS",)) for i in range(layouts)
    )
    failed = tuple(Made(f"lost {i}", f"lost {i}", failure="no such codec") for i in range(unmade))
    measured = tuple(
        Measured("q", each.name, (0.001 * (i + 1),) * 3, scanned=10**9 - i, files=2, row_groups=7)
        for i, each in enumerate(made)
    )
    return Report(
        "s", "e", "t", "m", {}, 5.0, 1, 3, {"q": "SELECT 1"}, made + failed, measured, complete=True
    )


def shown(found: Report) -> str:
    console = Console(width=150, file=io.StringIO())
    for table in tables.drawn(found):
        console.print(table)
    console.print(tables.costs(found, "200/hour"))
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def test_a_few_layouts_are_all_shown() -> None:
    text = shown(report(3))
    assert all(text.count(f"layout {i} ") >= 3 for i in range(3))
    assert "The best layouts" in text


def test_of_many_layouts_the_best_are_shown() -> None:
    text = shown(report(100))
    assert "q: the 10 fastest of 100" in text
    assert "Layouts: the 10 smallest of 100" in text
    assert "the 10 cheapest layouts of 100" in " ".join(text.split())
    assert "layout 50 " not in text
    best = text.split("The best layouts")[1].split("A month")[0]
    assert "layout 0 " in best
    assert "layout 99 " in best
    assert len(text.splitlines()) < 70


def test_one_reason_names_a_few_of_the_layouts_that_it_stopped() -> None:
    text = shown(report(2, unmade=30))
    assert "lost 0; lost 1; lost 2; lost 3 and 26 more: no such codec" in text


def test_row_groups_stand_beside_files() -> None:
    assert "│     2 │      7 │" in shown(report(1))
