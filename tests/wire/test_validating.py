"""The quick test of parameters says what the search for faults says."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakelet.wire import validating
from lakelet.wire.faults import WireError
from lakelet.wire.models import operation_model, service_model
from tests.wire.shapes import values

OPERATIONS = [
    (service, operation)
    for service in ("athena", "glue")
    for operation in service_model(service).operation_names
    if operation_model(service, operation).input_shape is not None
][::9]


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_quick_test_passes_what_has_no_fault(
    service: str, operation: str, data: st.DataObject
) -> None:
    shape = operation_model(service, operation).input_shape
    parameters = data.draw(values(shape))
    faults = list(validating._check(shape, parameters, ""))
    assert validating._test(service, operation)(parameters) == (not faults)


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
        ("CreateSchema", {"SchemaName": "s", "DataFormat": "CSV"}, "enum value set"),
    ],
)
def test_a_fault_is_told_in_aws_s_words(
    operation: str, parameters: dict[str, Any], fault: str
) -> None:
    with pytest.raises(WireError, match="1 validation error detected") as refused:
        validating.validate("glue", operation, parameters)
    assert fault in refused.value.message


def test_a_text_of_many_lines_passes_a_pattern_that_asks_for_any_character() -> None:
    definition = '{\n "type": "int"\n}'
    schema = {"SchemaName": "s", "RegistryName": "r"}
    parameters = {"SchemaId": schema, "SchemaDefinition": definition}
    validating.validate("glue", "RegisterSchemaVersion", parameters)
