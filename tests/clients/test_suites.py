"""dbt-athena's own functional tests, whole."""

from pathlib import Path

import pytest

from tests.clients import suites, tools


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_dbt_athenas_own_tests_pass() -> None:
    try:
        tools.need(suites.PACKAGES)
    except tools.UnavailableError as reason:
        pytest.skip(f"no dbt: {reason}")
    found = suites.outcomes()
    asked, passed = suites.counted(found)
    wrong = [each for each in found if each.state == "failed" and each.excuse is None]
    assert asked > 70, found
    assert passed / asked >= suites.ASKED, wrong


def test_a_report_is_read_and_counted(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite>"
        '<testcase classname="a.TestHive" name="one" time="1.5"/>'
        '<testcase classname="a.TestHive" name="two"><failure message="no\n way">…</failure>'
        "</testcase>"
        '<testcase classname="catalog_integrations.T" name="three"><error message="no"/></testcase>'
        '<testcase classname="a.TestHive" name="four"><skipped message="not now"/></testcase>'
        "</testsuite></testsuites>"
    )
    found = list(suites.read(report))
    assert [(each.state, each.excuse) for each in found] == [
        ("passed", None),
        ("failed", None),
        ("failed", "Iceberg tables of S3 Tables and of Glue's Iceberg catalogs"),
        ("skipped", "not now"),
    ]
    assert found[1].why == "no way"
    assert suites.counted(found) == (2, 1)
