"""The services of the suite: gateway, processor, cache, and the runtime they share."""

__version__ = "0.1.0"
