"""The REST contract as an OpenAPI 3.1 document, out of a descriptor set.

Routes come from the `google.api.http` annotations, words from the comments, bounds and defaults
from the rules of the fields: what Envoy and the gateway obey is what is described.
"""

from openapi.document import document

__all__ = ["document"]
