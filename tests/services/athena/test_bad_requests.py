"""Whatever is wrong with a request, Athena's model has the error: each member of each operation is
left out, of another type, too long, too large, unknown."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
import pytest

from lakelet import Lake
from lakelet.server.endpoint import Endpoint
from lakelet.wire.messages import Request
from lakelet.wire.models import service_model

MODEL: Final = service_model("athena")
ABSENT: Final = object()
_LONG: Final = "a" * 300_000
_NUMBERS: Final[Sequence[Any]] = ("x", True, 1.5, [], None, -1, 0, 2**62, -(2**62))
WRONG: Final[Mapping[str, Sequence[Any]]] = {
    "string": (5, True, [], {}, None, "", _LONG, "\0", "😀" * 20, "nobody knows"),
    "integer": _NUMBERS,
    "long": _NUMBERS,
    "double": ("x", [], None),
    "boolean": ("x", 1, [], None),
    "structure": ("x", 5, [], None, {}, {"Unknown": 1}),
    "list": ("x", 5, {}, [], None, [None], [5], ["a"] * 2000),
    "map": ("x", 5, [], None, {}, {"a": None}, {"a": 5}, {"a" * 5000: "b"}),
    "timestamp": ("x", [], 10**18, -1, None),
    "blob": (5, "%%%", [], None),
}
"""Values for a member of a type that are not of it, or are at its ends."""
_KNOWN: Final = {"OutputLocation": "s3://results/out/", "QueryString": "SELECT 1"}
_FRONT_END: Final = {"SerializationException", "ValidationException", "InvalidRequestException"}

Path = tuple[str | int, ...]


def _given(shape: Any, name: str = "", depth: int = 0) -> Any:
    """A value that the model allows."""
    least = max(1, shape.metadata.get("min", 1))
    match shape.type_name:
        case "structure":
            return {
                member: _given(of, member, depth + 1)
                for member, of in shape.members.items()
                if member in shape.required_members or depth < 3
            }
        case "list":
            return [_given(shape.member, "", depth + 1)] * least
        case "map":
            return {"key": _given(shape.value, "", depth + 1)}
        case "string":
            return shape.enum[0] if shape.enum else _KNOWN.get(name, "a" * least)
        case "boolean":
            return False
        case "blob":
            return "AAAA"
    return least


def _places(shape: Any, value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Each member of a value, however deep, and its shape."""
    yield path, shape
    if shape.type_name == "structure":
        for name, inside in value.items():
            yield from _places(shape.members[name], inside, (*path, name))
    elif shape.type_name == "list":
        yield from _places(shape.member, value[0], (*path, 0))
    elif shape.type_name == "map":
        yield from _places(shape.value, value["key"], (*path, "key"))


def _changed(value: Any, path: Path, new: Any) -> Any:
    """A copy with another value at a place, or without it."""
    if not path:
        return new
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and new is ABSENT:
        del copy[path[0]]
    else:
        copy[path[0]] = _changed(copy[path[0]], path[1:], new)
    return copy


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with Lake() as lake:
        lake.storage.create_bucket("results")
        yield Endpoint(lake)


def _answer(endpoint: Endpoint, operation: str, body: Any) -> tuple[int, str]:
    headers = {
        "x-amz-target": f"AmazonAthena.{operation}",
        "content-type": "application/x-amz-json-1.1",
    }
    response = endpoint.handle(Request("POST", "/", "", headers, io.BytesIO(orjson.dumps(body))))
    assert isinstance(response.body, bytes)
    found = orjson.loads(response.body) if response.body else {}
    return response.status, str(found.get("__type", "")).rpartition("#")[2]


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_what_is_wrong_gets_a_modelled_error(endpoint: Endpoint, name: str) -> None:
    operation = MODEL.operation_model(name)
    shape = operation.input_shape
    assert shape is not None
    modelled = {each.name for each in operation.error_shapes} | _FRONT_END
    whole = _given(shape)
    refused = 0
    for path, of in _places(shape, whole):
        absent = (ABSENT,) if path and isinstance(path[-1], str) else ()
        for new in (*absent, *WRONG[of.type_name]):
            status, error = _answer(endpoint, name, _changed(whole, path, new))
            what = f"{path} = {new!r:.60}"
            assert status == 200 or (status == 400 and error in modelled), f"{what}: {error}"
            refused += status != 200
    assert refused


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("CreateWorkGroup", {}),
        ("CreateDataCatalog", {"Type": "GLUE", "Parameters": {"catalog-id": "123456789012"}}),
        ("CreateCapacityReservation", {"TargetDpus": 24}),
    ],
)
def test_what_has_a_tag_without_a_key_is_not_made(
    endpoint: Endpoint, name: str, given: dict[str, Any]
) -> None:
    wanted = {"Name": "tagged", **given}
    told = _answer(endpoint, name, {**wanted, "Tags": [{"Key": "a"}, {"Value": "b"}]})
    assert told == (400, "InvalidRequestException")
    assert _answer(endpoint, name, {**wanted, "Tags": [{"Key": "a"}]})[0] == 200
