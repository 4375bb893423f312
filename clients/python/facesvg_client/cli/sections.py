"""Help with a heading for each kind of option, and bounds that a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import click

if TYPE_CHECKING:
    from click.types import OptionHelpExtra


class Sectioned(click.Command):
    """Lists its options under the headings that they name."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, a section for each heading, in the order of their first ones."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for option in self.get_params(ctx):
            record = option.get_help_record(ctx)
            if record is not None and isinstance(option, click.Option):
                heading = getattr(option, "heading", Option.heading)
                sections.setdefault(heading, []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)


class Option(click.Option):
    """An option whose bounds, where it has some, stand where others have their choices."""

    heading: ClassVar = "Options"

    def make_metavar(self, ctx: click.Context) -> str:
        """Return what stands for the value: `[0..99]` for a number with bounds."""
        kind = self.type
        if isinstance(kind, click.IntRange | click.FloatRange) and kind.max is not None:
            return f"[{kind.min:.9g}..{kind.max:.9g}]"
        return super().make_metavar(ctx)

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        """Return what stands behind the help: not the bounds again."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        if "default" in extra:
            extra["default"] = extra["default"].removesuffix(".0")
        return extra


class Drawing(Option):
    """An option of the drawing."""

    heading = "The drawing"


class Connection(Option):
    """An option that says how the suite is called."""

    heading = "The connection"
