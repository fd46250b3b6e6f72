"""Row patterns as they were written: the regular expression over rows and its rules."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lakelet.sql.syntax.nodes import Expression, Identifier

EmptyMatches = Literal["SHOW", "OMIT", "UNMATCHED"]
SkipMode = Literal["PAST LAST", "NEXT", "FIRST", "LAST"]


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A primary pattern variable: one row."""

    at: int
    name: "Identifier"


@dataclass(frozen=True, slots=True, eq=False)
class Empty:
    """(): no row."""

    at: int


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """^ or $: the partition's start or end."""

    at: int
    sign: str


@dataclass(frozen=True, slots=True, eq=False)
class Concatenation:
    """One after the other."""

    at: int
    parts: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Alternation:
    """One of them, the first preferred."""

    at: int
    parts: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Permutation:
    """PERMUTE(…): all of them in any order, as written preferred."""

    at: int
    parts: tuple["Pattern", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Exclusion:
    """{- … -}: matched, but left out of the rows that are given."""

    at: int
    pattern: "Pattern"


@dataclass(frozen=True, slots=True, eq=False)
class Quantified:
    """A pattern `low` to `high` (None: any number of) times, as often as can be when greedy."""

    at: int
    pattern: "Pattern"
    low: int
    high: int | None
    greedy: bool
    quantifier_at: int


Pattern = (
    Variable | Empty | Anchor | Concatenation | Alternation | Permutation | Exclusion | Quantified
)


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """expression AS name."""

    at: int
    expression: "Expression"
    name: "Identifier"


@dataclass(frozen=True, slots=True, eq=False)
class Skip:
    """AFTER MATCH SKIP …; `target` for TO FIRST and TO LAST."""

    at: int
    mode: SkipMode
    target: "Identifier | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Subset:
    """name = (variables): any of them."""

    at: int
    name: "Identifier"
    variables: tuple["Identifier", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """name AS condition."""

    at: int
    name: "Identifier"
    condition: "Expression"


@dataclass(frozen=True, slots=True, eq=False)
class Recognition:
    """What to look for and what to tell of it, in MATCH_RECOGNIZE and in a window.

    `search` is INITIAL or SEEK where it stands, with its place.
    """

    at: int
    measures: tuple[Measure, ...]
    skip: Skip | None
    search: tuple[str, int] | None
    pattern: Pattern
    subsets: tuple[Subset, ...]
    definitions: tuple[Definition, ...]
