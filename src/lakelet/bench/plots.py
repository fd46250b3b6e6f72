"""Plots of growth as SVG text.

Colours are CSS variables of the page (`--c0` …), so that a plot follows its light or dark theme.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 720
_LETTERS: Final = 42
"""Letters of a label that have room; the whole is its tooltip."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 500, 14, 256
"""Edges of a plot of lines; the labels stand right of it."""
_APART: Final = 16
"""Pixels between two labels."""

COLOURS: Final = 8

THEME: Final = """
:root { color-scheme: light dark; --ink: #1b1e23; --quiet: #5f6875; --paper: #fff; --line: #e3e6ea;
 --cell: #f6f7f8; --hover: #4269d012; --bad: #b93019;
 --c0: #4269d0; --c1: #d99a00; --c2: #e8563f;
 --c3: #2f9e8a; --c4: #8f4fe0; --c5: #8a5a3c; --c6: #3a8f45; --c7: #d6578f; --c8: #a9bce6 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --quiet: #9aa3af; --paper: #14161a;
 --line: #2e343d; --cell: #1c1f25; --hover: #7b9bf018; --bad: #ff8a75;
 --c0: #7b9bf0; --c1: #efb118;
 --c2: #ff8a75; --c3: #6cc5b0; --c4: #bd93f9; --c5: #c89a78;
 --c6: #6cc76f; --c7: #ff9cc6; --c8: #3b4f86 } }
"""
"""Colours of light and dark pages: ink, what is quiet, paper, thin lines, and those of plots."""

TEXTS: Final = """
svg text { font: 12px system-ui, sans-serif; fill: var(--ink) }
svg text.quiet { fill: var(--quiet) }
svg .grid { stroke: var(--line); fill: none }
svg .proportion { stroke-dasharray: 3 4; opacity: .7; fill: none }
"""
"""How the parts of a plot look."""


@dataclass(frozen=True, slots=True)
class Line:
    """Points of one layout as it grows."""

    label: str
    points: tuple[tuple[float, float], ...]


def lines(
    given: Sequence[Line],
    title: str,
    x_shown: Callable[[float], str],
    y_shown: Callable[[float], str],
    *,
    slope: bool = True,
) -> str:
    """Lines over logarithmic axes; `slope` draws beside each what growth in proportion would be.

    Only the first `COLOURS` have a colour and a label; the others stand behind them in grey.
    """
    kept = [Line(line.label, _positive(line)) for line in given if _positive(line)]
    points = [point for line in kept for point in line.points]
    if not points:
        return ""
    across = _axis([x for x, _ in points], _LEFT, _RIGHT)
    up = _axis([y for _, y in points], _BOTTOM, _TOP)
    drawn = "".join(_ticks({x for x, _ in points}, across, x_shown, upright=False))
    drawn += "".join(_ticks(_rungs([y for _, y in points]), up, y_shown, upright=True))
    drawn += "".join(_path(line, "var(--line)", across, up) for line in kept[COLOURS:])
    coloured = list(enumerate(kept[:COLOURS]))
    if slope:
        least = min(y for _, y in points), max(y for _, y in points)
        drawn += "".join(_proportion(line, _colour(i), across, up, least) for i, line in coloured)
    drawn += "".join(_path(line, _colour(i), across, up) for i, line in coloured)
    ends = sorted((up(line.points[-1][1]), i, line.label) for i, line in coloured)
    drawn += "".join(_labels(ends))
    return _svg(title, _BOTTOM + 28, drawn)


def alone(svg: str) -> str:
    """A plot as a file of its own, which follows the reader's light or dark theme."""
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
        ">", f"><style>{THEME}{TEXTS}</style>", 1
    )


def _positive(line: Line) -> tuple[tuple[float, float], ...]:
    return tuple(sorted(point for point in line.points if min(point) > 0))


def _colour(index: int) -> str:
    return f"var(--c{index % COLOURS})"


def _axis(values: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    low, high = math.log(min(values)), math.log(max(values))
    wide = (high - low) or 1.0
    return lambda value: start + (math.log(value) - low) / wide * (end - start)


def _rungs(values: Sequence[float]) -> list[float]:
    """Round numbers within the values: powers of ten, and with few of them 2 and 5 times those."""
    low, high = min(values), max(values)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1.0,) if len(decades) > 4 else (1.0, 2.0, 5.0)
    found = [step * 10.0**decade for decade in decades for step in steps]
    return [each for each in found if low <= each <= high] or [low, high]


def _ticks(
    values: Iterable[float],
    axis: Callable[[float], float],
    shown: Callable[[float], str],
    *,
    upright: bool,
) -> Iterator[str]:
    """Each value's thin line across the plot, and its number, where there is room for it."""
    room = 13 if upright else 62
    last = -math.inf
    for value, at in sorted(((each, axis(each)) for each in values), key=lambda pair: pair[1]):
        if at - last < room:
            continue
        last = at
        ends = (_LEFT, at, _RIGHT, at) if upright else (at, _TOP, at, _BOTTOM)
        x1, y1, x2, y2 = ends
        yield f'<path class="grid" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'
        x, y, anchor = (_LEFT - 8, at, "end") if upright else (at, _BOTTOM + 16, "middle")
        yield _text(x, y, shown(value), anchor, "quiet")


def _path(
    line: Line, colour: str, across: Callable[[float], float], up: Callable[[float], float]
) -> str:
    placed = [(across(x), up(y)) for x, y in line.points]
    path = " ".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(placed))
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in placed)
    tip = f"<title>{escape(line.label)}</title>"
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2">{tip}</path>'
        f"<g>{tip}{dots}</g>"
    )


def _proportion(
    line: Line,
    colour: str,
    across: Callable[[float], float],
    up: Callable[[float], float],
    within: tuple[float, float],
) -> str:
    """From a line's first point, as far as the plot goes."""
    (x, y), (last, _) = line.points[0], line.points[-1]
    end = min(last, x * within[1] / y)
    if end <= x:
        return ""
    return (
        f'<path class="proportion" d="M{across(x):.1f} {up(y):.1f}'
        f'L{across(end):.1f} {up(y * end / x):.1f}" stroke="{colour}"/>'
    )


def _labels(ends: Sequence[tuple[float, int, str]]) -> Iterator[str]:
    """Right of the lines' ends, pushed apart where they would overlap."""
    last = -math.inf
    # The lowest may stand no lower than the plot's edge.
    most = _BOTTOM - _APART * (len(ends) - 1)
    for at, index, label in ends:
        y = max(min(at, max(most, _TOP)), last + _APART)
        last, most = y, most + _APART
        yield f'<path class="grid" d="M{_RIGHT + 5} {at:.1f}L{_RIGHT + 13} {y:.1f}"/>'
        yield f'<circle cx="{_RIGHT + 19}" cy="{y:.1f}" r="4" fill="{_colour(index)}"/>'
        yield _text(_RIGHT + 28, y, label, "start", "")


def _text(x: float, y: float, text: str, anchor: str, kind: str) -> str:
    words = text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}"'
        f' dominant-baseline="central">{escape(words)}<title>{escape(text)}</title></text>'
    )


def _svg(title: str, height: float, inside: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f"{inside}</svg>"
    )
