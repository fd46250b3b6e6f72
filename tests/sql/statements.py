"""Queries that nobody wrote, from a grammar: joins, groups, windows, subqueries, sets and arrays.

The same number makes the same queries. Rows are few and of two small tables, so that their answers
are decided without an ORDER BY, and their errors are worth comparing.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")

_TABLES: Final = (
    "(VALUES (1, 'a', 1.5, DATE '2024-01-31', ARRAY[1, 2]),"
    " (2, 'b', NULL, DATE '2024-02-29', NULL),"
    " (2, 'a', -0.5, NULL, ARRAY[]), (NULL, 'c', 2.5, DATE '2024-01-01', ARRAY[NULL, 3]))",
    "(VALUES (1, 'a', 0.0, DATE '2024-03-01', ARRAY[5]),"
    " (3, NULL, 2.5, DATE '2023-12-31', ARRAY[1]),"
    " (2, 'b', 1.5, DATE '2024-02-29', ARRAY[2, 2]))",
)
"""Rows of an integer, a text, a decimal, a date and an array of integers."""

_COLUMNS: Final = {"i": "integer", "s": "varchar", "d": "decimal", "t": "date", "l": "array"}
_COMPARISONS: Final = ("=", "<>", "<", ">=", "IS DISTINCT FROM")


class Grammar:
    """Makes queries; `names` are the aliases that are in sight, the nearest last."""

    def __init__(self, number: int) -> None:
        self.random = Random(number)
        self.count = 0

    def query(self) -> str:
        """A whole query."""
        self.count = 0
        return self._choice(
            (self._select, self._grouped, self._windowed, self._set, self._with, self._select)
        )(())

    def _choice(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def _maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def _alias(self) -> str:
        self.count += 1
        return f"t{self.count}"

    def _table(self, alias: str) -> str:
        return f"{self._choice(_TABLES)} {alias}(i, s, d, t, l)"

    # Queries -------------------------------------------------------------------------------

    def _source(self, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """What stands in FROM, and the names in sight under it."""
        first = self._alias()
        text, seen = self._table(first), (*names, first)
        if self._maybe(0.55):
            return text, seen
        alias = self._alias()
        kind = self._choice(("JOIN", "LEFT JOIN", "FULL JOIN", "RIGHT JOIN", "LATERAL", "UNNEST"))
        if kind == "LATERAL":
            inner = self._lateral(seen)
            join = self._choice(("CROSS JOIN LATERAL {} {}", "LEFT JOIN LATERAL {} {} ON true"))
            return f"{text} {join.format(inner, f'{alias}(i, s)')}", seen
        if kind == "UNNEST":
            ordinality = self._choice((f"{alias}(e)", f"WITH ORDINALITY {alias}(e, n)"))
            join = self._choice(("CROSS JOIN {}", "LEFT JOIN {} ON true"))
            return f"{text} {join.format(f'UNNEST({first}.l) {ordinality}')}", seen
        both = (first, alias)
        on = f"{first}.i {self._choice(_COMPARISONS)} {alias}.i"
        if self._maybe(0.4):
            on += f" AND {self._condition(both, 0)}"
        return f"{text} {kind} {self._table(alias)} ON {on}", (*seen, alias)

    def _lateral(self, names: tuple[str, ...]) -> str:
        alias = self._alias()
        items = self._choice((f"{alias}.i, {alias}.s", f"max({alias}.i), min({alias}.s)"))
        where = self._correlation(alias, names[-1])
        rest = self._choice(("", "", f" ORDER BY {alias}.d, {alias}.i LIMIT 1", " LIMIT 1"))
        return f"(SELECT {items} FROM {self._table(alias)} WHERE {where}{rest})"

    def _select(self, names: tuple[str, ...]) -> str:
        source, seen = self._source(names)
        items = ", ".join(self._value(seen, 2) for _ in range(self.random.randint(1, 3)))
        where = f" WHERE {self._condition(seen, 1)}" if self._maybe(0.6) else ""
        distinct = "DISTINCT " if self._maybe(0.15) else ""
        return f"SELECT {distinct}{items} FROM {source}{where}"

    def _grouped(self, names: tuple[str, ...]) -> str:
        source, seen = self._source(names)
        keys = [f"{seen[-1]}.s", self._choice((f"{seen[-1]}.i", f"{seen[-1]}.i % 2"))]
        plain = [f"{seen[-1]}.s", f"{seen[-1]}.i"]
        by, shown = self._choice(
            (
                (", ".join(keys), keys),
                (f"ROLLUP ({', '.join(plain)})", [*plain, f"grouping({', '.join(plain)})"]),
                (f"CUBE ({', '.join(plain)})", plain),
                (f"GROUPING SETS (({plain[0]}), ({plain[1]}), ())", plain),
                (f"{plain[0]}, ROLLUP ({plain[1]})", plain),
                ("()", []),
            )
        )
        items = ", ".join([*shown, self._aggregate(seen), self._aggregate(seen)])
        having = f" HAVING count(*) {self._choice(('>', '<='))} 1" if self._maybe(0.3) else ""
        return f"SELECT {items} FROM {source} GROUP BY {by}{having}"

    def _windowed(self, names: tuple[str, ...]) -> str:
        source, seen = self._source(names)
        alias = seen[-1]
        key, offset = self._choice(
            (("i", "1"), ("d", "1.5"), ("t", "INTERVAL '1' MONTH"), ("t", "INTERVAL '30' DAY"))
        )
        unit = self._choice(("ROWS", "RANGE", "GROUPS"))
        offset = offset if unit == "RANGE" else self._choice(("0", "1", "2"))
        start = self._choice(("UNBOUNDED PRECEDING", f"{offset} PRECEDING", "CURRENT ROW"))
        end = self._choice(("CURRENT ROW", f"{offset} FOLLOWING", "UNBOUNDED FOLLOWING"))
        order = f"{alias}.{key}{self._choice(('', ' DESC', ' NULLS FIRST'))}"
        # ROWS needs an order that is decided.
        order += f", {alias}.s, {alias}.d" if unit == "ROWS" else ""
        partition = self._choice(("", f"PARTITION BY {alias}.s "))
        frame = f"{unit} BETWEEN {start} AND {end}"
        call = self._choice(
            (
                *("count(*)", f"sum({alias}.i)", f"avg({alias}.d)", f"max({alias}.t)"),
                *(f"min({alias}.s)", f"count({alias}.d)", f"first_value({key})"),
            )
        )
        if call.startswith("first"):
            call = f"first_value({alias}.{key})"
        over = f"{call} OVER ({partition}ORDER BY {order} {frame})"
        ranked = f"{self._choice(('rank', 'dense_rank'))}() OVER (ORDER BY {alias}.i, {alias}.s)"
        return f"SELECT {alias}.i, {over}, {ranked} FROM {source}"

    def _set(self, names: tuple[str, ...]) -> str:
        word = self._choice(("UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL"))
        sides = [
            f"SELECT {self._choice((f'{a}.i', f'{a}.d', f'{a}.s', 'NULL', '1e0'))}"
            f" FROM {self._table(a)}"
            for a in (self._alias(), self._alias())
        ]
        return f" {word} ".join(sides)

    def _with(self, names: tuple[str, ...]) -> str:
        alias = self._alias()
        named = f"WITH q(a, b) AS (SELECT {alias}.i, {alias}.d FROM {self._table(alias)})"
        rest = self._choice(
            (
                "SELECT * FROM q",
                "SELECT x.a, y.b FROM q x JOIN q y ON x.a = y.a",
                "SELECT a, (SELECT max(b) FROM q r WHERE r.a = q.a) FROM q",
                "SELECT a FROM q WHERE b > (SELECT avg(b) FROM q)",
                "SELECT count(*), sum(a) FROM (SELECT a FROM q UNION ALL SELECT a + 1 FROM q)",
            )
        )
        return f"{named} {rest}"

    # Values --------------------------------------------------------------------------------

    def _column(self, names: tuple[str, ...], kind: str | None = None) -> str:
        columns = [each for each, of in _COLUMNS.items() if kind in (None, of)]
        return f"{self._choice(names[-2:])}.{self._choice(columns)}"

    def _value(self, names: tuple[str, ...], depth: int) -> str:
        makers: list[Callable[[], str]] = [lambda: self._column(names)]
        if depth:
            makers += [
                lambda: self._subquery(names),
                lambda: f"coalesce({self._column(names, 'integer')}, {self._subquery(names)})",
                lambda: (
                    f"CASE WHEN {self._condition(names, depth - 1)} THEN"
                    f" {self._column(names, 'decimal')} ELSE {self._column(names, 'integer')} END"
                ),
                lambda: f"{self._column(names, 'integer')} + {self._column(names, 'decimal')}",
                lambda: f"transform({self._column(names, 'array')}, x -> x + 1)",
                lambda: f"cardinality({self._column(names, 'array')})",
                lambda: f"try({self._column(names, 'integer')} / 0)",
                lambda: f"{self._column(names, 'date')} + INTERVAL '1' MONTH",
                lambda: f"ROW({self._column(names, 'integer')}, {self._column(names, 'varchar')})",
            ]
        return self._choice(makers)()

    def _subquery(self, names: tuple[str, ...]) -> str:
        alias = self._alias()
        of = self._choice(("max({}.i)", "count(*)", "sum({}.i)", "{}.i", "max({}.i) + 1"))
        rest = self._choice(("", "", f" ORDER BY {alias}.i, {alias}.s LIMIT 1", " LIMIT 1"))
        where = self._correlation(alias, names[-1])
        return f"(SELECT {of.format(alias)} FROM {self._table(alias)} WHERE {where}{rest})"

    def _correlation(self, alias: str, outer: str) -> str:
        equal = f"{alias}.i = {outer}.i"
        return self._choice(
            (
                *(equal, equal, equal),
                f"{equal} AND {alias}.s <= {outer}.s",
                f"{alias}.i < {outer}.i",
                f"{alias}.s = {outer}.s OR {alias}.i IS NULL",
                f"{alias}.i > 1",
            )
        )

    def _condition(self, names: tuple[str, ...], depth: int) -> str:
        number = self._column(names, "integer")
        makers: list[Callable[[], str]] = [
            lambda: f"{number} {self._choice(_COMPARISONS)} {self._column(names, 'decimal')}",
            lambda: f"{self._column(names, 'varchar')} LIKE 'a%'",
            lambda: f"{number} IN (1, NULL)",
            lambda: (
                f"{self._column(names, 'date')} BETWEEN DATE '2024-01-01' AND DATE '2024-02-29'"
            ),
            lambda: f"NOT ({number} = 2 OR {self._column(names, 'varchar')} IS NULL)",
        ]
        if depth:
            inner = self._alias()
            where = self._correlation(inner, names[-1])
            query = f"(SELECT {inner}.i FROM {self._table(inner)} WHERE {where})"
            makers += [
                lambda: f"EXISTS {query}",
                lambda: f"{number} IN {query}",
                lambda: f"{number} NOT IN {query}",
                lambda: f"{number} {self._choice(('> ALL', '<> ANY', '= ALL', '= ANY'))} {query}",
                lambda: f"{number} = {self._subquery(names)}",
            ]
        return self._choice(makers)()

    def _aggregate(self, names: tuple[str, ...]) -> str:
        call = self._choice(
            (
                *("count(*)", f"sum({self._column(names, 'integer')})"),
                *(f"avg({self._column(names, 'decimal')})", f"max({self._column(names, 'date')})"),
                f"count(DISTINCT {self._column(names, 'varchar')})",
                f"array_agg({names[-1]}.i ORDER BY {names[-1]}.i)",
                f"max_by({names[-1]}.i, {names[-1]}.i)",
                f"approx_distinct({self._column(names, 'varchar')})",
            )
        )
        return f"{call} FILTER (WHERE {self._condition(names, 0)})" if self._maybe(0.25) else call


def statements(number: int, count: int) -> list[str]:
    """Distinct queries, at most so many."""
    grammar = Grammar(number)
    return list(dict.fromkeys(grammar.query() for _ in range(count)))
