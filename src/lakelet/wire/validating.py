"""Parameters against the model's constraints, refused in the words of AWS's front end."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

from lakelet.errors import AwsError
from lakelet.wire.models import operation_model, protocol

_ASTRAL = "\\uD800\\uDC00-\\uDBFF\\uDFFF"
"""How Java's patterns write the characters beyond 16 bits."""


def validate(service: str, operation: str, parameters: dict[str, Any]) -> None:
    """Raises AwsError ValidationException (InvalidRequestException where the service has it).

    S3 checks its parameters itself, in its own words.
    """
    shape = operation_model(service, operation).input_shape
    if shape is None or protocol(service) == "rest-xml":
        return
    faults = list(_check(shape, parameters, ""))
    if service == "athena":
        faults = [
            _as_athena_says(each) for each in faults if not _is_checked_later(operation, each)
        ]
    if not faults:
        return
    count = len(faults)
    plural = "s" if count > 1 else ""
    message = f"{count} validation error{plural} detected: {'; '.join(faults)}"
    raise AwsError(_code(service, operation), message, members=_MEMBERS.get(service))


# Athena's front end, as it was measured on AWS (aoyagikouhei/athena-local: errors).
_MEMBERS = {"athena": {"AthenaErrorCode": "INVALID_INPUT", "ErrorCode": "INVALID_INPUT"}}


def _as_athena_says(fault: str) -> str:
    """Without the value."""
    return re.sub(r"^Value '.*' at '", "Value at '", fault, flags=re.DOTALL)


def _is_checked_later(operation: str, fault: str) -> bool:
    """GetQueryResults looks for its query before it minds too many rows."""
    return operation == "GetQueryResults" and fault.endswith("less than or equal to 1000")


@lru_cache
def _code(service: str, operation: str) -> str:
    """Athena says InvalidRequestException where others say ValidationException."""
    named = {shape.name for shape in operation_model(service, operation).error_shapes}
    if "ValidationException" not in named and "InvalidRequestException" in named:
        return "InvalidRequestException"
    return "ValidationException"


def _check(shape: Any, value: Any, path: str) -> Iterator[str]:
    yield from _CHECKS.get(shape.type_name, _check_nothing)(shape, value, path)


def _check_nothing(shape: Any, value: Any, path: str) -> Iterator[str]:
    return iter(())


def _check_structure(shape: Any, value: Any, path: str) -> Iterator[str]:
    if getattr(shape, "is_document_type", False):
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield _fault("null", _below(path, name), "Member must not be null", quoted=False)
    for name, given in value.items():
        if given is not None and name in shape.members:
            yield from _check(shape.members[name], given, _below(path, name))


def _below(path: str, name: str) -> str:
    name = name[0].lower() + name[1:]
    return f"{path}.{name}" if path else name


def _check_list(shape: Any, value: Any, path: str) -> Iterator[str]:
    yield from _check_length(shape, value, path)
    for number, item in enumerate(value, 1):
        yield from _check_inside(shape.member, item, f"{path}.{number}.member")


def _check_map(shape: Any, value: Any, path: str) -> Iterator[str]:
    yield from _check_length(shape, value, path)
    keys = [fault for key in value for fault in _check(shape.key, key, "")]
    if keys:
        rules = ", ".join(dict.fromkeys(each.partition("constraint: ")[2] for each in keys))
        yield _fault(value, path, f"Map keys must satisfy constraint: [{rules}]")
    for key, item in value.items():
        yield from _check_inside(shape.value, item, f"{path}.{key}.member")


def _check_inside(shape: Any, item: Any, path: str) -> Iterator[str]:
    if item is None:
        yield _fault("null", path, "Member must not be null", quoted=False)
    else:
        yield from _check(shape, item, path)


def _check_string(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        allowed = ", ".join(shape.enum)
        yield _fault(value, path, f"Member must satisfy enum value set: [{allowed}]")
    yield from _check_length(shape, value, path)
    pattern = shape.metadata.get("pattern")
    if pattern and not compiled(pattern).fullmatch(value):
        yield _fault(value, path, f"Member must satisfy regular expression pattern: {pattern}")


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> "re.Pattern[str] | _Limited":
    """A pattern of Java's; one that Python can't read refuses nothing.

    A dot stands for a line's end too: `.*\\S.*` is said of texts of many lines.
    """
    text = pattern.replace(_ASTRAL, "\\U00010000-\\U0010ffff")
    try:
        return _Limited(text) if _NESTED.search(text) else re.compile(text, re.DOTALL)
    except re.error:
        return re.compile(".*", re.DOTALL)


class _Limited:
    """A pattern with repeats in repeats, of which some texts would be tried for ever; those are
    none of its."""

    def __init__(self, pattern: str) -> None:
        import regex

        self._pattern = regex.compile(pattern, regex.DOTALL)

    def fullmatch(self, value: str) -> object:
        with suppress(TimeoutError):
            return self._pattern.fullmatch(value, timeout=_SECONDS)
        return None


_NESTED: Final = re.compile(r"[+*}]\)[+*{]")
_SECONDS: Final = 1.0


def _check_length(shape: Any, value: Any, path: str) -> Iterator[str]:
    for rule in _outside(shape, "length", len(value)):
        yield _fault(value, path, rule)


def _check_number(shape: Any, value: Any, path: str) -> Iterator[str]:
    for rule in _outside(shape, "value", value):
        yield _fault(value, path, rule)


def _outside(shape: Any, what: str, number: float) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and number < least:
        yield f"Member must have {what} greater than or equal to {least}"
    if most is not None and number > most:
        yield f"Member must have {what} less than or equal to {most}"


_CHECKS: dict[str, Callable[[Any, Any, str], Iterator[str]]] = {
    "structure": _check_structure,
    "list": _check_list,
    "map": _check_map,
    "string": _check_string,
    "integer": _check_number,
    "long": _check_number,
    "float": _check_number,
    "double": _check_number,
}


def _fault(value: Any, path: str, rule: str, *, quoted: bool = True) -> str:
    shown = f"'{value}'" if quoted else value
    return f"Value {shown} at '{path}' failed to satisfy constraint: {rule}"
