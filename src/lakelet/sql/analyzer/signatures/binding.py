"""Whether one signature takes a call's arguments, and what its variables then stand for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql.analyzer.signatures.numbers import evaluate
from lakelet.sql.analyzer.signatures.texts import Pattern, Signature
from lakelet.sql.functions.registry import Function
from lakelet.types.coercion import (
    can_coerce,
    common_supertype,
    is_comparable,
    is_orderable,
)
from lakelet.types.model import UNKNOWN, Type
from lakelet.types.parsing import MAX_VARCHAR, make_type


@dataclass(frozen=True, slots=True)
class LambdaArgument:
    """Stands for an argument that is a lambda, whose type the signature decides."""

    parameters: int = 1


Argument = Type | LambdaArgument
AnalyzeLambda = Callable[[int, tuple[Type, ...]], Type]
"""(index of the argument, types of the lambda's parameters) → the type of its body."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A chosen function: the types its arguments must be coerced to, and what it returns."""

    function: Function
    argument_types: tuple[Type, ...]
    result: Type


@dataclass(frozen=True, slots=True)
class Candidate:
    """A function under one of its signatures."""

    function: Function
    signature: Signature


@dataclass(frozen=True, slots=True)
class Applicable:
    """A signature that takes the arguments; `result` is None when no such type exists."""

    candidate: Candidate
    types: tuple[Type, ...]
    numbers: dict[str, int]
    result: Type | None

    def binding(self) -> Binding:
        if self.result is None:
            result = self.candidate.signature.result
            numbers = (str(evaluate(each, self.numbers)) for each in result.numbers)
            text = Pattern(result.name, tuple(numbers))
            raise TrinoError("TYPE_NOT_FOUND", f"Unknown type: {text}")
        return Binding(self.candidate.function, self.types, self.result)


_ITERATIONS: Final = 4
"""How often a lambda may widen its own parameters (SignatureBinder.SOLVE_ITERATION_LIMIT)."""


@dataclass(slots=True)
class Solver:
    """Finds what a signature's variables stand for, given the arguments of one call."""

    signature: Signature
    coerce: bool
    types: dict[str, Type] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    calculated: dict[Pattern, Type] = field(default_factory=dict)

    def unify(self, pattern: Pattern, actual: Type) -> bool:
        """Takes one argument into account; False when it can never fit."""
        if pattern.is_variable:
            return self.unify_variable(pattern.name, actual)
        if pattern.numbers and not all(map(str.isdigit, pattern.numbers)):
            return self.unify_numbers(pattern, actual)
        if pattern.arguments:
            return self.unify_parts(pattern, actual)
        wanted = _concrete(pattern)
        return can_coerce(actual, wanted) if self.coerce else actual == wanted

    def unify_variable(self, name: str, actual: Type) -> bool:
        bound = self.types.get(name)
        if bound is None:
            self.types[name] = actual
            return True
        if not self.coerce:
            return bound == actual
        common = common_supertype(bound, actual)
        if common is None:
            return False
        self.types[name] = common
        return True

    def unify_numbers(self, pattern: Pattern, actual: Type) -> bool:
        if actual.name != pattern.name:
            if not self.coerce:
                return False
            if actual == UNKNOWN and self.numbers.keys() >= set(pattern.numbers):
                return True
            moved = _to_base(actual, pattern.name)
            if moved is None:
                return False
            actual = moved
        values = actual.numbers or (MAX_VARCHAR,)
        known = [self.numbers.get(v, int(v) if v.isdigit() else None) for v in pattern.numbers]
        if None not in known:
            bound = Type(pattern.name, tuple(v for v in known if v is not None))
            if bound.numbers == values:
                return True
            common = common_supertype(bound, Type(pattern.name, values)) if self.coerce else None
            if common is None:
                return False
            values = common.numbers
        for variable, value in zip(pattern.numbers, values, strict=True):
            if not variable.isdigit():
                self.numbers[variable] = value
        return True

    def unify_parts(self, pattern: Pattern, actual: Type) -> bool:
        if actual == UNKNOWN and self.coerce:
            return all(self.unify(part, UNKNOWN) for part in pattern.arguments)
        if actual.name != pattern.name or len(actual.arguments) != len(pattern.arguments):
            return False
        return all(map(self.unify, pattern.arguments, actual.arguments))

    def build(self, pattern: Pattern) -> Type | None:
        """The type that a pattern stands for; None while a variable is free."""
        if pattern.is_variable:
            return self.types.get(pattern.name)
        if pattern.numbers:
            numbers = [evaluate(each, self.numbers) for each in pattern.numbers]
            if None in numbers:
                return None
            return make_type(pattern.name, tuple(n for n in numbers if n is not None))
        if pattern.arguments:
            parts = [self.build(each) for each in pattern.arguments]
            if None in parts:
                return None
            known = tuple(part for part in parts if part is not None)
            return Type(pattern.name, (), known, pattern.fields)
        return _concrete(pattern)

    def satisfies_constraints(self) -> bool:
        return all(
            _CONSTRAINTS[constraint](self.types[variable])
            for variable, constraint in self.signature.variables.items()
            if constraint and variable in self.types
        )


_CONSTRAINTS: Final[dict[str, Callable[[Type], bool]]] = {
    "orderable": is_orderable,
    "comparable": is_comparable,
    "row": lambda of: of.name == "row",
}

_FROM_UNKNOWN: Final = {
    "decimal": (1, 0),
    "varchar": (0,),
    "char": (0,),
    "time": (3,),
    "time with time zone": (3,),
    "timestamp": (3,),
    "timestamp with time zone": (3,),
}


def _to_base(actual: Type, base: str) -> Type | None:
    """The type of another base that a value coerces to (TypeCoercion.coerceTypeBase)."""
    if actual == UNKNOWN:
        return Type(base, _FROM_UNKNOWN[base])
    if base == "varchar":
        return None
    sample = Type(base, (actual.precision if _is_temporal(actual) else 0,))
    if base == "decimal":
        sample = Type(base, (1, 0))
    if base == "char":
        sample = Type(base, (0,))
    common = common_supertype(actual, sample)
    return common if common is not None and common.name == base else None


def _is_temporal(of: Type) -> bool:
    return of.name.startswith("time")


@lru_cache(maxsize=1024)
def _concrete(pattern: Pattern) -> Type:
    if pattern.numbers:
        made = make_type(pattern.name, tuple(map(int, pattern.numbers)))
        if made is None:
            raise ValueError(f"malformed type {pattern}")
        return made
    if pattern.arguments:
        parts = tuple(map(_concrete, pattern.arguments))
        return Type(pattern.name, (), parts, pattern.fields)
    return Type(pattern.name)


def bind(
    candidate: Candidate,
    arguments: Sequence[Argument],
    analyze_lambda: AnalyzeLambda | None,
    *,
    coerce: bool,
) -> Applicable | None:
    """What a signature makes of the arguments; None when it does not take them."""
    signature = candidate.signature
    patterns = signature.expanded(len(arguments))
    if patterns is None:
        return None
    solver = Solver(signature, coerce)
    pairs = list(enumerate(zip(patterns, arguments, strict=True)))
    for _, (pattern, actual) in pairs:
        if isinstance(actual, LambdaArgument):
            if pattern.name != "function":
                return None
        elif pattern.name == "function" or not solver.unify(pattern, actual):
            return None
    lambdas = {i: pattern for i, (pattern, actual) in pairs if isinstance(actual, LambdaArgument)}
    if lambdas and not (analyze_lambda and _solve_lambdas(solver, lambdas, analyze_lambda)):
        return None
    return _finished(candidate, solver, patterns, arguments)


def _solve_lambdas(
    solver: Solver, lambdas: dict[int, Pattern], analyze_lambda: AnalyzeLambda
) -> bool:
    """Analyses lambdas as soon as their parameters' types are known, until nothing changes."""
    for _ in range(_ITERATIONS + 1):
        before = dict(solver.types), dict(solver.numbers)
        waiting = False
        for index, pattern in lambdas.items():
            parameters = [solver.build(part) for part in pattern.arguments[:-1]]
            if None in parameters:
                waiting = True
                continue
            known = tuple(part for part in parameters if part is not None)
            result, body = pattern.arguments[-1], analyze_lambda(index, known)
            # What a lambda gives is not coerced: its body is of the very type.
            if not solver.unify(result, body) or solver.build(result) not in (None, body):
                return False
        if before == (solver.types, solver.numbers):
            return not waiting
    raise TrinoError(
        "GENERIC_INTERNAL_ERROR",
        "SignatureBinder.iterativeSolve does not converge after 4 iterations.",
    )


def _finished(
    candidate: Candidate,
    solver: Solver,
    patterns: Sequence[Pattern],
    arguments: Sequence[Argument],
) -> Applicable | None:
    built = [solver.build(pattern) for pattern in patterns]
    if None in built or not solver.satisfies_constraints():
        return None
    types = tuple(each for each in built if each is not None)
    if candidate.signature.variables.keys() - solver.types.keys():
        return None
    for actual, wanted in zip(arguments, types, strict=True):
        if not isinstance(actual, LambdaArgument) and not can_coerce(actual, wanted):
            return None
    return Applicable(candidate, types, solver.numbers, solver.build(candidate.signature.result))
