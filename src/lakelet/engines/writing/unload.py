"""UNLOAD: a query's rows as files, without a table."""

from lakelet.engines.answers import Written
from lakelet.engines.context import Context
from lakelet.engines.planning import Plan
from lakelet.engines.writing import columns, properties
from lakelet.engines.writing.files import written
from lakelet.engines.writing.places import need_empty
from lakelet.engines.writing.publishing import publish
from lakelet.engines.writing.target import Target, split_keys
from lakelet.errors import TrinoError
from lakelet.model import Session
from lakelet.sql.statements.model import Unload


def unload(context: Context, ask: Unload) -> Written:
    """Writes to an empty place. Raises TrinoError; then there is no file."""
    plan = context.plan(ask.text)
    target = _target(ask, plan, context.session)
    target.writing(context.session)
    need_empty(context.storage, target.location)
    with written(context, plan, target) as files:
        addresses = publish(context, target, files, lambda: None)
    return Written(files.rows, addresses, context.planner.statistics(plan, files.rows))


def _target(ask: Unload, plan: Plan, session: Session) -> Target:
    given = properties.checked(ask.properties, properties.UNLOAD)
    if "format" not in given:
        raise TrinoError("INVALID_TABLE_PROPERTY", "UNLOAD needs the property 'format'")
    form = properties.format_of(given, session.dialect, properties.UNLOADED)
    data, keys = split_keys(columns.named(plan), properties.names(given, "partitioned_by"))
    codec = properties.compression(given, form)
    return Target(
        data,
        keys,
        form,
        f"{ask.location.rstrip('/')}/",
        codec,
        properties.level(given, codec),
        properties.serde(given, form),
    )
