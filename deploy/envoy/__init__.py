"""The public door of the suite: one Envoy configuration for every way to run it."""
