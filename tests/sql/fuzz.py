"""Compares calls, and whole queries, that nobody wrote with a live Trino's answers; run by hand.

python -m tests.sql.fuzz http://127.0.0.1:8080 [--examples 20] [--seed 1] [--keep FILE] [NAME …]
    makes calls of the registry's functions (all, or those named) from their signatures: usual
    values and extreme ones, NULLs, wrong types and wrong numbers of arguments, each once as a
    constant and once over rows. What differs is printed, and with --keep written to FILE as a
    recorded case; mark it with `python -m tests.sql.record differences FILE`.
python -m tests.sql.fuzz http://127.0.0.1:8080 --statements 200 [--seed 1] [--keep FILE]
    makes queries of joins, groups, windows, subqueries and sets instead (`tests.sql.statements`).
"""

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import click
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from lakelet.engines.duckdb import DuckDb
from lakelet.sql import functions as functions
from lakelet.sql.analyzer.signatures import Pattern, Signature, parse_signature
from lakelet.sql.functions.registry import FUNCTIONS, Function
from tests.sql.cases import Case, compact, read, write
from tests.sql.record import ask
from tests.sql.running import difference
from tests.sql.statements import statements
from tests.sql.tables import FIXTURES

_VOLATILE: Final = frozenset(
    ("random", "rand", "shuffle", "uuid", "now", "current_timezone", "approx_distinct")
)

_STRINGS: Final = (
    *(
        "''",
        "'a'",
        "'abc'",
        "'ABC def'",
        "' x '",
        "'äöü ß'",
        "'😀b😀'",
        "'e\u0301'",
        "'1'",
        "'-12.5'",
    ),
    *("'2024-02-29'", "'a,b,,c'", "'http://h:8080/p?q=1&r=%20#f'", "'[1,2,null]'", "'{\"a\":1}'"),
)
_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "boolean": ("true", "false"),
    "tinyint": ("TINYINT '0'", "TINYINT '5'", "TINYINT '-128'", "TINYINT '127'"),
    "smallint": ("SMALLINT '0'", "SMALLINT '-7'", "SMALLINT '32767'"),
    "integer": ("0", "1", "-1", "2", "3", "7", "64", "2147483647", "-2147483648"),
    "bigint": (
        *("BIGINT '0'", "BIGINT '1'", "BIGINT '-1'", "BIGINT '3'", "BIGINT '12'", "BIGINT '1000'"),
        *("9223372036854775807", "BIGINT '-9223372036854775808'"),
    ),
    "real": ("REAL '0'", "REAL '1.5'", "REAL '-2.25'", "REAL 'NaN'", "REAL 'Infinity'"),
    "double": (
        *("0e0", "1e0", "-1e0", "0.5e0", "2.5e0", "-2.5e0", "1e300", "1e-10", "123456.789e0"),
        *("nan()", "infinity()", "-infinity()"),
    ),
    "decimal": ("0.0", "1.5", "-2.25", "123456.789", "DECIMAL '99999999999999999999.9'"),
    "varchar": _STRINGS,
    "char": ("CAST('a' AS char(3))", "CAST('ab ' AS char(5))", "CAST('' AS char(1))"),
    "varbinary": ("X''", "X'41'", "X'FF00'", "to_utf8('äb')", "X'0000000000000001'"),
    "date": ("DATE '2024-02-29'", "DATE '1969-12-31'", "DATE '2000-01-01'"),
    "time": ("TIME '01:02:03'", "TIME '23:59:59.999'"),
    "time with time zone": ("TIME '01:02:03 +02:00'",),
    "timestamp": (
        *("TIMESTAMP '2024-02-29 12:34:56'", "TIMESTAMP '1969-12-31 23:59:59.999'"),
        "TIMESTAMP '2024-07-01 00:00:00.123456'",
    ),
    "timestamp with time zone": (
        *("TIMESTAMP '2024-03-31 02:30:00 UTC'", "TIMESTAMP '2024-07-01 00:00:00.5 Europe/Berlin'"),
        "TIMESTAMP '1969-12-31 23:00:00 -03:30'",
    ),
    "interval day to second": ("INTERVAL '1' DAY", "INTERVAL '-3' HOUR", "INTERVAL '90' SECOND"),
    "interval year to month": ("INTERVAL '1' YEAR", "INTERVAL '-14' MONTH"),
    "json": ("JSON '1'", "JSON '{\"a\":[1,2]}'", "JSON 'null'", "JSON '[]'", "JSON '\"x\"'"),
    "uuid": ("UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'",),
    "ipaddress": ("IPADDRESS '1.2.3.4'", "IPADDRESS '::1'"),
    "JsonPath": ("'$'", "'$.a'", "'$[0]'", "'$.a[1]'", "'$['"),
    "JoniRegExp": ("'a'", "'[a-c]+'", "'(\\w)(\\d)?'", "'('", "''", "'ä|ß'"),
    "CodePoints": ("'a'", "' x'", "''"),
    "color": ("color('red')", "color('#123')"),
    "Geometry": (
        *("ST_Point(1, 2)", "ST_GeometryFromText('LINESTRING (0 0, 3 4, 6 4)')"),
        *("ST_GeometryFromText('POLYGON ((0 0, 0 4, 4 4, 4 0, 0 0))')",),
        *("ST_GeometryFromText('MULTIPOINT (1 1, 2 3)')", "ST_GeometryFromText('POINT EMPTY')"),
        "ST_GeometryFromText('MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))')",
    ),
    "SphericalGeography": ("to_spherical_geography(ST_Point(1, 2))",),
    "BingTile": ("bing_tile('213')", "bing_tile(1, 2, 10)"),
    "HyperLogLog": ("empty_approx_set()",),
    "unknown": ("NULL",),
}
_VALUES["Re2JRegExp"] = _VALUES["JoniRegExp"]

_STANDING: Final = ("bigint", "varchar", "double", "boolean", "date", "integer", "decimal")
"""Types that stand for a type variable."""

_NAMES: Final = ("a", "b", "c")


def _nullable(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(values, values, values, values, values, values, st.just("NULL"))


def _value(pattern: Pattern, variables: dict[str, str]) -> st.SearchStrategy[str]:
    """Texts of values of a type; a NULL now and then."""
    name = variables.get(pattern.name, pattern.name) if pattern.is_variable else pattern.name
    if name == "array":
        elements = st.lists(_value(pattern.arguments[0], variables), min_size=1, max_size=4)
        return _nullable(elements.map(lambda found: f"ARRAY[{', '.join(found)}]"))
    if name == "map":
        return _nullable(_map(pattern, variables))
    if name == "row":
        fields = st.tuples(*(_value(each, variables) for each in pattern.arguments))
        return _nullable(fields.map(lambda found: f"ROW({', '.join(found)})"))
    if name == "function":
        return _lambda(pattern)
    return _nullable(st.sampled_from(_VALUES.get(name, ("NULL",))))


def _map(pattern: Pattern, variables: dict[str, str]) -> st.SearchStrategy[str]:
    key, value = pattern.arguments

    def text(pairs: list[tuple[str, str]]) -> str:
        entries = dict(pairs)
        return f"MAP(ARRAY[{', '.join(entries)}], ARRAY[{', '.join(entries.values())}])"

    entry = st.tuples(
        _value(key, variables).filter(lambda k: k != "NULL"), _value(value, variables)
    )
    return st.lists(entry, min_size=1, max_size=3).map(text)


def _lambda(pattern: Pattern) -> st.SearchStrategy[str]:
    names = _NAMES[: len(pattern.arguments) - 1]
    head = f"({', '.join(names)}) -> " if len(names) != 1 else f"{names[0]} -> "
    bodies: tuple[str, ...] = names or ("1",)
    if pattern.arguments[-1].name == "boolean":
        bodies = (*(f"{name} IS NOT NULL" for name in names), f"{names[0]} = {names[-1]}", "true")
    if pattern.arguments[-1].name == "integer":
        bodies = ("IF(a < b, -1, IF(a = b, 0, 1))", "IF(a < b, 1, IF(a = b, 0, -1))")
    return st.sampled_from(bodies).map(head.__add__)


@st.composite
def _arguments(draw: st.DrawFn, signature: Signature) -> tuple[str, ...]:
    """The arguments of one call; of one in ten calls they do not fit."""
    variables = {name: draw(st.sampled_from(_STANDING)) for name in signature.variables}
    count = len(signature.arguments)
    if signature.variadic:
        count = draw(st.integers(max(1, count - 1), count + 2))
    patterns = signature.expanded(count) or ()
    found = [draw(_value(pattern, variables)) for pattern in patterns]
    twist = draw(st.integers(0, 19))
    if twist == 0 and found:
        found.pop()
    if twist == 1:
        wrong = Pattern(draw(st.sampled_from(_STANDING)))
        found[-1:] = [draw(_value(wrong, {}))]
    return tuple(found)


def _texts(function: Function, rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Queries of calls: the first as a constant; all of them over rows."""
    first = rows[0]
    if function.kind == "scalar":
        return [f"SELECT {function.name}({', '.join(first)})"]
    usable = [row for row in rows if len(row) == len(first)]
    plain = [i for i, text in enumerate(first) if "->" not in text]
    if not plain:
        return [f"SELECT {function.name}({', '.join(first)})"]
    values = ", ".join(f"({n}, {', '.join(row[i] for i in plain)})" for n, row in enumerate(usable))
    columns = [f"x{i}" for i in plain]
    names = [f"x{i}" if i in plain else text for i, text in enumerate(first)]
    call = f"{function.name}({', '.join(names)})"
    source = f"FROM (VALUES {values}) t({', '.join(['n', *columns])})"
    if function.kind == "window":
        return [f"SELECT n, {call} OVER (ORDER BY n) {source} ORDER BY n"]
    return [f"SELECT {call} {source}", f"SELECT n, {call} OVER (ORDER BY n) {source} ORDER BY n"]


def queries(names: Sequence[str], examples: int, number: int) -> list[str]:
    """Distinct queries, about that many of each signature."""
    found: dict[str, None] = {}
    for name in names:
        function = FUNCTIONS[name]
        for signature in map(parse_signature, function.signatures):
            _collect(function, signature, examples, number, found)
    return list(found)


def _collect(
    function: Function, signature: Signature, examples: int, number: int, found: dict[str, None]
) -> None:
    rows = st.lists(_arguments(signature), min_size=3, max_size=3)

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(rows)
    def collect(drawn: list[tuple[str, ...]]) -> None:
        found.update(dict.fromkeys(_texts(function, drawn)))

    collect()


def _case(url: str, query: str, *, rowsort: bool = False) -> Case:
    return Case("fuzz", 0, query, "golden", rowsort, None, ask(url, query, "golden"))


@click.command()
@click.argument("url")
@click.argument("names", nargs=-1)
@click.option("--examples", default=10, help="Calls of each signature, about.")
@click.option("--seed", "number", default=0, help="Another number makes other calls.")
@click.option("--statements", "whole", default=0, help="Whole queries, so many, instead of calls.")
@click.option("--keep", type=click.Path(path_type=Path), help="Writes what differs to a file.")
def fuzz(
    url: str,
    names: tuple[str, ...],
    examples: int,
    number: int,
    whole: int,
    keep: Path | None,
) -> None:
    """Compares made-up calls with a live Trino's answers."""
    chosen = names or tuple(
        name
        for name, function in sorted(FUNCTIONS.items())
        if function.kind != "operator" and name.isidentifier() and name not in _VOLATILE
    )
    engine = DuckDb(folders=[FIXTURES], threads=1)
    found, count = [], 0
    with ThreadPoolExecutor(4) as pool:
        texts = statements(number, whole) if whole else queries(chosen, examples, number)
        asked = partial(_case, rowsort=bool(whole))
        for case in pool.map(asked, itertools.repeat(url), texts):
            count += 1
            said = difference(case, engine)
            if said is not None:
                found.append(case)
                answer = case.answer
                wanted = f"error {answer.error}" if answer.error else compact(answer.rows)
                click.echo(f"{case.query}\n    Trino: {wanted[:300]}\n    here:  {said[:300]}")
    click.echo(f"{len(found)} of {count} differ")
    if keep is not None:
        known = list(read(keep)) if keep.exists() else []
        queries_known = {each.query for each in known}
        write(keep, [*known, *(each for each in found if each.query not in queries_known)])


if __name__ == "__main__":
    fuzz()
