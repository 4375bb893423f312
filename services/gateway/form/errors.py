"""What can be wrong with a body as a whole; what is wrong with a part is the runtime's to say."""

from __future__ import annotations


class MalformedRequest(ValueError):
    """A form or JSON that cannot be read; `facts` has every value of the message."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = {name: str(value) for name, value in facts.items()}
