"""Plots as SVG text: bars of layouts, bars of phases, and lines of growth.

Colours are CSS variables of the page (`--c0` …), so that a plot follows its light or dark theme.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 720
_LABEL: Final = 250
_ROW: Final = 24
_BAR: Final = 14
_ROOM: Final = 110
"""Pixels right of the longest bar, for its number."""

COLOURS: Final = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in parts of (what it is, value); `spread` is drawn over its end, `best` in strong."""

    label: str
    parts: tuple[tuple[str, float], ...]
    shown: str
    hint: str = ""
    spread: tuple[float, float] | None = None
    best: bool = False

    @property
    def whole(self) -> float:
        return sum(value for _, value in self.parts)


@dataclass(frozen=True, slots=True)
class Line:
    """Points of one layout as it grows."""

    label: str
    points: tuple[tuple[float, float], ...]


def bars(given: Sequence[Bar], title: str) -> str:
    """Horizontal bars that begin at nought, each with its number behind it."""
    longest = max(max(bar.whole, (bar.spread or (0, 0))[1]) for bar in given) or 1.0
    scale = (WIDTH - _LABEL - _ROOM) / longest
    drawn = "".join(_bar(bar, index, scale) for index, bar in enumerate(given))
    return _svg(title, len(given) * _ROW + 4, drawn)


def _bar(bar: Bar, index: int, scale: float) -> str:
    top = index * _ROW + 4
    middle = top + _BAR / 2
    x = float(_LABEL)
    drawn = _text(_LABEL - 8, middle, bar.label, "end", "strong" if bar.best else "")
    for number, (name, value) in enumerate(bar.parts):
        wide = max(value * scale, 0.5)
        colour = number if len(bar.parts) > 1 else (0 if bar.best else COLOURS)
        drawn += (
            f'<rect x="{x:.1f}" y="{top}" width="{wide:.1f}" height="{_BAR}" rx="2"'
            f' fill="var(--c{colour})"><title>{escape(name or bar.hint)}</title></rect>'
        )
        x += wide
    if bar.spread:
        low, high = (_LABEL + each * scale for each in bar.spread)
        drawn += f'<path class="spread" d="M{low:.1f} {middle}H{high:.1f}"/>'
        x = max(x, high)
    return drawn + _text(x + 6, middle, bar.shown, "start", "strong" if bar.best else "")


def lines(given: Sequence[Line], title: str, x_shown: Callable[[float], str],
          y_shown: Callable[[float], str]) -> str:  # fmt: skip
    """Lines over logarithmic axes, where growth in proportion is a straight slope of one."""
    height = 260
    points = [point for line in given for point in line.points if min(point) > 0]
    across = _axis([x for x, _ in points], 64, WIDTH - 200)
    up = _axis([y for _, y in points], height - 34, 12)
    drawn = "".join(_ticks([x for x, _ in points], across, height - 14, x_shown, upright=False))
    drawn += "".join(_ticks([y for _, y in points], up, 56, y_shown, upright=True))
    for index, line in enumerate(given):
        drawn += _line(line, index, across, up)
    return _svg(title, height, drawn)


def _axis(values: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    low, high = math.log(min(values)), math.log(max(values))
    wide = (high - low) or 1.0
    return lambda value: start + (math.log(value) - low) / wide * (end - start)


def _ticks(
    values: Sequence[float],
    axis: Callable[[float], float],
    edge: float,
    shown: Callable[[float], str],
    *,
    upright: bool,
) -> Iterable[str]:
    for value in sorted({min(values), math.sqrt(min(values) * max(values)), max(values)}):
        at = axis(value)
        x, y, anchor = (edge, at, "end") if upright else (at, edge, "middle")
        yield _text(x, y, shown(value), anchor, "quiet")


def _line(
    line: Line, index: int, across: Callable[[float], float], up: Callable[[float], float]
) -> str:
    placed = [(across(x), up(y)) for x, y in sorted(line.points) if x > 0 and y > 0]
    if not placed:
        return ""
    colour = f"var(--c{index % COLOURS})"
    path = " ".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(placed))
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in placed)
    end = _text(placed[-1][0] + 8, placed[-1][1], line.label, "start", "")
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}{end}'


def _text(x: float, y: float, text: str, anchor: str, kind: str) -> str:
    words = text if len(text) <= 40 else f"{text[:39]}…"
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}"'
        f' dominant-baseline="central">{escape(words)}<title>{escape(text)}</title></text>'
    )


def _svg(title: str, height: float, inside: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f"{inside}</svg>"
    )
