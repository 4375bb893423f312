"""The services of the suite: gateway, processor, cache; the runtime and what they know of photos."""

__version__ = "0.1.0"
