"""The door of the running containers, as the verbs of the Makefile ask it."""

from __future__ import annotations

import os

from deploy.local.rest import Rest


def door(url: str) -> Rest:
    """Return what to ask: with `API_KEY`, believing the certificate in `DOOR_CERTIFICATE`."""
    return Rest(url, os.environ.get("API_KEY", ""), os.environ.get("DOOR_CERTIFICATE", ""))
