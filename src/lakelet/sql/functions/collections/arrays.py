"""Arrays: size, order, slices, sequences and vectors."""

from collections.abc import Iterable
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql.emitter.casts import cast
from lakelet.sql.emitter.comparison import extreme, is_partial, key
from lakelet.sql.functions.binding import bound
from lakelet.sql.functions.operators import CONCAT, concat, fail
from lakelet.sql.functions.registry import Call, Emit, macro, scalar
from lakelet.sql.functions.text.splitting import joined
from lakelet.sql.functions.vectorised import strict
from lakelet.types.casting import can_cast
from lakelet.types.duckdb import is_fine, physical
from lakelet.types.model import VARCHAR, Type

INVALID: Final = "INVALID_FUNCTION_ARGUMENT"


def guarded(value: str, of: Type, rules: Iterable[tuple[str, str]]) -> str:
    """`value`, unless a rule's condition holds: (condition, message), both SQL."""
    branches = " ".join(
        f"WHEN {condition} THEN {fail(INVALID, message, of)}" for condition, message in rules
    )
    return f"CASE {branches} ELSE {value} END"


# Size ---------------------------------------------------------------------------------------


def _cardinality(call: Call) -> str:
    (value,) = call.arguments
    return _SIZES[call.types[0].name].format(value)


_SIZES: Final = {
    "array": "CAST(len({}) AS BIGINT)",
    "map": "CAST(cardinality({}) AS BIGINT)",
    "HyperLogLog": "trino_hll_cardinality({})",
    "SetDigest": "trino_set_digest_cardinality({})",
}


scalar(
    "cardinality",
    "(array(E)) -> bigint",
    "(map(K,V)) -> bigint",
    "(HyperLogLog) -> bigint",
    "(SetDigest) -> bigint",
    sql=_cardinality,
    doc="How many elements an array, entries a map, or different values a sketch has.",
)

# Order --------------------------------------------------------------------------------------


def _extreme(name: str, sign: str) -> Emit:
    """NULL when an element is NULL; NaN only when there is nothing else."""

    def emit(call: Call) -> str:
        of = call.result

        def found(a: str) -> str:
            if is_partial(of) or key("x", of) != "x":
                best = f"CASE WHEN len({a}) > 0 THEN {extreme(a, sign, of)} END"
            elif of.name in ("double", "real") and name == "list_max":
                numbers = f"list_filter({a}, lambda x: NOT isnan(x))"
                best = f"coalesce(list_max({numbers}), list_max({a}))"
            else:
                best = f"{name}({a})"
            return f"CASE WHEN list_position({a}, NULL) > 0 THEN NULL ELSE {best} END"

        return bound(call.arguments, found)

    return emit


scalar(
    "array_max",
    "(array(T:orderable)) -> T",
    sql=_extreme("list_max", ">"),
    doc="The greatest element; NULL when one is NULL or there is none.",
)
scalar(
    "array_min",
    "(array(T:orderable)) -> T",
    sql=_extreme("list_min", "<"),
    doc="The least element; NULL when one is NULL or there is none.",
)
scalar(
    "shuffle",
    "(array(E)) -> array(E)",
    sql="list_transform(list_sort(list_transform({0}, lambda x: {{'at': random(), 'is': x}})),"
    " lambda x: (x).is)",
    doc="The elements in a random order.",
    deterministic=False,
)

# Parts and joins ----------------------------------------------------------------------------


def _slice(call: Call) -> str:
    def body(array: str, start: str, length: str) -> str:
        first = f"CASE WHEN {start} < 0 THEN len({array}) + {start} + 1 ELSE {start} END"
        # An end that no bigint holds is before the beginning, as in Java.
        part = (
            f"CASE WHEN {first} < 1 OR {length} > 9223372036854775807 - {first} THEN {array}[1:0]"
            f" ELSE {array}[{first}:{first} + {length} - 1] END"
        )
        known = f"{array} IS NOT NULL"
        return guarded(
            part,
            call.result,
            [
                (f"{length} < 0 AND {known}", "'length must be greater than or equal to 0'"),
                (f"{start} = 0 AND {known}", "'SQL array indices start at 1'"),
                (f"{length} IS NULL OR {start} IS NULL", "NULL"),
            ],
        )

    return bound(call.arguments, body)


def _trim_array(call: Call) -> str:
    return bound(
        call.arguments,
        lambda a, n: guarded(
            f"{a}[1:len({a}) - {n}]",
            call.result,
            [
                (f"{n} < 0", f"'size must not be negative: ' || {n}"),
                (
                    f"{n} > len({a})",
                    f"'size must not exceed array cardinality ' || len({a}) || ': ' || {n}",
                ),
                (f"{n} IS NULL", "NULL"),
            ],
        ),
    )


def _array_join(call: Call) -> str:
    array, separator, *missing = call.arguments
    element, constant = call.types[0].element, call.constants[1]
    if not can_cast(element, VARCHAR) or element.name == "varbinary":
        raise TrinoError("OPERATOR_NOT_FOUND", f"Cannot cast {element} to varchar")
    texts = array
    if element.name != "varchar":
        texts = f"list_transform({array}, lambda e: {cast('e', element, VARCHAR)})"
    known = []
    if missing:
        texts = f"list_transform({texts}, lambda e: coalesce(e, {missing[0]}))"
        known.append(f"{missing[0]} IS NOT NULL")
    if isinstance(constant, str):
        text = bound((texts,), lambda a: joined(a, separator, constant))
    else:
        text = bound((texts, separator), lambda a, d: joined(a, d, constant))
        known.append(f"{separator} IS NOT NULL")
    return f"CASE WHEN {' AND '.join(known)} THEN {text} END" if known else text


def _repeat(call: Call) -> str:
    of = physical(call.result.element)
    return bound(
        call.arguments,
        lambda value, count: guarded(
            f"list_transform(range({count}), lambda i: CAST({value} AS {of}))",
            call.result,
            [
                (
                    f"{count} < 0",
                    "'count argument of repeat function must be greater than or equal to 0'",
                ),
                (
                    f"{count} > 10000",
                    "'count argument of repeat function must be less than or equal to 10000'",
                ),
                *_repeated_bytes(value, count, call.result.element),
            ],
        ),
    )


def _repeated_bytes(value: str, count: str, of: Type) -> list[tuple[str, str]]:
    """What texts and binaries may take together."""
    if of.name not in ("varchar", "char", "varbinary"):
        return []
    size = f"octet_length({value if of.name == 'varbinary' else f'encode({value})'})"
    message = "'result of repeat function must not take more than 1000000 bytes'"
    return [(f"{size} * {count} > 1000000", message)]


def _ngrams(call: Call) -> str:
    return bound(
        call.arguments,
        lambda a, n: guarded(
            f"CASE WHEN len({a}) <= {n} THEN [{a}] ELSE"
            f" list_transform(range(1, len({a}) - {n} + 2), lambda i:"
            f" list_transform(range(i, i + {n}), lambda j: {a}[j])) END",
            call.result,
            [(f"{n} <= 0", "'N must be positive'"), (f"{a} IS NULL", "NULL")],
        ),
    )


def _combinations(call: Call) -> str:
    return bound(
        call.arguments,
        lambda a, n: guarded(
            f"trino_combinations({a}, {n})",
            call.result,
            [
                (f"{n} < 0", f"'combination size must not be negative: ' || {n}"),
                (f"{n} > 5", f"'combination size must not exceed 5: ' || {n}"),
                (f"trino_binomial(len({a}), {n}) > 100000", "'combinations exceed max size'"),
                (f"{a} IS NULL OR {n} IS NULL", "NULL"),
            ],
        ),
    )


macro(
    "trino_binomial",
    "(size, n) AS list_product(list_transform(range(n),"
    " lambda i: (size - i) / CAST(i + 1 AS DOUBLE)))",
)
# Ascending index tuples, one position at a time; at most five.
macro(
    "trino_next_indexes",
    "(chosen, size) AS flatten(list_transform(chosen, lambda c: list_transform("
    "range(coalesce(c[-1], 0) + 1, size + 1), lambda i: list_append(c, i))))",
)
macro(
    "trino_indexes",
    "(size, n) AS list_reduce(list_concat([[CAST([] AS BIGINT[])]], list_transform(range(n),"
    " lambda i: [CAST([] AS BIGINT[])])), lambda chosen, x: trino_next_indexes(chosen, size))",
)
macro(
    "trino_combinations",
    "(a, n) AS list_transform(list_sort(list_transform(trino_indexes(len(a), n),"
    " lambda c: list_reverse(c))), lambda c: list_select(a, list_reverse(c)))",
)

scalar(
    "slice",
    "(array(E), bigint, bigint) -> array(E)",
    sql=_slice,
    doc="A part of the array from an index on, of at most a length.",
)
scalar(
    "trim_array",
    "(array(E), bigint) -> array(E)",
    sql=_trim_array,
    doc="The array without its last elements.",
)
scalar(
    "flatten",
    "(array(array(E))) -> array(E)",
    sql="flatten({0})",
    doc="The elements of the arrays in an array.",
)
scalar(
    "array_join",
    "(array(E), varchar) -> varchar",
    "(array(E), varchar, varchar) -> varchar",
    sql=_array_join,
    doc="The elements as text with a separator between; NULLs are left out or replaced.",
)
scalar("concat", *CONCAT, sql=concat, doc="Joins strings, binaries or arrays.", strict=0)
scalar(
    "repeat",
    "(T, bigint) -> array(T)",
    sql=_repeat,
    doc="An array of one element, that many times.",
    strict=0,
)
scalar(
    "ngrams",
    "(array(T), integer) -> array(array(T))",
    sql=_ngrams,
    doc="Every run of n neighbouring elements.",
)
scalar(
    "combinations",
    "(array(T), integer) -> array(array(T))",
    sql=_combinations,
    doc="Every choice of n elements, in their order.",
)

# Sequences ----------------------------------------------------------------------------------

_TOO_MANY: Final = "'result of sequence function must not have more than 10000 entries'"
_WRONG_WAY: Final = (
    "'sequence stop value should be greater than or equal to start value if step is greater than"
    " zero otherwise stop should be less than or equal to start'"
)


def _sequence(call: Call) -> str:
    start, stop = call.arguments[:2]
    of = call.types[0]
    if len(call.arguments) == 2:
        return bound(
            (start, stop),
            lambda a, b: _counted(call.result, a, b, f"CASE WHEN {a} <= {b} THEN 1 ELSE -1 END"),
        )
    step = call.arguments[2]
    if call.types[2].name == "interval year to month":
        return bound((start, stop, step), lambda a, b, n: _months(call.result, a, b, n))
    if of.name == "timestamp":
        return bound((start, stop, step), lambda a, b, n: _moments(call.result, a, b, n))
    if of.name == "date":
        step = f"trino_whole_days({step})"
    return bound((start, stop, step), lambda a, b, n: _counted(call.result, a, b, n))


def _counted(result: Type, start: str, stop: str, step: str) -> str:
    """Whole numbers, or days."""
    days = result.element.name == "date"
    if days:
        first, last = (f"datediff('day', DATE '1970-01-01', {end})" for end in (start, stop))
    else:
        first, last = start, stop
    values = f"generate_series(CAST({first} AS BIGINT), {last}, {step})"
    if days:
        values = f"list_transform({values}, lambda d: DATE '1970-01-01' + CAST(d AS INTEGER))"
    count = f"(CAST({last} AS HUGEINT) - {first}) // {step}"
    return guarded(values, result, _sequence_rules(first, last, step, count))


def _months(result: Type, start: str, stop: str, step: str) -> str:
    months = f"CAST(i * {step} AS INTEGER)"
    if is_fine(result.element):
        ends = f"trino_timestamp_of_ps({start}), trino_timestamp_of_ps({stop})"
        moment = f"trino_timestamp_ps_add_months({start}, {months})"
    else:
        ends = f"{start}, {stop}"
        moment = f"CAST({start} + to_months({months}) AS {physical(result.element)})"
    count = f"trino_months_between({ends}) // {step}"
    values = f"list_transform(range({count} + 1), lambda i: {moment})"
    return guarded(values, result, _sequence_rules(start, stop, step, count))


def _moments(result: Type, start: str, stop: str, step: str) -> str:
    if is_fine(result.element):
        count = f"CAST(({stop} - {start}) // (CAST({step} AS HUGEINT) * 1000000000) AS BIGINT)"
        moment = f"trino_timestamp_ps_add({start}, i * {step})"
    else:
        count = f"(epoch_us({stop}) - epoch_us({start})) // ({step} * 1000)"
        moment = f"{start} + to_microseconds(i * {step} * 1000)"
    values = f"list_transform(range({count} + 1), lambda i: {moment})"
    return guarded(values, result, _sequence_rules(start, stop, step, count))


def _sequence_rules(start: str, stop: str, step: str, count: str) -> list[tuple[str, str]]:
    wrong = f"({step} > 0 AND {start} > {stop}) OR ({step} < 0 AND {start} < {stop})"
    return [
        (f"{step} = 0", "'step must not be zero'"),
        (wrong, _WRONG_WAY),
        (f"{step} <> 0 AND {count} >= 10000", _TOO_MANY),
        (f"{start} IS NULL OR {stop} IS NULL OR {step} IS NULL", "NULL"),
    ]


macro(
    "trino_whole_days",
    "(i) AS CASE WHEN i % 86400000 <> 0 THEN CAST(trino_fail("
    "'INVALID_FUNCTION_ARGUMENT', 'sequence step must be a day interval if start and end values"
    " are dates') AS BIGINT) ELSE i // 86400000 END",
)
macro(
    "trino_months_between",
    "(a, b) AS CASE WHEN a <= b THEN datesub('month', a, b) ELSE -datesub('month', b, a) END",
)
scalar(
    "sequence",
    "(bigint, bigint) -> array(bigint)",
    "(bigint, bigint, bigint) -> array(bigint)",
    "(date, date) -> array(date)",
    "(date, date, interval day to second) -> array(date)",
    "(date, date, interval year to month) -> array(date)",
    "(timestamp(p), timestamp(p), interval day to second) -> array(timestamp(p))",
    "(timestamp(p), timestamp(p), interval year to month) -> array(timestamp(p))",
    sql=strict(_sequence),
    doc="Numbers, dates or timestamps from a first to a last by a step.",
)

# Side by side -------------------------------------------------------------------------------


def _zip(call: Call) -> str:
    fields = [f"_{i}" for i in range(1, len(call.arguments) + 1)]

    def body(*arrays: str) -> str:
        longest = f"greatest({', '.join(f'len({each})' for each in arrays)})"
        packed = ", ".join(f"'{f}': {a}[i]" for f, a in zip(fields, arrays, strict=True))
        known = " AND ".join(f"{each} IS NOT NULL" for each in arrays)
        return (
            f"CASE WHEN {known} THEN list_transform(range(1, {longest} + 1),"
            f" lambda i: {{{packed}}}) END"
        )

    return bound(call.arguments, body)


scalar(
    "zip",
    *(
        f"({', '.join(f'array(T{i})' for i in range(1, count + 1))})"
        f" -> array(row({', '.join(f'T{i}' for i in range(1, count + 1))}))"
        for count in range(2, 6)
    ),
    sql=_zip,
    doc="Rows of the arrays' elements at the same index; the shorter arrays give NULLs.",
)

# Vectors ------------------------------------------------------------------------------------


def _vectors(function: str, *, whole: bool = False) -> Emit:
    """Two vectors of one length; those that must be `whole` have no NULL inside."""

    def body(a: str, b: str) -> str:
        gaps = f" WHEN list_position({a}, NULL) > 0 OR list_position({b}, NULL) > 0 THEN NULL"
        return (
            f"CASE WHEN len({a}) <> len({b}) THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT',"
            " 'The arguments must have the same length') AS DOUBLE)"
            f"{gaps if whole else ''} ELSE {function.format(a, b)} END"
        )

    return lambda call: bound(call.arguments, body)


macro(
    "trino_cosine_similarity",
    "(a, b) AS CASE WHEN trino_inner_product(a, a) = 0 OR trino_inner_product(b, b) = 0"
    " THEN CAST(trino_fail('INVALID_FUNCTION_ARGUMENT', 'Vector magnitude cannot be zero')"
    " AS DOUBLE)"
    " ELSE trino_inner_product(a, b)"
    " / sqrt(trino_inner_product(a, a) * trino_inner_product(b, b)) END",
)
# A NULL inside counts as 0, and is there to see for those that ask.
macro("trino_without_nulls", "(a) AS list_transform(a, lambda e: coalesce(e, 0e0))")
macro(
    "trino_inner_product",
    "(a, b) AS list_inner_product(trino_without_nulls(a), trino_without_nulls(b))",
)
macro(
    "trino_euclidean_distance",
    "(a, b) AS list_distance(trino_without_nulls(a), trino_without_nulls(b))",
)
# Vectors whose places have names; what only one names is 0 in the other.
macro(
    "trino_sparse_product",
    "(a, b) AS coalesce(list_sum(list_transform(map_entries(a), lambda e:"
    " e.value * coalesce(b[e.key], 0))), 0)",
)
macro(
    "trino_sparse_similarity",
    "(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL AND"
    " list_position(map_values(a), NULL) IS NULL AND list_position(map_values(b), NULL) IS NULL"
    " THEN trino_sparse_product(a, b)"
    " / (sqrt(trino_sparse_product(a, a)) * sqrt(trino_sparse_product(b, b))) END",
)


def _cosine_similarity(call: Call) -> str:
    if call.types[0].name == "map":
        return bound(call.arguments, lambda a, b: f"trino_sparse_similarity({a}, {b})")
    return _vectors("trino_cosine_similarity({0}, {1})", whole=True)(call)


for _name, _sql, _doc in (
    ("dot_product", "trino_inner_product({0}, {1})", "The dot product of two vectors."),
    (
        "euclidean_distance",
        "trino_euclidean_distance({0}, {1})",
        "How far two points are from each other.",
    ),
    (
        "cosine_distance",
        "(1 - trino_cosine_similarity({0}, {1}))",
        "One minus the cosine similarity of two vectors.",
    ),
):
    scalar(
        _name,
        "(array(double), array(double)) -> double",
        sql=_vectors(_sql, whole=_name.startswith("cosine")),
        doc=_doc,
    )
scalar(
    "cosine_similarity",
    "(array(double), array(double)) -> double",
    "(map(varchar, double), map(varchar, double)) -> double",
    sql=_cosine_similarity,
    doc="The cosine of the angle between two vectors.",
)
