"""The Python client of facesvg: a face photo and its landmarks become an SVG of its regions.

from facesvg_client import Client

with Client("http://localhost:8000") as client:
    drawing = client.draw("face.jpg", "landmarks.json", "map.png")
    drawing.save("face.svg")
"""

from facesvg_client.async_client import AsyncClient
from facesvg_client.client import Client
from facesvg_client.errors import (
    Busy,
    DeadlineExceeded,
    DrawingFailed,
    FacesvgError,
    Forbidden,
    InvalidLandmarks,
    InvalidMap,
    InvalidOption,
    InvalidPhoto,
    InvalidRequest,
    NotFinished,
    NotFound,
    QuotaUsedUp,
    ServiceError,
    TaskCancelled,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from facesvg_client.nouns import (
    Box,
    CacheStats,
    Delivery,
    Drawing,
    Health,
    Match,
    Point,
    Preset,
    Region,
    Ring,
    ServiceHealth,
    Status,
    Submitted,
    Task,
    TaskError,
    TaskSummary,
)
from facesvg_client.options import Options
from facesvg_client.policy import Retry

__all__ = [
    "AsyncClient",
    "Box",
    "Busy",
    "CacheStats",
    "Client",
    "DeadlineExceeded",
    "Delivery",
    "Drawing",
    "DrawingFailed",
    "FacesvgError",
    "Forbidden",
    "Health",
    "InvalidLandmarks",
    "InvalidMap",
    "InvalidOption",
    "InvalidPhoto",
    "InvalidRequest",
    "Match",
    "NotFinished",
    "NotFound",
    "Options",
    "Point",
    "Preset",
    "QuotaUsedUp",
    "Region",
    "Retry",
    "Ring",
    "ServiceError",
    "ServiceHealth",
    "Status",
    "Submitted",
    "Task",
    "TaskCancelled",
    "TaskError",
    "TaskSummary",
    "TooLarge",
    "Unauthenticated",
    "Unavailable",
]
