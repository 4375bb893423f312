"""The services of the suite: gateway, processor, cache, and what they share."""

__version__ = "0.1.0"
