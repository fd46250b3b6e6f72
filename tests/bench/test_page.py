"""The page of a report in a real browser: what a reader sees, on any screen, whatever the names."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FloatRect, Locator, Page

from lakelet.bench import page as pages
from lakelet.bench.comparing import Change, Comparison
from lakelet.bench.report import Engine, Made, Measured, Report
from lakelet.engines.explaining.profile import Operator
from tests.bench import chromium

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HOSTILE = (
    "<script>window.harmed = 1</script>",
    "\"><img src=x onerror='window.harmed = 1'>",
    "</style></title><b id=harm>",
    "javascript:window.harmed=1",
    "طلبات الأسبوع الماضي",
    "long" * 200,
)
LAYOUTS = ("parquet, zstd", "orc, zlib", "textfile, gzip", "json")
ENGINES = (Engine("DuckDB"), Engine("trino://far:8080/hive", "it does not answer. Start one"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        program = chromium.found()
    except chromium.NoBrowserError as reason:
        pytest.skip(f"no Chromium: {reason}")
    with chromium.running(program) as running:
        yield running


def measured(query: str, made: Made, number: int) -> Measured:
    """Each layout is twice as slow as the one before it, and scans ten times as much."""
    if made.failure is not None:
        return Measured(query, *made.place, failure=made.failure)
    seconds = tuple(0.01 * 2**number * made.fraction * each for each in (1.0, 1.01, 1.03, 0.99))
    return Measured(
        query,
        *made.place,
        seconds,
        {"planning": seconds[0] / 4, "execution": seconds[0] / 2, "delivery": seconds[0] / 4},
        int(10 ** (6 + number) * made.fraction),
        rows=7,
        files=3 + number,
        memory=100_000 * (9 - number),
        operators=Operator(
            "Sort",
            "",
            1.0,
            7,
            (
                Operator(
                    "Join",
                    HOSTILE[0],
                    2.0,
                    9,
                    (
                        Operator("TableScan", "", 3.0, 1000),
                        Operator("TableScan", "", 2.0, 100),
                    ),
                ),
            ),
        ),
    )


def report(
    queries: tuple[str, ...] = ("all", "some"), layouts: tuple[str, ...] = LAYOUTS
) -> Report:
    """Two shares of the rows in each layout; one that could not be made, an engine that is not
    there."""
    made = tuple(
        Made("DuckDB", f"{name}{'' if share == 1 else ', a tenth'}", name, share,
             int(1000 * share), 1, 10, 0.1, (f"CREATE TABLE {name}",))
        for name in layouts for share in (0.1, 1.0)
    )  # fmt: skip
    failed = Made("DuckDB", "paper", "paper", failure=f"no format {HOSTILE[0]}")
    away = Made(ENGINES[1].name, layouts[0], layouts[0], failure="not available")
    return Report(
        "sales", ENGINES, "2026-01-02T03:04:05+00:00", "a machine", {"lakelet": "1"}, 5.0, 1, 4,
        {query: f"SELECT '{query}'" for query in queries}, (*made, failed, away),
        tuple(
            measured(query, each, number // 2)
            for query in queries for number, each in enumerate((*made, failed, away))
        ), complete=True,
    )  # fmt: skip


Open = Callable[..., Page]


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a page; at the end it has said nothing to the console and asked for nothing."""
    asked: list[str] = []
    said: list[str] = []
    contexts: list[BrowserContext] = []

    def open_(html: str, fragment: str = "", **options: Any) -> Page:
        file = tmp_path / "page.html"
        file.write_text(html, "utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url.partition(":")[0]))
        page.goto(f"{file.as_uri()}{fragment}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert said == []
    assert set(asked) <= {"file", "data"}
    assert asked.count("file") == len(contexts)


def narrow(width: int) -> dict[str, Any]:
    return {"viewport": {"width": width, "height": 800}}


def test_it_begins_with_the_answer(shown: Open) -> None:
    page = shown(pages.page(report()))
    cards = page.locator(".answers > div")
    assert cards.locator("dt").all_inner_texts() == ["Fastest", "Cheapest", "Scans least"]
    best = "parquet, zstd, on DuckDB"
    assert cards.locator(".who").all_inner_texts() == [best] * 3
    why = cards.locator(".why").first.inner_text()
    assert why.startswith("2 × as fast as the next (orc, zlib, on DuckDB)")
    assert cards.first.bounding_box()["y"] < 400  # type: ignore[index]


@pytest.mark.parametrize("width", [320, 600, 1280])
def test_every_plot_has_its_marks_in_sight(shown: Open, width: int) -> None:
    page = shown(pages.page(report()), **narrow(width))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    parts = page.locator(".part").all()
    assert len(parts) == 2 * 4 + 2 * (4 * 3 + 4)
    for part in parts:
        box = part.bounding_box()
        assert box is not None
        assert box["width"] >= 1
        assert box["height"] >= 5
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    for plot in page.locator("svg").all():
        edge = plot.bounding_box()
        assert edge is not None
        assert plot.locator("circle").count() >= 2 * 4
        for mark in plot.locator("path:not(.grid), circle").all():
            box = mark.bounding_box()
            assert box is not None
            assert edge["x"] <= box["x"] <= box["x"] + box["width"] <= edge["x"] + edge["width"]
            assert edge["y"] <= box["y"] <= box["y"] + box["height"] <= edge["y"] + edge["height"]


def test_bars_are_as_long_as_their_values(shown: Open) -> None:
    page = shown(pages.page(report()))
    widths = page.evaluate(
        "[...document.querySelector('.bars').querySelectorAll('.part')]"
        ".map(part => part.getBoundingClientRect().width)"
    )
    assert [each / widths[0] for each in widths] == pytest.approx([1, 2, 4, 8], rel=0.01)


def test_the_flame_stands_in_proportion(shown: Open) -> None:
    """A query is half execution, of whose eight seconds of processor seven are the join's."""
    page = shown(pages.page(report()))
    flames = page.locator("details").nth(1).locator(".flame")
    assert flames.count() == 2
    wide = {}
    for frame in flames.first.locator(".frame").all():
        box = frame.bounding_box()
        assert box is not None
        wide[frame.locator(".what").first.inner_text()] = box["width"]
    whole = wide["10.1 ms"]
    assert wide["planning"] == pytest.approx(whole / 4, rel=0.02)
    assert wide["execution"] == pytest.approx(whole / 2, rel=0.02)
    assert wide["Sort"] == pytest.approx(whole / 2, rel=0.02)
    assert wide[f"Join {HOSTILE[0]}"] == pytest.approx(whole / 2 * 7 / 8, rel=0.02)


CONTRASTS = """() => {
  const pen = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const seen = (...colours) => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => part / 255)
      .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  };
  const light = colour => 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2];
  const found = {};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("script, svg, bdi:empty")) continue;
    const grounds = [];
    for (let each = element; each; each = each.parentElement)
      grounds.unshift(getComputedStyle(each).backgroundColor);
    const style = getComputedStyle(element);
    const [a, b] = [light(seen(...grounds)), light(seen(...grounds, style.color))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found[element.outerHTML.slice(0, 120)] = ratio;
  }
  return [getComputedStyle(document.body).backgroundColor, found];
}"""


@pytest.mark.parametrize(("theme", "paper"), [("light", 255), ("dark", 20)])
def test_every_text_stands_out_of_its_ground(shown: Open, theme: str, paper: int) -> None:
    compared = Comparison("old", (Change("all", "json", "slower", 2.0),), 1.2)
    page = shown(pages.page(report(), compared), color_scheme=theme)
    ground, faint = page.evaluate(CONTRASTS)
    assert ground.startswith(f"rgb({paper},")
    assert faint == {}


def test_a_column_is_sorted_by_its_numbers_by_mouse_and_keyboard(shown: Open) -> None:
    page = shown(pages.page(report()))
    table = page.locator("details table").first
    memory = table.get_by_role("button", name="peak memory")
    first = table.locator("tbody tr").first.locator("td").first
    assert first.inner_text() == "parquet, zstd, on DuckDB"
    memory.click()
    assert first.inner_text() == "json, on DuckDB"
    head = table.locator("th").nth(7)
    assert head.get_attribute("aria-sort") == "ascending"
    memory.press("Enter")
    assert first.inner_text() == "parquet, zstd, on DuckDB"
    assert head.get_attribute("aria-sort") == "descending"
    table.get_by_role("button", name="layout").press("Enter")
    assert first.inner_text() == "json, on DuckDB"
    assert head.get_attribute("aria-sort") is None


def test_of_many_queries_each_is_unfolded_when_it_is_wanted(shown: Open) -> None:
    page = shown(pages.page(report(tuple(f"query {i}" for i in range(12)))))
    last = page.locator("#q11")
    assert not last.locator(".bars").first.is_visible()
    page.get_by_role("link", name="query 11", exact=True).press("Enter")
    assert last.locator(".bars").first.is_visible()
    page.locator("#q3 summary").press("Enter")
    assert page.locator("#q3 .bars").first.is_visible()


def test_a_link_to_a_query_opens_it(shown: Open) -> None:
    page = shown(pages.page(report(tuple(f"query {i}" for i in range(12)))), "#q7")
    assert page.locator("#q7 .bars").first.is_visible()
    assert not page.locator("#q6 .bars").first.is_visible()


def test_paper_has_every_query(shown: Open) -> None:
    page = shown(pages.page(report(tuple(f"query {i}" for i in range(12)))))
    folded = printed(page)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert printed(page) == folded
    page.evaluate("document.querySelectorAll('details').forEach(each => each.remove())")
    assert printed(page) <= folded - 12 / 3  # three queries a sheet at most


def box(found: Locator) -> FloatRect:
    """Where an element stands in the window."""
    there = found.bounding_box()
    assert there is not None
    return there


def printed(page: Page) -> int:
    """How many sheets it takes."""
    return len(re.findall(rb"/Type /Page\b", page.pdf()))


def test_of_very_many_layouts_the_first_are_unfolded(shown: Open) -> None:
    few = report()
    made = tuple(
        replace(few.layouts[0], name=f"layout {i}", family=f"layout {i}") for i in range(60)
    )
    found = tuple(
        measured(query, each, number)
        for query in few.queries for number, each in enumerate(made)
    )  # fmt: skip
    page = shown(pages.page(replace(few, layouts=made, measured=found)))
    rows = page.locator(".bars").first.locator(".row")
    assert rows.count() == 12
    rest = page.locator("details.more").first
    assert rest.locator("summary").inner_text() == "48 more"
    assert not rest.locator(".row").first.is_visible()
    rest.locator("summary").press("Enter")
    assert rest.locator(".row").last.is_visible()
    frame = page.locator(".wide", has=page.locator("table.map"))
    last, head = frame.locator("tr").last, frame.locator("th").first
    last.scroll_into_view_if_needed()
    assert box(frame)["height"] < 0.8 * 720 + 2
    assert box(frame)["y"] <= box(head)["y"] < box(last)["y"] - box(head)["height"] / 2
    page.emulate_media(media="print")
    assert box(frame)["height"] > 60 * box(last)["height"] / 2
    assert frame.evaluate("each => each.scrollHeight - each.clientHeight") <= 0


def test_names_are_shown_and_never_obeyed(shown: Open) -> None:
    found = replace(report(HOSTILE, HOSTILE), suite=HOSTILE[0], machine=HOSTILE[1])
    compared = Comparison(HOSTILE[2], (Change(*HOSTILE[:2], "slower", 2.0),), 1.2)
    page = shown(pages.page(found, compared), **narrow(700))
    assert page.evaluate("window.harmed") is None
    assert page.locator("script").count() == 1
    assert page.locator("img, #harm, body style").count() == 0
    assert page.title() == f"{HOSTILE[0]} · lakelet bench"
    assert page.locator("h1").inner_text() == HOSTILE[0]
    assert page.locator("summary b").all_inner_texts() == list(HOSTILE)
    assert page.locator("details > pre").all_text_contents()[1:] == [
        f"SELECT '{name}'" for name in HOSTILE
    ]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_policy_stops_what_a_name_could_bring(browser: Browser) -> None:
    """Even markup that were not escaped could neither run nor ask for anything."""
    page = browser.new_page()
    page.set_content(pages.page(report()))
    refused = page.evaluate("""() => new Promise(done => {
        addEventListener("securitypolicyviolation", event => done(event.violatedDirective));
        const script = document.createElement("script");
        script.textContent = "window.harmed = 1";
        document.body.append(script);
    })""")
    assert refused == "script-src-elem"
    assert page.evaluate("window.harmed") is None


def test_what_is_missing_is_told(shown: Open) -> None:
    page = shown(pages.page(replace(report(), complete=False)))
    text = page.locator("body").inner_text()
    assert "trino://far:8080/hive is not available: it does not answer. Start one" in text
    assert f"not made: paper, on DuckDB: no format {HOSTILE[0]}" in text
    assert "This run was interrupted" in text
