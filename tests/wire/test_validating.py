"""The reader of one pass says what parsing and the search for faults say."""

import io
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakelet.errors import AwsError
from lakelet.wire import accepting, validating
from lakelet.wire.faults import MalformedError
from lakelet.wire.models import operation_model, service_model
from lakelet.wire.parsing import parse
from lakelet.wire.routing import route
from tests.wire.shapes import values
from tests.wire.test_round_trips import written_by_botocore

OPERATIONS = [
    (service, operation)
    for service in ("athena", "glue")
    for operation in service_model(service).operation_names
    if operation_model(service, operation).input_shape is not None
][::9]


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_has_no_fault_is_read_in_one_pass(
    service: str, operation: str, data: st.DataObject
) -> None:
    shape = operation_model(service, operation).input_shape
    parameters = data.draw(values(shape))
    routed = route(written_by_botocore(service, operation, parameters), [service])
    body = routed.request.body.read()
    parsed = parse(replace(routed, request=replace(routed.request, body=io.BytesIO(body))))
    if list(validating._check(shape, parsed, "")):
        with pytest.raises(accepting._FAULTS):
            accepting.reader(service, operation)(orjson.loads(body), {})
    else:
        assert accepting.reader(service, operation)(orjson.loads(body), {}) == parsed


def test_lists_that_are_equal_are_read_once_and_those_that_are_not_twice() -> None:
    def partition(kind: str) -> dict[str, Any]:
        columns = [{"Name": "a", "Type": kind}]
        return {"Values": ["1"], "StorageDescriptor": {"Columns": columns}}

    given = {
        "DatabaseName": "d",
        "TableName": "t",
        "PartitionInputList": [partition("int"), partition("int"), partition("date")],
    }
    assert accepting.reader("glue", "BatchCreatePartition")(given, {}) == given


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("GetTables", {"MaxResults": "1"}, "STRING_VALUE can not be converted to an Integer"),
        ("GetTables", {"MaxResults": 2**31}, "Numeric value (2147483648) out of range of integer"),
        ("GetTables", {"DatabaseName": []}, "Start of list or map found where not expected."),
        ("UpdateTable", {"SkipArchive": 1}, "NUMBER_VALUE can not be converted to a Boolean"),
        ("CreateTable", {"TableInput": "t"}, "STRING_VALUE can not be converted to a Map"),
    ],
)
def test_a_value_of_another_type_is_told_in_aws_s_words(
    operation: str, body: dict[str, Any], message: str
) -> None:
    request = written_by_botocore("glue", operation, {})
    routed = route(replace(request, body=io.BytesIO(orjson.dumps(body))), ["glue"])
    with pytest.raises(MalformedError) as refused:
        accepting.accepted(routed)
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("operation", "parameters", "fault"),
    [
        ("GetTable", {"DatabaseName": "d"}, "Value null at 'name'"),
        ("GetTable", {"DatabaseName": "", "Name": "t"}, "length greater than or equal to 1"),
        ("GetTable", {"DatabaseName": "d" * 256, "Name": "t"}, "length less than or equal to 255"),
        ("GetTables", {"DatabaseName": "d", "MaxResults": 101}, "value less than or equal to 100"),
        ("GetTables", {"DatabaseName": "a\nb\x00"}, "regular expression pattern"),
        (
            "GetPartitions",
            {
                "DatabaseName": "d",
                "TableName": "t",
                "Segment": {"SegmentNumber": -1, "TotalSegments": 1},
            },
            "'segment.segmentNumber'",
        ),
        (
            "GetPartition",
            {"DatabaseName": "d", "TableName": "t", "PartitionValues": ["a", None]},
            "Value null at 'partitionValues.2.member' failed",
        ),
        (
            "TagResource",
            {"ResourceArn": "arn:aws:glue:us-east-1:1:t", "TagsToAdd": {"": "v"}},
            "Map keys must satisfy constraint: [Member must have length greater than or equal",
        ),
        ("CreateSchema", {"SchemaName": "s", "DataFormat": "CSV"}, "enum value set"),
    ],
)
def test_a_fault_is_told_in_aws_s_words(
    operation: str, parameters: dict[str, Any], fault: str
) -> None:
    with pytest.raises(AwsError, match="1 validation error detected") as refused:
        validating.validate("glue", operation, parameters)
    assert fault in refused.value.message


def test_a_text_of_many_lines_passes_a_pattern_that_asks_for_any_character() -> None:
    definition = '{\n "type": "int"\n}'
    schema = {"SchemaName": "s", "RegistryName": "r"}
    parameters = {"SchemaId": schema, "SchemaDefinition": definition}
    validating.validate("glue", "RegisterSchemaVersion", parameters)


@pytest.mark.parametrize("pattern", [r"\$(\.[a-z.]+)*", "(a+)+"])
def test_no_pattern_is_tried_for_ever(monkeypatch: pytest.MonkeyPatch, pattern: str) -> None:
    monkeypatch.setattr(validating, "_SECONDS", 0.2)
    fullmatch = validating.compiled(pattern).fullmatch
    assert fullmatch("$.a.b" if "$" in pattern else "aaa")
    assert not fullmatch(f"{'$' + '.a' * 100 if '$' in pattern else 'a' * 200}!")
