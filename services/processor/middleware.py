"""What surrounds every message that a worker takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dramatiq

from services.runtime.context import request_id, request_id_from, task_id

if TYPE_CHECKING:
    from dramatiq import Broker
    from dramatiq.broker import MessageProxy


class Ids(dramatiq.Middleware):
    """Binds the request id and the task id of a message for all that its worker logs and calls."""

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """Bind them."""
        del broker
        request_id.set(request_id_from(message.options.get("request_id")))
        task_id.set(str(message.args[0]) if message.args else "")
