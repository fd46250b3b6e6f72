"""The signature that a call means, or Trino's error when it is none or several."""

from collections.abc import Iterable, Iterator, Sequence

from lakelet.errors import TrinoError
from lakelet.sql.analyzer.signatures.binding import (
    AnalyzeLambda,
    Applicable,
    Argument,
    Binding,
    Candidate,
    LambdaArgument,
    bind,
)
from lakelet.sql.analyzer.signatures.texts import parse_signature
from lakelet.sql.functions.registry import Function
from lakelet.types.model import UNKNOWN, Type


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
        Candidate(function, signature)
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


def _applicable(
    candidates: Iterable[Candidate],
    arguments: Sequence[Argument],
    analyze_lambda: AnalyzeLambda | None,
    *,
    coerce: bool,
) -> Iterator[Applicable]:
    for candidate in candidates:
        found = bind(candidate, arguments, analyze_lambda, coerce=coerce)
        if found is not None:
            yield found


def _most_specific(found: list[Applicable], arguments: Sequence[Argument]) -> list[Applicable]:
    best: list[Applicable] = []
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


def _fits(narrow: Applicable, wide: Applicable) -> bool:
    """Whether a call with the types of `narrow` is one of `wide` too."""
    types = narrow.types
    plain = [LambdaArgument() if each.name == "function" else each for each in types]

    def body(index: int, parameters: tuple[Type, ...]) -> Type:
        return types[index].arguments[-1]

    return bind(wide.candidate, plain, body, coerce=True) is not None


def _of_unknown(
    best: list[Applicable], found: list[Applicable], arguments: Sequence[Argument]
) -> list[Applicable]:
    """Prefers candidates that convert nothing but NULLs; any will do if all return the same, and
    NULL for a NULL."""
    only = [
        each
        for each in found
        if all(
            given in (UNKNOWN, wanted) for given, wanted in zip(arguments, each.types, strict=True)
        )
    ]
    best = only or best
    null = all(UNKNOWN in arguments[: each.candidate.function.strict] for each in best)
    if len({each.result for each in best}) == 1 and null:
        return best[:1]
    return best


def _no_match(
    name: str, candidates: Sequence[Candidate], arguments: Sequence[Argument]
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


def _ambiguous(found: Sequence[Applicable]) -> TrinoError:
    lines = (f"\t * ({','.join(map(str, each.types))}):{each.result}\n" for each in found)
    return TrinoError(
        "AMBIGUOUS_FUNCTION_CALL",
        "Could not choose a best candidate operator. Explicit type casts must be added.\n"
        f"Candidates are:\n{''.join(lines)}",
    )
