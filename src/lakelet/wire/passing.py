"""Whether a value passes its shape's constraints: tests built once a shape, for the many requests
that have no fault. `validating` finds the words for the others."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Test = Callable[[Any], bool]
Compile = Callable[[str], re.Pattern[str]]


def tester(shape: Any, compile_pattern: Compile) -> Test:
    """The test of a shape; what may be absent passes as None."""
    return _Tests(compile_pattern).of(shape) or (lambda value: True)


class _Tests:
    """The tests of one operation's shapes, of which some hold themselves."""

    def __init__(self, compile_pattern: Compile) -> None:
        self._compile = compile_pattern
        self._made: dict[str, Test | None] = {}
        self._building: set[str] = set()

    def of(self, shape: Any) -> Test | None:
        """None for a shape that anything passes."""
        if shape.name in self._building:
            return lambda value: self._again(shape.name, value)
        if shape.name not in self._made:
            self._building.add(shape.name)
            self._made[shape.name] = self._build(shape)
            self._building.discard(shape.name)
        return self._made[shape.name]

    def _again(self, name: str, value: Any) -> bool:
        test = self._made[name]
        return test is None or test(value)

    def _build(self, shape: Any) -> Test | None:
        if getattr(shape, "is_document_type", False):
            return None
        if shape.type_name == "structure":
            return self._structure(shape)
        if shape.type_name == "list":
            return _both(_size(shape), _every(self.of(shape.member)))
        if shape.type_name == "map":
            return _both(_size(shape), _every_value(self.of(shape.value)))
        if shape.type_name == "string":
            return _both(_size(shape), self._text(shape))
        if shape.type_name in ("integer", "long", "float", "double"):
            return _range(shape, lambda value: value)
        return None

    def _structure(self, shape: Any) -> Test:
        required = tuple(shape.required_members)
        found = ((name, self.of(member)) for name, member in shape.members.items())
        tests = {name: test for name, test in found if test is not None}

        def test(value: Mapping[str, Any]) -> bool:
            for name in required:
                if value.get(name) is None:
                    return False
            for name, given in value.items():
                check = tests.get(name)
                if check is not None and given is not None and not check(given):
                    return False
            return True

        return test

    def _text(self, shape: Any) -> Test | None:
        allowed = frozenset(shape.enum or ())
        if allowed:
            return lambda value: value in allowed
        pattern = shape.metadata.get("pattern")
        if not pattern:
            return None
        matches = self._compile(pattern).fullmatch
        return lambda value: matches(value) is not None


def _size(shape: Any) -> Test | None:
    return _range(shape, len)


def _range(shape: Any, measure: Callable[[Any], Any]) -> Test | None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is None and most is None:
        return None
    low = float("-inf") if least is None else least
    high = float("inf") if most is None else most
    return lambda value: low <= measure(value) <= high


def _every(test: Test | None) -> Test | None:
    if test is None:
        return None
    return lambda value: all(item is None or test(item) for item in value)


def _every_value(test: Test | None) -> Test | None:
    if test is None:
        return None
    return lambda value: all(item is None or test(item) for item in value.values())


def _both(one: Test | None, other: Test | None) -> Test | None:
    if one is None or other is None:
        return one or other
    return lambda value: one(value) and other(value)
