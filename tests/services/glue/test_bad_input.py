"""Every operation of Glue's model, with valid parameters of which one is missing, oversized or of
another type: a modelled error, or an answer, never a failure of ours.
"""

import copy
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name

from lakelet.lake import Lake
from lakelet.server.endpoint import Endpoint
from lakelet.services.glue import Glue
from lakelet.wire.messages import Request
from lakelet.wire.models import operation_model, service_model
from lakelet.wire.validating import compiled

OPERATIONS = tuple(service_model("glue").operation_names)
BUILT = tuple(name for name in OPERATIONS if hasattr(Glue, xform_name(name)))
FRONT = {"ValidationException", "SerializationException"}
"""What AWS's front end answers before any operation."""

CODES = FRONT | {shape.name for shape in service_model("glue").error_shapes}

DOCUMENT = '{"Version": "1.0"}'
NAMED = {
    "DatabaseName": ["db"],
    "TableName": ["t"],
    "Name": ["t", "db"],
    "CrawlerName": ["crawler"],
    "Expression": ["k = '1'"],
    "PartitionValue": ["1"],
    "PartitionValues": ["1"],
    "ColumnName": ["a"],
    "Type": ["int"],
    "Schedule": ["cron(0 1 * * ? *)"],
    "Configuration": [DOCUMENT],
    "DataFormat": ["AVRO"],
    "SchemaDefinition": ['"int"'],
    "GrokPattern": ["%{WORD:a}"],
    "JsonPath": ["$.a"],
    "Path": ["s3://bucket/t/"],
    "Location": ["s3://bucket/t/"],
    "VersionId": ["0"],
    "Severity": ["NULL"],
}
"""Texts that mean something to an operation, by the names of members."""

TEXTS = (
    "t",
    "1",
    "a1",
    "2",
    "s3://bucket/t/",
    "123456789012",
    "arn:aws:iam::123456789012:role/r",
    "arn:aws:glue:us-east-1:123456789012:table/db/t",
    "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012",
    "arn:aws:sqs:us-east-1:123456789012:queue",
    "12345678-1234-1234-1234-123456789012",
)
HOSTILE = (
    "",
    " ",
    "'",
    '"',
    "\\",
    "\x00",
    "%",
    "🎉",
    "a.b",
    "../x",
    "NULL",
    "-1",
    "[",
    "\ud800",
    "x" * 530_000,
)
_DEPTH = 5


def example(shape: Any, name: str = "", depth: int = 0) -> Any:
    """A value that passes its shape's constraints."""
    kind = shape.type_name
    if kind == "structure":
        names = list(shape.members)
        if getattr(shape, "is_tagged_union", False):
            names = names[:1]
        return {
            each: example(member, each, depth + 1)
            for each, member in shape.members.items()
            if each in shape.required_members or (each in names and depth < _DEPTH)
        }
    if kind == "list":
        count = shape.metadata.get("min", 1) if depth >= _DEPTH else 1
        return [example(shape.member, name, depth + 1) for _ in range(count)]
    if kind == "map":
        return {example(shape.key): example(shape.value, name, depth + 1)}
    if kind == "string":
        return _text(shape, name)
    least = shape.metadata.get("min", 0)
    return {"boolean": False, "blob": "YQ==", "timestamp": 1}.get(kind, max(1, least))


def _text(shape: Any, name: str) -> str:
    if shape.enum:
        return str(shape.enum[0])
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 1 << 20)
    pattern = shape.metadata.get("pattern")
    for text in (*NAMED.get(name, ()), *TEXTS):
        if least <= len(text) <= most and (not pattern or compiled(pattern).fullmatch(text)):
            return text
    return "x" * max(1, least)


def broken(shape: Any, value: Any) -> Iterator[Any]:
    """A value with one thing wrong in it: as many as there are places."""
    yield from _otherwise(shape, value)
    if shape.type_name == "structure":
        for name, given in value.items():
            yield {key: each for key, each in value.items() if key != name}
            for wrong in broken(shape.members[name], given):
                yield {**value, name: wrong}
    if shape.type_name == "list":
        for wrong in broken(shape.member, value[0]) if value else ():
            yield [wrong]
    if shape.type_name == "map":
        for key, given in value.items():
            for wrong in broken(shape.value, given):
                yield {key: wrong}


def _otherwise(shape: Any, value: Any) -> Iterator[Any]:
    """What stands where a value of the shape should."""
    kind = shape.type_name
    most = shape.metadata.get("max")
    yield from (None, [], {}, [[]], {"a": {}}, True, 1.5, "x")
    if kind == "string":
        yield from HOSTILE
        yield "x" * min(most or 100_000, 600_000)
        yield "x" * (min(most or 0, 600_000) + 1)
    elif kind in ("integer", "long", "float", "double"):
        yield from (-1, 0, 2**31 - 1, 2**31, 2**63, 10**400, 1e300)
        if most is not None:
            yield most + 1
    elif kind == "timestamp":
        yield from (-1, 2**62, 1e18, "yesterday")
    elif kind == "list" and most is not None and value:
        yield value[:1] * (min(most, 5000) + 1)
    elif kind == "map":
        yield {f"k{number}": each for each in value.values() for number in range(60)}
        yield dict.fromkeys(("",), *value.values())


def ask(endpoint: Endpoint, operation: str, parameters: Any) -> tuple[int, dict[str, Any]]:
    headers = {"x-amz-target": f"AWSGlue.{operation}", "host": "localhost"}
    body = json.dumps(parameters).encode()
    response = endpoint.handle(Request("POST", "/", "", headers, io.BytesIO(body)))
    assert isinstance(response.body, bytes)
    return response.status, json.loads(response.body)


def furnish(endpoint: Endpoint, lake: Lake) -> None:
    """What the examples name is there."""
    lake.storage.create_bucket("bucket")
    storage = {"Columns": [{"Name": "a", "Type": "int"}], "Location": "s3://bucket/t/"}
    table = {
        "Name": "t",
        "PartitionKeys": [{"Name": "k", "Type": "string"}],
        "StorageDescriptor": storage,
    }
    targets = {"S3Targets": [{"Path": "s3://bucket/t/"}]}
    for operation, parameters in (
        ("CreateDatabase", {"DatabaseInput": {"Name": "db"}}),
        ("CreateTable", {"DatabaseName": "db", "TableInput": table}),
        ("UpdateTable", {"DatabaseName": "db", "TableInput": table}),
        (
            "CreatePartition",
            {
                "DatabaseName": "db",
                "TableName": "t",
                "PartitionInput": {"Values": ["1"], "StorageDescriptor": storage},
            },
        ),
        ("CreateCrawler", {"Name": "t", "Role": "r", "DatabaseName": "db", "Targets": targets}),
        ("CreateClassifier", {"JsonClassifier": {"Name": "t", "JsonPath": "$.a"}}),
        ("CreateRegistry", {"RegistryName": "t"}),
    ):
        assert ask(endpoint, operation, parameters)[0] == 200, operation


def check(endpoint: Endpoint, operation: str, parameters: Any) -> None:
    status, answer = ask(endpoint, operation, parameters)
    shown = json.dumps(parameters)[:1500]
    assert status < 500, f"{shown} → {answer}"
    if status != 200:
        code = answer["__type"].rpartition("#")[2]
        assert code in CODES, f"{shown} → {answer}"
        message = answer.get("message") or answer.get("Message")
        assert message, f"{shown} → {answer}"


@pytest.mark.parametrize("operation", BUILT)
def test_one_thing_wrong_gives_a_modelled_error(operation: str) -> None:
    shape = operation_model("glue", operation).input_shape
    whole = example(shape)
    with Lake() as lake:
        endpoint = Endpoint(lake)
        furnish(endpoint, lake)
        check(endpoint, operation, whole)
        for parameters in broken(shape, whole):
            check(endpoint, operation, copy.deepcopy(parameters))


def test_an_operation_that_is_not_built_says_so() -> None:
    with Lake() as lake:
        endpoint = Endpoint(lake)
        for operation in set(OPERATIONS) - set(BUILT):
            status, answer = ask(endpoint, operation, {})
            assert (status, answer["__type"]) == (400, "OperationNotSupportedException")
            assert operation in answer["Message"]
