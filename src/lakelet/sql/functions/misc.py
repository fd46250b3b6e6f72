"""Functions of no family: random identifiers and the engine's version."""

from lakelet.sql.functions.registry import scalar

scalar("uuid", "() -> uuid", sql="uuid()", doc="A random UUID.", deterministic=False)
scalar("version", "() -> varchar", sql="'476'", doc="The version of Trino that is spoken.")
