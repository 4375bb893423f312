"""Whether a submission may name a callback URL, and that one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.gateway.webhooks.guard import BadCallback
from services.runtime.options import InvalidOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.gateway.webhooks.guard import Guard

OPTION = "callback_url"


class WebhooksOff(Exception):
    """There is a callback URL, and this service has no webhooks."""

    def __init__(self) -> None:
        super().__init__(
            f"this service has no webhooks, so there can be no {OPTION}: its operator would set "
            "WEBHOOK_SECRET; ask for the task's status instead, or watch it"
        )
        self.facts = {"option": OPTION, "setting": "WEBHOOK_SECRET"}


@dataclass(frozen=True)
class Callbacks:
    """Judges callback URLs; without a guard there are no webhooks."""

    guard: Guard | None = None

    def check(self, options: Mapping[str, str]) -> None:
        """Raise `WebhooksOff` or `InvalidOption` for a callback URL that cannot be."""
        url = options.get(OPTION)
        if not url:
            return
        if self.guard is None:
            raise WebhooksOff
        try:
            self.guard.target(url)
        except BadCallback as error:
            raise InvalidOption(f"{OPTION} cannot be called: {error}", OPTION) from None

    def refuse(self, options: Mapping[str, str]) -> None:
        """Raise `InvalidOption` for any: the caller waits for the drawing itself."""
        if options.get(OPTION):
            raise InvalidOption(
                f"{OPTION} is for submissions; render answers with the drawing itself", OPTION
            )
