"""Trino's type system: the types, their texts, how they coerce, and their other spellings."""

from lakelet.types.model import Type

__all__ = ["Type"]
