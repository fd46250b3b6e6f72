"""A dbt project of Hive tables: seeds, incremental models, a snapshot, tests and docs."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.clients import tools

pytestmark = pytest.mark.slow

FILES = {
    "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\nmodel-paths: [models]\n",
    "profiles.yml": """\
shop:
  target: dev
  outputs:
    dev:
      type: athena
      s3_staging_dir: s3://results/staging/
      s3_data_dir: s3://shop/data/
      region_name: us-east-1
      database: awsdatacatalog
      schema: shop
      threads: 2
      poll_interval: 0.05
      num_retries: 0
""",
    "seeds/sales.csv": "id,name,day\n1,a,2020-01-01\n2,b,2020-01-01\n3,c,2020-01-02\n",
    "models/appended.sql": """\
{{ config(materialized='incremental', incremental_strategy='append') }}
SELECT id, name FROM {{ ref('sales') }}
{% if is_incremental() %} WHERE id = 3 {% endif %}
""",
    "models/by_day.sql": """\
{{ config(materialized='incremental', incremental_strategy='insert_overwrite',
          partitioned_by=['day']) }}
SELECT id, name, CAST(day AS varchar) AS day FROM {{ ref('sales') }}
""",
    "models/counted.sql": """\
{{ config(materialized='view') }}
SELECT day, count(*) AS n FROM {{ ref('by_day') }} GROUP BY day
""",
    "models/schema.yml": """\
models:
  - name: by_day
    columns:
      - name: id
        description: The sale.
        data_tests: [unique, not_null]
  - name: counted
    columns:
      - name: day
        data_tests:
          - accepted_values:
              arguments: {values: ['2020-01-01', '2020-01-02']}
""",
    "snapshots/kept.sql": """\
{% snapshot kept %}
{{ config(unique_key='id', strategy='check', check_cols=['name']) }}
SELECT id, name FROM {{ ref('sales') }}
{% endsnapshot %}
""",
}


@pytest.fixture(scope="module")
def dbt() -> None:
    try:
        tools.need(tools.DBT)
    except tools.UnavailableError as reason:
        pytest.skip(f"no dbt: {reason}")


def test_a_project_is_built_twice(
    dbt: None, lakelet_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    variables = tools.environment(lakelet_server)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, variables[name])
    s3 = boto3.client("s3", endpoint_url=lakelet_server)
    for bucket in ("results", "shop"):
        s3.create_bucket(Bucket=bucket)

    def run(*command: str) -> None:
        arguments = ("--profiles-dir", ".", "--no-use-colors")
        done = tools.run(
            tools.DBT, "dbt", *command, *arguments, variables=variables, folder=tmp_path
        )
        assert done.returncode == 0, done.stdout + done.stderr

    run("build")
    changed = FILES["seeds/sales.csv"].replace("2,b", "2,changed")
    (tmp_path / "seeds/sales.csv").write_text(changed)
    run("build")
    run("docs", "generate")

    assert _rows(lakelet_server, "SELECT id FROM shop.appended ORDER BY id") == [1, 2, 3, 3]
    assert _rows(lakelet_server, "SELECT id FROM shop.by_day ORDER BY id") == [1, 2, 3]
    assert _rows(lakelet_server, "SELECT n FROM shop.counted ORDER BY day") == [2, 1]
    kept = "SELECT count(*) FROM shop.kept WHERE id = 2 GROUP BY dbt_valid_to IS NULL"
    assert _rows(lakelet_server, kept) == [1, 1]
    catalog = json.loads((tmp_path / "target/catalog.json").read_text())
    described = catalog["nodes"]["model.shop.by_day"]
    assert list(described["columns"]) == ["id", "name", "day"]


def _rows(address: str, text: str) -> list[Any]:
    from pyathena import connect

    with connect(
        s3_staging_dir="s3://results/", region_name="us-east-1", endpoint_url=address
    ) as opened:
        return [row[0] for row in opened.cursor().execute(text).fetchall()]
