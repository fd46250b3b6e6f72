"""Distributions: normal, beta and Student's t, and Wilson's interval of a share.

The beta function's logarithm, its continued fraction and Brent's search work to the accuracy of
commons-math, whose answers are Trino's.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.registry import macro, scalar, udf
from lakelet.sql.functions.vectorised import once, refused, rowwise

_TINY: Final = 1e-300
_CLOSE: Final = 1e-15
_STEPS: Final = 100_000
"""Steps after which a continued fraction is given up."""


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message)


# Normal --------------------------------------------------------------------------------------


def _normal_cdf(mean: float, deviation: float, value: float) -> float:
    _require(deviation > 0, "standardDeviation must be > 0")
    return 0.5 * (1 + math.erf((value - mean) / (deviation * math.sqrt(2))))


def _load_inverse_normal_cdf() -> Any:
    from statistics import NormalDist

    standard = NormalDist()

    def inverse(mean: float, deviation: float, p: float) -> float:
        _require(0 < p < 1, "p must be 0 > p > 1")
        _require(deviation > 0, "sd must be > 0")
        # As Trino, through the inverse of erf: what is lost near 1 is lost near 0 too.
        centred = 2 * p - 1
        tail = (1 - abs(centred)) / 2
        distance = -standard.inv_cdf(tail) if tail > 0 else math.inf
        return mean + deviation * math.copysign(distance, centred)

    return rowwise(inverse, "float64")


# Beta ----------------------------------------------------------------------------------------


_STIRLING: Final = (691 / 360360, 1 / 1188, 1 / 1680, 1 / 1260, 1 / 360, 1 / 12)


def _stirling(z: float) -> float:
    """What Stirling's formula lacks of the logarithm of gamma, for z of 10 and more."""
    inverse = 1 / z
    square = inverse * inverse
    series = 0.0
    for coefficient in _STIRLING:
        series = coefficient - square * series
    return inverse * series


def _log_beta(a: float, b: float) -> float:
    """The logarithm of beta, without the difference of two large numbers."""
    a, b = min(a, b), max(a, b)
    if b < 10:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    rest = _stirling(b) - _stirling(a + b) - (a + b - 0.5) * math.log1p(a / b)
    if a < 10:
        return math.lgamma(a) + rest - a * math.log(b) + a
    half = 0.5 * math.log(2 * math.pi / b)
    return half + _stirling(a) + rest + (a - 0.5) * math.log(a / b)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    value, upper, lower = 1.0, 1.0, 0.0
    for n in range(1, _STEPS):
        m = n // 2
        if n % 2:
            term = -((a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        lower = 1 / (1 + term * lower or _TINY)
        upper = 1 + term / upper or _TINY
        value *= upper * lower
        if math.isnan(value):
            break
        if abs(upper * lower - 1) < _CLOSE:
            return value
    raise TrinoError(
        "GENERIC_INTERNAL_ERROR",
        f"illegal state: Continued fraction diverged to NaN for value {x}",
    )


def _regularized_beta(x: float, a: float, b: float) -> float:
    if math.isnan(x) or math.isnan(a) or math.isnan(b):
        return math.nan
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (2 + a + b) and 1 - x <= (b + 1) / (2 + a + b):
        return 1 - _regularized_beta(1 - x, b, a)
    power = a * math.log(x) + b * math.log1p(-x) - math.log(a) - _log_beta(a, b)
    return math.exp(power) / _fraction(x, a, b)


def _beta_cdf(a: float, b: float, value: float) -> float:
    _require(0 <= value <= 1, "value must be 0 >= v >= 1")
    _require(a > 0 and b > 0, "a, b must be > 0")
    return _regularized_beta(value, a, b)


def _inverse_beta_cdf(a: float, b: float, p: float) -> float:
    _require(0 <= p <= 1, "p must be 0 >= p >= 1")
    _require(a > 0 and b > 0, "a, b must be > 0")
    if p in (0, 1):
        return p
    return _root(lambda x: _regularized_beta(x, a, b) - p)


_WIDTH: Final = 1e-9
"""How near commons-math goes to an inverse: its answers are not nearer."""


def _root(function: Callable[[float], float]) -> float:
    """Where a function that rises over 0 to 1 is 0: halved once, then by Brent's method."""
    middle = function(0.5)
    if abs(middle) <= _CLOSE:
        return 0.5
    if middle > 0:
        return _brent(function, (0.0, function(0.0)), (0.5, middle))
    return _brent(function, (0.5, middle), (1.0, function(1.0)))


Point = tuple[float, float]


def _brent(function: Callable[[float], float], a: Point, b: Point) -> float:
    """Brent's root between two points (x, y) of opposite signs."""
    c, step, before = a, b[0] - a[0], b[0] - a[0]
    while True:
        if abs(c[1]) < abs(b[1]):
            a, b, c = b, c, b
        tolerance = 2e-14 * abs(b[0]) + _WIDTH
        half = 0.5 * (c[0] - b[0])
        if abs(half) <= tolerance or b[1] == 0:
            return b[0]
        step, before = _step(a, b, c, (step, before, half, tolerance))
        moved = step if abs(step) > tolerance else math.copysign(tolerance, half)
        a, b = b, (b[0] + moved, function(b[0] + moved))
        if (b[1] > 0) == (c[1] > 0):
            c, step, before = a, b[0] - a[0], b[0] - a[0]


def _step(
    a: Point, b: Point, c: Point, state: tuple[float, float, float, float]
) -> tuple[float, float]:
    """The next step and the one before: by interpolation where that is safe, else by halving."""
    step, before, half, tolerance = state
    if abs(before) < tolerance or abs(a[1]) <= abs(b[1]):
        return half, half
    s = b[1] / a[1]
    if a[0] == c[0]:
        p, q = 2 * half * s, 1 - s
    else:
        q, r = a[1] / c[1], b[1] / c[1]
        p = s * (2 * half * q * (q - r) - (b[0] - a[0]) * (r - 1))
        q = (q - 1) * (r - 1) * (s - 1)
    p, q = (p, -q) if p > 0 else (-p, q)
    if p >= 1.5 * half * q - abs(tolerance * q) or p >= abs(0.5 * before * q):
        return half, half
    return p / q, step


# Student's t ---------------------------------------------------------------------------------

_TOO_FEW: Final = "degrees of freedom must be greater than or equal to 1"


def _t_cdf(x: float, freedom: float) -> float:
    _require(not freedom < 1, _TOO_FEW)
    if x == 0:
        return 0.5
    tail = 0.5 * _regularized_beta(freedom / (freedom + x * x), 0.5 * freedom, 0.5)
    return tail if x < 0 else 1 - tail


def _t_pdf(x: float, freedom: float) -> float:
    _require(not freedom < 1, _TOO_FEW)
    if math.isinf(freedom):
        return math.nan
    half = (freedom + 1) / 2
    factor = -0.5 * math.log(freedom) - _log_beta(freedom / 2, 0.5)
    return math.exp(factor - half * math.log(1 + x * x / freedom))


def _register() -> None:
    for name, function, doc in (
        ("normal_cdf", _normal_cdf, "The share of a normal distribution that is not above a value"),
        ("beta_cdf", _beta_cdf, "The share of a beta distribution that is not above a value"),
        ("inverse_beta_cdf", _inverse_beta_cdf, "The value below which a share of a beta lies"),
        ("t_cdf", _t_cdf, "The share of Student's t-distribution that is not above a value"),
        ("t_pdf", _t_pdf, "The density of Student's t-distribution at a value"),
    ):
        count = 2 if name.startswith("t_") else 3
        udf(f"trino_{name}", partial(rowwise, function, "float64"), ("DOUBLE",) * count, "DOUBLE")
        scalar(
            name,
            f"({', '.join(['double'] * count)}) -> double",
            sql=f"trino_{name}({{*}})",
            doc=f"{doc}.",
        )


_register()
udf("trino_inverse_normal_cdf", _load_inverse_normal_cdf, ("DOUBLE",) * 3, "DOUBLE")
scalar(
    "inverse_normal_cdf",
    "(double, double, double) -> double",
    sql="trino_inverse_normal_cdf({*})",
    doc="The value below which a share of a normal distribution lies.",
)

# Wilson's interval ---------------------------------------------------------------------------

for _name, _sign, _word in (("lower", "-", "below"), ("upper", "+", "above")):
    macro(
        f"trino_wilson_interval_{_name}",
        "(successes, trials, z) AS CASE"
        f" WHEN successes < 0 THEN {refused('number of successes must not be negative', 'DOUBLE')}"
        f" WHEN trials <= 0 THEN {refused('number of trials must be positive', 'DOUBLE')}"
        " WHEN successes > trials THEN"
        f" {refused('number of successes must not be larger than number of trials', 'DOUBLE')}"
        " WHEN z < 0 OR isnan(z) THEN"
        f" {refused('z-score must not be negative', 'DOUBLE')}"
        f" ELSE trino_wilson_{_name}(successes / trials, CAST(trials AS DOUBLE), z) END",
    )
    macro(
        f"trino_wilson_{_name}",
        f"(p, n, z) AS (p + z * z / (2 * n)"
        f" {_sign} z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)",
    )
    scalar(
        f"wilson_interval_{_name}",
        "(bigint, bigint, double) -> double",
        sql=once(f"trino_wilson_interval_{_name}"),
        doc=f"The bound {_word} which a share of successes is unlikely, by Wilson's score.",
    )
