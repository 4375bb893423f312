"""Tracing: label maps become outlines that share their borders."""

from services.processor.masks.tracing.geometry import Affine, Chain, scaling
from services.processor.masks.tracing.outline import Border, Outline, Ring, Tracing
from services.processor.masks.tracing.tracer import TRACE_MODES, trace

__all__ = [
    "TRACE_MODES",
    "Affine",
    "Border",
    "Chain",
    "Outline",
    "Ring",
    "Tracing",
    "scaling",
    "trace",
]
