"""UNLOAD: a query's rows as files, without a table."""

from collections.abc import Mapping
from typing import Any

from lakelet.engines.answers import Written
from lakelet.engines.context import Context
from lakelet.engines.planning import Plan
from lakelet.engines.writing import columns, properties
from lakelet.engines.writing.files import written
from lakelet.engines.writing.places import need_empty
from lakelet.engines.writing.publishing import publish
from lakelet.engines.writing.target import Target, split_keys
from lakelet.errors import TrinoError
from lakelet.formats.scanning import Format
from lakelet.sql.statements.model import Unload


def unload(context: Context, ask: Unload) -> Written:
    """Writes to an empty place. Raises TrinoError; then there is no file."""
    asked = properties.valued(context, ask.properties)
    given = properties.checked(asked, properties.UNLOAD)
    if "format" not in given:
        raise TrinoError("INVALID_TABLE_PROPERTY", "UNLOAD needs the property 'format'")
    form = properties.format_of(asked["format"], context.session.dialect, properties.UNLOADED)
    plan = context.plan(ask.text)
    target = _target(ask.location, given, form, plan)
    target.writing(context.session)
    need_empty(context.storage, target.location)
    with written(context, plan, target) as files:
        addresses = publish(context, target, files, lambda: None)
    return Written(files.rows, addresses, context.planner.statistics(plan, files.rows))


def _target(location: str, given: Mapping[str, Any], form: Format, plan: Plan) -> Target:
    data, keys = split_keys(columns.named(plan), properties.names(given, "partitioned_by"))
    codec = properties.compression(given, form)
    return Target(
        data,
        keys,
        form,
        f"{location.rstrip('/')}/",
        codec,
        properties.level(given, codec),
        properties.serde(given, form),
    )
