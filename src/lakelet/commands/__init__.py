"""Commands of the command line that are more than a few lines: one module each, `command` in it.

A module is imported when its command is run or its help is shown.
"""

from importlib import import_module
from typing import Any

import click

MODULES = {
    "advise": "advising",
    "bench": "benching",
    "costs": "costing",
    "crawl": "crawling",
    "describe": "describing",
    "diff": "diffing",
    "export": "exporting",
    "import": "importing",
    "pull": "pulling",
}
"""A command's name → its module in this package."""


class Commands(click.Group):
    """A group that finds these commands beside its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in order."""
        return sorted({*super().list_commands(ctx), *MODULES})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; None for a name that none has."""
        if cmd_name not in MODULES:
            return super().get_command(ctx, cmd_name)
        module: Any = import_module(f"{__name__}.{MODULES[cmd_name]}")
        found: click.Command = module.command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, whose error knows only the group's own commands."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            from difflib import get_close_matches

            near = get_close_matches(name, self.list_commands(ctx), 1)
            ctx.fail(f"No such command '{name}'." + "".join(f" Did you mean '{n}'?" for n in near))
        return super().resolve_command(ctx, args)
