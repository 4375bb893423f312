"""The commands about the suite: what it can draw, what it did, how it is."""

from __future__ import annotations

import click
from rich.text import Text

from facesvg_client.cli import printing
from facesvg_client.cli.door import Door, with_door
from facesvg_client.cli.sections import Option, Sectioned


@click.command(cls=Sectioned)
@click.argument("preset", required=False)
@with_door
def regions(door: Door, preset: str | None) -> None:
    """List the presets, or the regions of one PRESET."""
    with door.client() as client:
        presets = client.regions()
    chosen = [found for found in presets if preset in (None, found.name)]
    if not chosen:
        known = ", ".join(found.name for found in presets)
        raise click.UsageError(f"there is no preset {preset!r}; there are {known}")
    if door.as_json:
        for found in chosen:
            printing.record(found)
    elif preset is None:
        printing.table(
            ("preset", "#regions", "what it is for"),
            ((found.name, len(found.regions), found.description) for found in chosen),
        )
    else:
        printing.table(
            ("#id", "region", "side", "seen at", "colour"),
            (
                (
                    region.id,
                    region.name,
                    region.side,
                    region.viewer_side,
                    Text.assemble(("  ", f"on {region.color}"), f" {region.color}"),
                )
                for region in chosen[0].regions
            ),
            title=f"{preset}: {chosen[0].description}",
        )


@click.command(cls=Sectioned)
@click.option(
    "--days",
    cls=Option,
    type=click.IntRange(1, 365),
    default=7,
    show_default=True,
    help="Of the last so many days.",
)
@with_door
def stats(door: Door, days: int) -> None:
    """Show what the cache did."""
    with door.client() as client:
        found = client.stats(days)
    if door.as_json:
        printing.record(found)
        return
    by_status = ", ".join(f"{count} {name}" for name, count in found.tasks_by_status.items())
    printing.facts(
        (
            ("days", found.days),
            ("submissions", found.total_requests),
            ("from the cache", f"{found.cache_hits} ({found.hit_ratio:.0%})"),
            ("tasks", by_status or "none"),
            ("mean time", f"{found.average_processing_time_ms:.0f} ms"),
            ("longest time", f"{found.max_processing_time_ms:.0f} ms"),
            ("drawings kept", f"{found.cached_entries}, for {found.ttl_hours:g} h"),
            ("size", f"{found.size_mb:.1f} of {found.max_size_mb:g} MB"),
            ("waiting", found.pending_tasks),
            ("since", printing.moment(found.since)),
        )
    )


@click.command(cls=Sectioned)
@with_door
def health(door: Door) -> None:
    """Show whether the suite can draw."""
    with door.client() as client:
        found = client.health()
    if door.as_json:
        printing.record(found)
        return
    printing.table(
        ("service", "state", "version", "depends on"),
        (
            (
                service.service,
                Text("healthy", "green") if service.healthy else Text("away", "red"),
                service.version,
                ", ".join(f"{name}: {state}" for name, state in service.dependencies.items()),
            )
            for service in found.services
        ),
    )
