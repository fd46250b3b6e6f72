"""Settings that the environment tells."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from lakelet import Lake, config, connect
from lakelet.errors import LakeletError
from tests.cli.running import run

TOLD = {
    "LAKELET_REGION": "eu-west-1",
    "LAKELET_ACCOUNT": "123456789012",
    "LAKELET_DIALECT": "trino",
    "LAKELET_CONCURRENT_QUERIES": "3",
    "LAKELET_QUERY_TIMEOUT": "2.5",
    "LAKELET_MEMORY_LIMIT": "512 MB",
    "LAKELET_THREADS": " 1 ",
    "LAKELET_FSYNC": "True",
    "LAKELET_PRICE_PER_TB": "6.75",
}


def test_variables_are_read_by_their_kinds() -> None:
    told = config.read(TOLD)
    assert told == config.Settings(
        region="eu-west-1",
        account="123456789012",
        dialect="trino",
        concurrent_queries=3,
        query_timeout=2.5,
        memory_limit="512 MB",
        threads=1,
        fsync=True,
        price_per_tb=6.75,
    )


def test_what_is_given_goes_before_the_environment_and_nothing_is_the_default() -> None:
    assert config.read({"LAKELET_STORAGE": "s3://"}, storage="s3://mine").storage == "s3://mine"
    assert config.read({"LAKELET_THREADS": ""}, storage=None) == config.Settings()


def test_every_setting_has_a_flag_or_a_variable() -> None:
    flags = {"data", "host", "port"}
    assert flags | config.VARIABLES.keys() == {each.name for each in fields(config.Settings)}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("THREADS", "0"),
        ("THREADS", "two"),
        ("QUERY_TIMEOUT", "nan"),
        ("PRICE_PER_TB", "inf"),
        ("FSYNC", "perhaps"),
        ("DIALECT", "mysql"),
        ("ACCOUNT", "12"),
        ("MEMORY_LIMIT", "much"),
        ("STORAGE_ENDPOINT", "127.0.0.1:9000"),
    ],
)
def test_a_value_of_another_kind_is_refused(name: str, text: str) -> None:
    with pytest.raises(LakeletError, match=re.escape(f"LAKELET_{name} is ")):
        config.read({f"LAKELET_{name}": text})


def test_a_lake_opens_with_what_is_told(tmp_path: Path) -> None:
    with Lake(config.read(TOLD, data=tmp_path)) as lake:
        cursor = connect(lake).cursor()
        assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_a_command_tells_a_wrong_variable_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAKELET_THREADS", "many")
    ran = run("up", "--port", "0", "--data", str(tmp_path / "lake"))
    assert ran.returncode == 1
    assert "LAKELET_THREADS is a number of threads from 1, not 'many'" in ran.stderr
    assert "Traceback" not in ran.stderr
