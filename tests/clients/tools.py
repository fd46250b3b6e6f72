"""Programs of other projects, run from their packages in environments of their own by uv."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

# dbt-core from 1.12 on fetches a parser from outside the package registry.
DBT = ("dbt-athena==1.11.1", "dbt-core<1.12")
AWS_CLI = ("awscli<2",)


class UnavailableError(Exception):
    """The registry that serves a program can't be reached."""


def environment(address: str) -> dict[str, str]:
    """The variables by which AWS's SDKs find a lakelet server."""
    return {
        **{name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "lake",
        "AWS_SECRET_ACCESS_KEY": "lake",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_PAGER": "",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def need(packages: Sequence[str]) -> None:
    """Raises UnavailableError when the packages can't be had."""
    done = subprocess.run(_command(packages, "python", "-c", ""), capture_output=True, text=True)
    if done.returncode:
        raise UnavailableError(done.stderr.strip().splitlines()[-1])


def run(
    packages: Sequence[str],
    *command: str,
    variables: Mapping[str, str],
    folder: Path | None = None,
    seconds: float = 600,
) -> subprocess.CompletedProcess[str]:
    """A program of the packages, run to its end."""
    return subprocess.run(
        _command(packages, *command),
        capture_output=True,
        text=True,
        env=dict(variables),
        cwd=folder,
        timeout=seconds,
    )


def _command(packages: Sequence[str], *command: str) -> list[str]:
    given = [part for package in packages for part in ("--with", package)]
    return ["uv", "run", "--quiet", "--no-project", "--isolated", *given, *command]
