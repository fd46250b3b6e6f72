"""Endpoints over a lake that has settings only: STS asks for no more."""

from types import SimpleNamespace
from typing import Any

from lakelet.config import Settings


def settings_only(**settings: Any) -> Any:
    return SimpleNamespace(settings=Settings(port=0, **settings))
