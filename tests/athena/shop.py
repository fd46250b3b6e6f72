"""A shop's sales, as awswrangler writes them: three rows in two partitions."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

OUTPUT = "s3://results/out/"


def awswrangler_with_sales(
    s3_client: Any, monkeypatch: pytest.MonkeyPatch, names: Sequence[str | None], **more: Any
) -> Any:
    """awswrangler, and the table `shop.sales` with what `more` asks of `to_parquet`."""
    monkeypatch.setenv("WR_ATHENA_QUERY_WAIT_POLLING_DELAY", "0.01")
    import awswrangler
    import pandas as pd

    awswrangler.config.reset()
    for bucket in ("shop", "results"):
        s3_client.create_bucket(Bucket=bucket)
    awswrangler.catalog.create_database("shop")
    frame = pd.DataFrame(
        {
            "id": [1, 2, 3],
            "name": names,
            "price": [Decimal("1.10"), None, Decimal("3.30")],
            "day": [datetime.date(2020, 1, day) for day in (1, 2, 3)],
            "kind": ["x", "x", "y"],
        }
    )
    awswrangler.s3.to_parquet(
        frame,
        path="s3://shop/sales/",
        dataset=True,
        database="shop",
        table="sales",
        partition_cols=["kind"],
        **more,
    )
    return awswrangler
