"""What a terminal shows of a report."""

import io

from rich.console import Console

from lakelet.bench import tables
from lakelet.bench.report import Engine, Made, Measured, Report


def report(layouts: int, *, unmade: int = 0) -> Report:
    """Layouts of which each is slower and cheaper than the one before."""
    made = tuple(
        Made("e", f"layout {i}", f"layout {i}", size=i, statements=("CTAS",))
        for i in range(layouts)
    )
    failed = tuple(
        Made("e", f"lost {i}", f"lost {i}", failure="no such codec") for i in range(unmade)
    )
    measured = tuple(
        Measured("q", *each.place, (0.001 * (i + 1),) * 3, scanned=10**9 - i, files=2, row_groups=7)
        for i, each in enumerate(made)
    )
    return Report(
        "s",
        (Engine("e"),),
        "t",
        "m",
        {},
        5.0,
        1,
        3,
        {"q": "SELECT 1"},
        made + failed,
        measured,
        complete=True,
    )


def shown(found: Report, width: int = 150) -> str:
    console = Console(width=width, file=io.StringIO())
    for table in tables.drawn(found, console.width):
        console.print(table)
    console.print(tables.costs(found, "200/hour"))
    console.print(tables.answer(found) or "")
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def test_a_few_layouts_are_all_shown() -> None:
    text = shown(report(3))
    assert all(text.count(f"layout {i} ") >= 3 for i in range(3))
    assert "Fastest      layout 0" in text
    assert "2 × as fast as the next (layout 1)" in text


def test_of_many_layouts_the_best_are_shown() -> None:
    text = shown(report(100))
    assert "q: the 10 fastest of 100" in text
    assert "Layouts: the 10 smallest of 100" in text
    assert "the 10 cheapest layouts of 100" in " ".join(text.split())
    assert "layout 50 " not in text
    best = " ".join(text.split("Fastest")[1].split())
    assert best.startswith("layout 0 2 × as fast as the next (layout 1)")
    assert "Scans least layout 99 1 GB for a run: hardly less than the next (layout 98)." in best
    assert len(text.splitlines()) < 70


def test_one_reason_names_a_few_of_the_layouts_that_it_stopped() -> None:
    text = shown(report(2, unmade=30))
    assert "lost 0; lost 1; lost 2; lost 3 and 26 more: no such codec" in text


def test_row_groups_stand_beside_files_where_there_is_room() -> None:
    wide = " ".join(shown(report(1)).split())
    assert "files groups memory" in wide
    assert "1 GB 2 7" in wide
    narrow = shown(report(1), width=80)
    assert "groups" not in narrow
    assert max(map(len, narrow.splitlines())) <= 80
