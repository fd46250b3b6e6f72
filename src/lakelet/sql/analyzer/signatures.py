"""Which of a name's signatures a call means: Trino's overload resolution.

Exact matches come first (those without type variables before those with them), then what
coercion allows, of which the most specific wins. The order of the steps is that of Trino's
FunctionBinder and SignatureBinder.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from lakelet.errors import TrinoError
from lakelet.sql.functions.registry import Function
from lakelet.types.coercion import (
    can_coerce,
    common_supertype,
    is_comparable,
    is_orderable,
)
from lakelet.types.model import UNKNOWN, Type
from lakelet.types.parsing import MAX_VARCHAR, SIMPLE, make_type


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


def resolve(
    name: str,
    functions: Sequence[Function],
    arguments: Sequence[Argument],
    analyze_lambda: AnalyzeLambda | None = None,
) -> Binding:
    """The binding of a call of `name`.

    Raises TrinoError FUNCTION_NOT_FOUND when nothing fits and AMBIGUOUS_FUNCTION_CALL when more
    than one does, both without a position; what `analyze_lambda` raises passes through.
    """
    if not functions:
        raise TrinoError("FUNCTION_NOT_FOUND", f"Function '{name}' not registered")
    candidates = [
        _Candidate(function, signature)
        for function in functions
        for signature in map(parse_signature, function.signatures)
    ]
    plain = [each for each in candidates if not each.signature.variables]
    generic = [each for each in candidates if each.signature.variables]
    for group, coerce in ((plain, False), (generic, False), (candidates, True)):
        found = list(_applicable(group, arguments, analyze_lambda, coerce=coerce))
        if coerce:
            found = _most_specific(found, arguments)
        if len(found) == 1:
            return found[0].binding()
        if found:
            raise _ambiguous(found)
    raise _no_match(name, candidates, arguments)


def bind_operator(
    sign: str, functions: Sequence[Function], arguments: Sequence[Type]
) -> Binding | None:
    """The binding of an operator, or None when it does not take such arguments."""
    try:
        return resolve(sign, functions, arguments)
    except TrinoError as failure:
        if failure.name == "FUNCTION_NOT_FOUND":
            return None
        raise


# Signatures as values -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pattern:
    """A type with variables: `name` alone may be a type variable, `numbers` are expressions."""

    name: str
    numbers: tuple[str, ...] = ()
    arguments: tuple["Pattern", ...] = ()
    fields: tuple[str | None, ...] = ()

    @property
    def is_variable(self) -> bool:
        return _VARIABLE.fullmatch(self.name) is not None

    def __str__(self) -> str:
        if self.name.endswith(" with time zone"):
            base = self.name.removesuffix(" with time zone")
            return f"{Pattern(base, self.numbers)} with time zone"
        if self.name == "row" and self.fields:
            fields = (f"{n} {a}" if n else str(a) for n, a in self._fields())
            return f"row({', '.join(fields)})"
        inside = ",".join((*self.numbers, *map(str, self.arguments)))
        return f"{self.name}({inside})" if inside else self.name

    def _fields(self) -> Iterator[tuple[str | None, "Pattern"]]:
        return zip(self.fields, self.arguments, strict=True)


@dataclass(frozen=True, slots=True)
class Signature:
    """A parsed signature text; `variables` maps type variables to their constraint or ''."""

    arguments: tuple[Pattern, ...]
    result: Pattern
    variables: dict[str, str]
    variadic: bool

    def expanded(self, count: int) -> tuple[Pattern, ...] | None:
        """The patterns for `count` arguments; None when there cannot be so many."""
        fixed = self.arguments
        if not self.variadic:
            return fixed if len(fixed) == count else None
        if count < len(fixed) - 1:
            return None
        return (*fixed[:-1], *(fixed[-1],) * (count - len(fixed) + 1))

    def display(self, name: str) -> str:
        """As Trino lists it in an error: `element_at(array(E), bigint) E`."""
        variables = (f"{v}:{c}" if c else v for v, c in self.variables.items())
        text = f"{name}({', '.join(map(str, self.arguments))})"
        return f"{text} {', '.join(variables)}".rstrip()


_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]*")
_WORD: Final = re.compile(r"\s*([\w$]+|->|\.\.\.|.)", re.DOTALL)
_NUMBERED: Final = frozenset(
    (
        "char",
        "decimal",
        "time",
        "time with time zone",
        "timestamp",
        "timestamp with time zone",
        "varchar",
    )
)


@lru_cache(maxsize=8192)
def parse_signature(text: str) -> Signature:
    """A registry's signature text, `(array(T:comparable), bigint) -> T`, as a value."""
    return _SignatureParser(text).signature()


class _SignatureParser:
    """A recursive descent over one signature's text; a malformed one is a programming error."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[str] = [word for word in _WORD.findall(text) if word.strip()]
        self.position = 0
        self.variables: dict[str, str] = {}

    def signature(self) -> Signature:
        self.expect("(")
        arguments, variadic = [], False
        while not self.take(")"):
            if self.take("..."):
                variadic = True
            else:
                arguments.append(self.pattern())
            self.take(",")
        self.expect("->")
        result = self.pattern()
        if self.position != len(self.words):
            raise ValueError(f"malformed signature {self.text}")
        return Signature(tuple(arguments), result, self.variables, variadic)

    def peek(self) -> str:
        return self.words[self.position] if self.position < len(self.words) else ""

    def take(self, word: str) -> bool:
        if self.peek() != word:
            return False
        self.position += 1
        return True

    def expect(self, word: str) -> None:
        if not self.take(word):
            raise ValueError(f"malformed signature {self.text}: expected {word}")

    def next(self) -> str:
        self.position += 1
        return self.words[self.position - 1]

    def pattern(self) -> Pattern:
        name = self.next()
        if _VARIABLE.fullmatch(name):
            self.variables.setdefault(name, "")
            if self.take(":"):
                self.variables[name] = self.next()
            return Pattern(name)
        name = self.long_name(name)
        if name == "row":
            return self.row()
        if name in _NUMBERED:
            numbers = self.numbers()
            return Pattern(self.zoned(name), numbers)
        arguments = []
        if self.take("("):
            while not self.take(")"):
                arguments.append(self.pattern())
                self.take(",")
        if not arguments and name.lower() in SIMPLE:
            name = SIMPLE[name.lower()].name
        return Pattern(name, (), tuple(arguments))

    def long_name(self, name: str) -> str:
        if name != "interval":
            return name
        return " ".join((name, self.next(), self.next(), self.next()))

    def zoned(self, name: str) -> str:
        if not self.take("with"):
            return name
        self.position += 2
        return f"{name} with time zone"

    def numbers(self) -> tuple[str, ...]:
        if not self.take("("):
            return ()
        found, depth, current = [], 0, ""
        while depth or self.peek() != ")":
            word = self.next()
            depth += {"(": 1, ")": -1}.get(word, 0)
            if word == "," and not depth:
                found.append(current)
                current = ""
            else:
                current += word
        self.expect(")")
        return (*found, current)

    def row(self) -> Pattern:
        self.expect("(")
        names: list[str | None] = []
        parts = []
        while not self.take(")"):
            named = self.words[self.position + 1] not in ("(", ",", ")", ":")
            names.append(self.next() if named else None)
            parts.append(self.pattern())
            self.take(",")
        return Pattern("row", (), tuple(parts), tuple(names))


# Binding one signature ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Candidate:
    function: Function
    signature: Signature


@dataclass(frozen=True, slots=True)
class _Applicable:
    """A signature that takes the arguments; `result` is None when no such type exists."""

    candidate: _Candidate
    types: tuple[Type, ...]
    numbers: dict[str, int]
    result: Type | None

    def binding(self) -> Binding:
        if self.result is None:
            result = self.candidate.signature.result
            numbers = (str(_evaluate(each, self.numbers)) for each in result.numbers)
            text = Pattern(result.name, tuple(numbers))
            raise TrinoError("TYPE_NOT_FOUND", f"Unknown type: {text}")
        return Binding(self.candidate.function, self.types, self.result)


_ITERATIONS: Final = 4
"""How often a lambda may widen its own parameters (SignatureBinder.SOLVE_ITERATION_LIMIT)."""


@dataclass(slots=True)
class _Solver:
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
            numbers = [_evaluate(each, self.numbers) for each in pattern.numbers]
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


def _evaluate(expression: str, values: dict[str, int]) -> int | None:
    """The number an expression over number variables gives; None while one is free."""
    tree = _calculation(expression)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if names - _CALLS.keys() - values.keys():
        return None
    return _calculate(tree, values)


@lru_cache(maxsize=1024)
def _calculation(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


_CALLS: Final[dict[str, Callable[..., int]]] = {"min": min, "max": max}
_OPERATIONS: Final[dict[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a // b,
}


def _calculate(node: ast.expr, values: dict[str, int]) -> int:
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATIONS[type(op)](_calculate(left, values), _calculate(right, values))
        case ast.Call(func=ast.Name(id=name), args=args):
            return _CALLS[name](*(_calculate(each, values) for each in args))
    raise ValueError(f"malformed calculation {ast.unparse(node)}")


def _bind(
    candidate: _Candidate,
    arguments: Sequence[Argument],
    analyze_lambda: AnalyzeLambda | None,
    *,
    coerce: bool,
) -> _Applicable | None:
    signature = candidate.signature
    patterns = signature.expanded(len(arguments))
    if patterns is None:
        return None
    solver = _Solver(signature, coerce)
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
    solver: _Solver, lambdas: dict[int, Pattern], analyze_lambda: AnalyzeLambda
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
            # A body that is NULL is of no type, which a lambda does not coerce.
            if body == UNKNOWN and solver.build(result) not in (None, UNKNOWN):
                return False
            if not solver.unify(result, body):
                return False
        if before == (solver.types, solver.numbers):
            return not waiting
    raise TrinoError(
        "GENERIC_INTERNAL_ERROR",
        "SignatureBinder.iterativeSolve does not converge after 4 iterations.",
        error_type="INTERNAL_ERROR",
    )


def _finished(
    candidate: _Candidate,
    solver: _Solver,
    patterns: Sequence[Pattern],
    arguments: Sequence[Argument],
) -> _Applicable | None:
    built = [solver.build(pattern) for pattern in patterns]
    if None in built or not solver.satisfies_constraints():
        return None
    types = tuple(each for each in built if each is not None)
    if candidate.signature.variables.keys() - solver.types.keys():
        return None
    for actual, wanted in zip(arguments, types, strict=True):
        if not isinstance(actual, LambdaArgument) and not can_coerce(actual, wanted):
            return None
    return _Applicable(candidate, types, solver.numbers, solver.build(candidate.signature.result))


def _applicable(
    candidates: Iterable[_Candidate],
    arguments: Sequence[Argument],
    analyze_lambda: AnalyzeLambda | None,
    *,
    coerce: bool,
) -> Iterator[_Applicable]:
    for candidate in candidates:
        found = _bind(candidate, arguments, analyze_lambda, coerce=coerce)
        if found is not None:
            yield found


# Choosing among several ---------------------------------------------------------------------


def _most_specific(found: list[_Applicable], arguments: Sequence[Argument]) -> list[_Applicable]:
    best: list[_Applicable] = []
    for current in found:
        known = False
        for index, other in enumerate(best):
            if _fits(current, other):
                best[index] = current
                known = True
                break
            if _fits(other, current):
                known = True
                break
        if not known:
            best.append(current)
    if len(best) <= 1 or UNKNOWN not in arguments:
        return best
    return _of_unknown(best, found, arguments)


def _fits(narrow: _Applicable, wide: _Applicable) -> bool:
    """Whether a call with the types of `narrow` is one of `wide` too."""
    types = narrow.types
    plain = [LambdaArgument() if each.name == "function" else each for each in types]

    def body(index: int, parameters: tuple[Type, ...]) -> Type:
        return types[index].arguments[-1]

    return _bind(wide.candidate, plain, body, coerce=True) is not None


def _of_unknown(
    best: list[_Applicable], found: list[_Applicable], arguments: Sequence[Argument]
) -> list[_Applicable]:
    """Prefers candidates that convert nothing but NULLs; any will do if all return the same."""
    only = [
        each
        for each in found
        if all(
            given in (UNKNOWN, wanted) for given, wanted in zip(arguments, each.types, strict=True)
        )
    ]
    best = only or best
    if len({each.result for each in best}) == 1:
        return best[:1]
    return best


# Trino's words ------------------------------------------------------------------------------


def _no_match(
    name: str, candidates: Sequence[_Candidate], arguments: Sequence[Argument]
) -> TrinoError:
    given = (
        "<function>" if isinstance(each, LambdaArgument) else str(each).replace(", ", ",")
        for each in arguments
    )
    expected = ", ".join(sorted(each.signature.display(name) for each in candidates))
    return TrinoError(
        "FUNCTION_NOT_FOUND",
        f"Unexpected parameters ({', '.join(given)}) for function {name}. Expected: {expected}",
    )


def _ambiguous(found: Sequence[_Applicable]) -> TrinoError:
    lines = (f"\t * ({','.join(map(str, each.types))}):{each.result}\n" for each in found)
    return TrinoError(
        "AMBIGUOUS_FUNCTION_CALL",
        "Could not choose a best candidate operator. Explicit type casts must be added.\n"
        f"Candidates are:\n{''.join(lines)}",
    )
