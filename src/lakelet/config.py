"""Settings: read once from flags, environment and defaults, then passed down."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from lakelet.errors import LakeletError

Dialect = Literal["athena", "trino"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a lake is told when it is opened.

    `data` is the folder that holds the whole state; None makes a temporary lake that is gone at
    the end. `memory_limit` is DuckDB's text ("4GB"), None for its default. `price_per_tb` is in
    US dollars per 10^12 bytes scanned.
    """

    data: Path | None = None
    host: str = "127.0.0.1"
    port: int = 4566
    region: str = "us-east-1"
    account: str = "000000000000"
    dialect: Dialect = "athena"
    storage: str | None = None
    storage_endpoint: str | None = None
    concurrent_queries: int = 20
    query_timeout: float = 1800.0
    memory_limit: str | None = None
    threads: int | None = None
    fsync: bool = False
    price_per_tb: float = 5.0


def read(environment: Mapping[str, str], **given: Any) -> Settings:
    """Settings that are given, the others from variables like LAKELET_THREADS, else the defaults.

    Raises LakeletError for a variable whose value is none of its kind.
    """
    known = {name: given[name] for name in given if given[name] is not None}
    for name, kind in VARIABLES.items():
        text = environment.get(variable(name), "").strip()
        if text and name not in known:
            try:
                known[name] = kind.value(text)
            except ValueError:
                raise LakeletError(f"{variable(name)} is {kind.takes}, not {text!r}") from None
    return Settings(**known)


def variable(name: str) -> str:
    """The environment's variable of a setting."""
    return f"LAKELET_{name.upper()}"


def exports(address: str, region: str) -> tuple[str, ...]:
    """Lines for a shell whose AWS programs are to talk to a lake's server; some SDKs read the one
    name of the region and some the other."""
    return (
        f"export AWS_ENDPOINT_URL={address} AWS_ACCESS_KEY_ID=lake AWS_SECRET_ACCESS_KEY=lake",
        f"export AWS_REGION={region} AWS_DEFAULT_REGION={region}",
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """What a variable takes, in words; `value` raises ValueError for another text."""

    takes: str
    value: Callable[[str], object]


def _matching(pattern: str) -> Callable[[str], str]:
    def value(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError
        return text

    return value


def _at_least(least: float, kind: type[int] | type[float]) -> Callable[[str], float]:
    def value(text: str) -> float:
        number = kind(text)
        if not least <= number < float("inf"):
            raise ValueError
        return number

    return value


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError
    return text.lower() == "true"


VARIABLES: Final = {
    "region": Kind("a region such as eu-west-1", _matching(r"[a-z0-9-]+")),
    "account": Kind("an account of twelve digits", _matching(r"[0-9]{12}")),
    "dialect": Kind("athena or trino", _matching("|".join(get_args(Dialect)))),
    "storage": Kind("s3://", _matching(r"s3://.*")),
    "storage_endpoint": Kind("an address such as http://127.0.0.1:9000", _matching("https?://.+")),
    "concurrent_queries": Kind("a number of queries from 1", _at_least(1, int)),
    "query_timeout": Kind("a number of seconds from 1", _at_least(1, float)),
    "memory_limit": Kind("an amount such as 4GB", _matching(r"(?i)\d+(\.\d+)? *([KMGT]i?)?B")),
    "threads": Kind("a number of threads from 1", _at_least(1, int)),
    "fsync": Kind("true or false", _truth),
    "price_per_tb": Kind("an amount of US dollars", _at_least(0, float)),
}
"""The settings that the environment can tell."""
