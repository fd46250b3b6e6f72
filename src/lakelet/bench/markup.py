"""Pieces of the page: its style and script, tables that sort, and bars.

Texts that people or files gave are escaped here, and stand in elements of their own direction.
The page's policy lets nothing run or load but this style and this script.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from lakelet.bench.plots import TEXTS, THEME

_STYLE: Final = f"""{THEME}{TEXTS}
* {{ box-sizing: border-box }}
body {{ margin: 2.2rem auto 4rem; max-width: 66rem; padding: 0 1.2rem; color: var(--ink);
 background: var(--paper); font: 15px/1.55 system-ui, sans-serif; overflow-wrap: anywhere }}
h1 {{ font-size: 1.7rem; line-height: 1.25; margin: 0 0 .2rem }}
h2 {{ font-size: 1.2rem; margin: 3rem 0 .6rem }}
h3 {{ font-size: .95rem; margin: 1.6rem 0 .5rem }}
p {{ margin: .4rem 0 }} .said, .key {{ color: var(--quiet); font-size: .9rem }}
.failed {{ color: var(--bad) }}
a {{ color: inherit; text-decoration-color: var(--c0); text-underline-offset: .2em }}
:focus-visible {{ outline: 2px solid var(--c0); outline-offset: 2px; border-radius: 4px }}
.answers {{ display: grid; gap: .9rem; margin: 1.6rem 0 0; padding: 0;
 grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)) }}
.answers > div {{ border: 1px solid var(--line); border-top: 3px solid var(--c0);
 border-radius: 8px; padding: .8rem 1rem 1rem }}
.answers dt {{ color: var(--quiet); font-size: .85rem }}
.answers dd {{ margin: 0 }} .answers dd.who {{ font-size: 1.15rem; font-weight: 600 }}
.answers dd.why {{ font-size: .9rem; margin-top: .3rem }}
.wide {{ overflow-x: auto }} .tall {{ max-height: 80vh; overflow-y: auto;
 border-bottom: 1px solid var(--line) }}
.tall thead th {{ position: sticky; top: 0; z-index: 1; background: var(--paper) }}
.wide svg {{ min-width: 40rem }}
svg {{ width: 100%; max-width: 52rem; height: auto; display: block }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums;
 overflow-wrap: normal }}
th {{ font-weight: 600; color: var(--quiet); font-size: .85rem; vertical-align: bottom }}
th, td {{ padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right }}
th:first-child, td:first-child, td.failed {{ text-align: left }}
th, td {{ white-space: nowrap }}
td:first-child, td.failed {{ white-space: normal; overflow-wrap: anywhere }}
td:first-child {{ min-width: 9rem }}
td.best {{ font-weight: 600 }}
tbody tr:hover td {{ background-image: linear-gradient(var(--hover), var(--hover)) }}
th button {{ font: inherit; color: inherit; background: none; border: 0; padding: 0;
 cursor: pointer; text-align: inherit }}
th button::after {{ content: " \\2195"; opacity: .35 }}
th[aria-sort=ascending] button::after {{ content: " \\2191"; opacity: 1 }}
th[aria-sort=descending] button::after {{ content: " \\2193"; opacity: 1 }}
.map td {{ text-align: center; white-space: nowrap; padding: .3rem .35rem;
 border: 1px solid var(--paper);
 background-color: color-mix(in srgb, var(--c2) calc(var(--heat) * 1%), var(--cell)) }}
.map td:first-child {{ background: var(--paper); text-align: left; white-space: normal;
 position: sticky; left: 0 }}
.map th {{ text-align: center; white-space: normal; padding: .3rem .35rem; min-width: 3.6rem }}
.bars {{ display: grid; grid-template-columns: minmax(6rem, 16rem) minmax(8rem, 1fr) auto;
 gap: .28rem .7rem; align-items: center; font-size: .85rem; line-height: 1.3; max-width: 60rem }}
.bars > .row {{ display: contents }} .bars .name {{ text-align: right }}
.bars .track {{ position: relative; display: flex; height: .95rem }}
.bars .part {{ height: 100%; min-width: 1px }}
.bars .part:first-child {{ border-radius: 2px 0 0 2px }}
.bars .part:last-of-type {{ border-radius: 0 2px 2px 0 }}
.bars .spread {{ position: absolute; top: calc(50% - 1px); height: 2px; background: var(--ink);
 opacity: .6 }}
.bars .value {{ white-space: nowrap; font-variant-numeric: tabular-nums }}
.bars .best > .name, .bars .best > .value {{ font-weight: 600 }}
.flame {{ max-width: 60rem; font-size: .78rem; line-height: 1.35rem }}
.flame .frames {{ display: flex; margin-top: 1px; align-items: flex-start }}
.flame .frame {{ min-width: 0 }}
.flame .what {{ display: block; overflow: hidden; white-space: nowrap; text-overflow: ellipsis;
 padding: 0 .35rem; margin-right: 1px; border-radius: 2px; color: var(--ink);
 background: color-mix(in srgb, var(--hue) 45%, var(--paper)) }}
.key span {{ display: inline-block; width: .8em; height: .8em; border-radius: 2px;
 margin: 0 .4em 0 0 }} .key i {{ font-style: normal; margin-right: 1.2em; white-space: nowrap }}
details {{ border-top: 1px solid var(--line); padding: .1rem 0; scroll-margin-top: .5rem }}
summary {{ cursor: pointer; padding: .6rem 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem;
 align-items: baseline }}
summary::before {{ content: "\\25B8"; color: var(--quiet); width: .8em }}
details[open] > summary::before {{ content: "\\25BE" }}
summary b {{ font-size: 1.05rem }} summary::-webkit-details-marker {{ display: none }}
details > :not(summary) {{ margin-left: 1.8rem }}
.more {{ border: 0 }} .more > summary {{ color: var(--quiet); font-size: .9rem }}
details.more > :not(summary) {{ margin-left: 0 }}
pre {{ background: color-mix(in srgb, var(--ink) 6%, transparent); padding: .8rem 1rem;
 border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px; margin: 0 }}
@media (max-width: 40rem) {{
 body {{ margin-top: 1.2rem; padding: 0 .8rem }} details > :not(summary) {{ margin-left: 0 }}
 .bars {{ grid-template-columns: minmax(4rem, 1fr) auto }}
 .bars .name {{ grid-column: 1 / -1; text-align: left; margin-top: .3rem }}
}}
@media print {{
 body {{ margin: 0; max-width: none; font-size: 11px }} th button::after {{ content: "" }}
 .part, .what, .map td, .key span {{ print-color-adjust: exact; -webkit-print-color-adjust: exact }}
 .wide {{ overflow: visible; max-height: none }}
 .bars, tr, .answers > div, pre {{ break-inside: avoid }}
 h2, h3, summary {{ break-after: avoid }} details::details-content {{ content-visibility: visible;
 display: block }}
}}
"""

_SCRIPT: Final = """
const value = (row, column) => {
  const cell = row.cells[Math.min(column, row.cells.length - 1)];
  return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
};
const compare = (a, b) => typeof a === "number" && typeof b === "number"
  ? a - b : String(a).localeCompare(String(b), undefined, {numeric: true});
for (const head of document.querySelectorAll("thead")) {
  for (const [column, cell] of [...head.rows[0].cells].entries()) {
    const button = cell.querySelector("button");
    button?.addEventListener("click", () => {
      const rising = cell.getAttribute("aria-sort") !== "ascending";
      for (const other of head.rows[0].cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const body = head.parentElement.tBodies[0];
      const rows = [...body.rows].sort((a, b) => compare(value(a, column), value(b, column)));
      body.append(...(rising ? rows : rows.reverse()));
    });
  }
}
const shown = () => {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); }
};
addEventListener("hashchange", shown);
shown();
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const each of closed) each.open = true;
});
addEventListener("afterprint", () => { for (const each of closed) each.open = false; });
"""
_MANY: Final = 24
"""Bars of which no more than `_FEW` are unfolded, and rows that scroll in a frame."""
_FEW: Final = 12

_DIGEST: Final = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()

_POLICY: Final = (
    f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_DIGEST}';"
    " img-src data:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and the number that it is sorted by; `heat` colours it, from 0 to 1."""

    shown: str
    value: float | None = None
    hint: str = ""
    best: bool = False
    heat: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name, and the fragment of the page that tells more of it."""

    name: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in parts of (what it is, value), its `spread` drawn over its end."""

    label: str
    parts: tuple[tuple[str, float], ...]
    shown: str
    hint: str = ""
    spread: tuple[float, float] | None = None
    best: bool = False

    @property
    def longest(self) -> float:
        return max(sum(value for _, value in self.parts), (self.spread or (0, 0))[1])


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of what took time, and its own parts; colours are numbers of the page's."""

    label: str
    value: float
    hint: str
    colour: int
    parts: tuple["Frame", ...] = ()


def document(title: str, body: str) -> str:
    """A whole page; it asks for nothing, not even an icon."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n{body}\n<script>{_SCRIPT}</script></body></html>\n"
    )


def name(text: str) -> str:
    """A name that someone gave, whatever way it is written."""
    return f"<bdi>{escape(text)}</bdi>"


def table(columns: Sequence[Column | str], rows: Iterable[Sequence[Cell | str]], of: str) -> str:
    """A table that is sorted by a click on a column's name; a short row ends in a failure."""
    named = [each if isinstance(each, Column) else Column(each) for each in columns]
    head = "".join(map(_head, named))
    written = [_row(row, len(named)) for row in rows]
    body = "".join(written)
    kind = "map" if of == "map" else "plain"
    place = "wide tall" if len(written) > _MANY else "wide"
    return (
        f'<div class="{place}"><table class="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _head(column: Column) -> str:
    link = f'<a href="#{column.link}">{name(column.name)}</a> ' if column.link else ""
    label = f' aria-label="sort by {escape(column.name)}"' if link else ""
    return (
        f'<th scope="col">{link}<button type="button"{label}>'
        f"{'' if link else name(column.name)}</button></th>"
    )


def _row(cells: Sequence[Cell | str], width: int) -> str:
    drawn = [_cell(each if isinstance(each, Cell) else Cell(each)) for each in cells]
    if len(cells) < width:
        reason = cells[-1]
        shown = reason.shown if isinstance(reason, Cell) else reason
        drawn[-1] = f'<td class="failed" colspan="{width - len(cells) + 1}">{name(shown)}</td>'
    return f"<tr>{''.join(drawn)}</tr>"


def _cell(cell: Cell) -> str:
    said = ' class="best"' if cell.best else ""
    said += f' data-value="{cell.value:.9g}"' if cell.value is not None else ""
    said += f' title="{escape(cell.hint)}"' if cell.hint else ""
    said += f' style="--heat:{55 * cell.heat:.0f}"' if cell.heat is not None else ""
    return f"<td{said}>{name(cell.shown) if cell.value is None else escape(cell.shown)}</td>"


def bars(given: Sequence[Bar], title: str) -> str:
    """Horizontal bars that begin at nought, each with its number behind it; of very many the first
    are shown, and the others unfolded."""
    scale = 100 / (max(bar.longest for bar in given) or 1.0)
    if len(given) <= _MANY:
        return _bars(given, title, scale)
    rest = _bars(given[_FEW:], f"{title}: the others", scale)
    return (
        f"{_bars(given[:_FEW], title, scale)}"
        f'<details class="more"><summary>{len(given) - _FEW:,} more</summary>{rest}</details>'
    )


def _bars(given: Sequence[Bar], title: str, scale: float) -> str:
    drawn = "".join(_bar(bar, scale) for bar in given)
    return f'<div class="bars" role="list" aria-label="{escape(title)}">{drawn}</div>'


def _bar(bar: Bar, scale: float) -> str:
    parts = "".join(
        f'<span class="part" style="width:{value * scale:.2f}%;'
        f'background:var(--c{_colour(bar, number)})" title="{escape(what or bar.hint)}"></span>'
        for number, (what, value) in enumerate(bar.parts)
    )
    if bar.spread:
        low, high = bar.spread
        parts += (
            f'<span class="spread" title="{escape(bar.hint)}" style="left:{low * scale:.2f}%;'
            f'width:{(high - low) * scale:.2f}%"></span>'
        )
    kind = "row best" if bar.best else "row"
    return (
        f'<div class="{kind}" role="listitem"><span class="name">{name(bar.label)}</span>'
        f'<span class="track">{parts}</span><span class="value">{escape(bar.shown)}</span></div>'
    )


def flame(root: Frame) -> str:
    """Frames below frames: as wide as their share of the one above."""
    return (
        f'<div class="flame" role="img" aria-label="{escape(root.hint)}">{_frame(root, 100)}</div>'
    )


def _frame(frame: Frame, width: float) -> str:
    whole = max(frame.value, sum(part.value for part in frame.parts)) or 1.0
    inside = "".join(_frame(part, 100 * part.value / whole) for part in frame.parts)
    below = f'<div class="frames">{inside}</div>' if inside else ""
    return (
        f'<div class="frame" style="width:{width:.2f}%"><span class="what"'
        f' style="--hue:var(--c{frame.colour})" title="{escape(frame.hint)}">{name(frame.label)}'
        f"</span>{below}</div>"
    )


def _colour(bar: Bar, number: int) -> int:
    """Of one part strong or light, of several one each."""
    return number if len(bar.parts) > 1 else (0 if bar.best else 8)


def key(names: Iterable[str]) -> str:
    """What the colours of parts mean."""
    shown = "".join(
        f'<i><span style="background:var(--c{number})"></span>{escape(each)}</i>'
        for number, each in enumerate(names)
    )
    return f'<p class="key">{shown}</p>'
