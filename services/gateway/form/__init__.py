"""Bodies that REST clients send, read as they stream: multipart forms and JSON."""

from services.gateway.form.collection import Limits
from services.gateway.form.errors import MalformedRequest
from services.gateway.form.reading import Form, receive

__all__ = ["Form", "Limits", "MalformedRequest", "receive"]
