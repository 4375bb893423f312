"""Examples of what is sent and answered. Tests hold them to the contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

TASK_ID = "9f99c48c-99e2-40d8-a17e-704d18717f9f"
HASH = "42e7b7f79e01643bb8c5fd4a34e0887f11c6afdaac8bc0a361cd09649827f19d"
SVG_URL = f"/api/v1/frontal/crop/svg/{TASK_ID}"
SUBMITTED, STARTED, COMPLETED, EXPIRES = (
    "2026-11-23T14:00:00.392Z",
    "2026-11-23T14:00:00.430Z",
    "2026-11-23T14:00:00.457Z",
    "2026-11-24T14:00:00.457Z",
)

POINTS = Path(__file__).with_name("points.json")
"""The 68 points of a face, as fractions of a photo's width and height."""

# 256 x 300 grey pixels.
PHOTO = (
    "iVBORw0KGgoAAAANSUhEUgAAAQAAAAEsAQMAAAAW0v9oAAAAA1BMVEWAgICQdD0xAAAAIElEQVR42u3BMQEAAADCoP"
    "VPbQo/oAAAAAAAAAAAAOBrJqwAAciictUAAAAASUVORK5CYII="
)

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 600">'
    '<path id="f6ff2f4ea-region-forehead" data-region="forehead" fill="#cdb6f9" d="M264 168…Z"/>'
    "</svg>"
)
METRICS = (
    "# HELP facesvg_cache_hits_total Submissions answered from the cache.\n"
    "# TYPE facesvg_cache_hits_total counter\n"
    'facesvg_cache_hits_total{service="gateway"} 12.0\n'
)

REGION: Json = {
    "id": 1,
    "name": "forehead",
    "side": "center",
    "viewer_side": "center",
    "source": "landmarks",
    "extrapolated": True,
    "bbox": {"x": 172.34, "y": 109.05, "width": 182.56, "height": 90.47},
    "area": 8087.4,
    "centroid": {"x": 261.09, "y": 142.93},
    "rings": [
        {
            "points": [{"x": 264.5, "y": 168.0}, {"x": 257.6, "y": 168.3}, {"x": 250, "y": 160}],
            "hole": False,
        }
    ],
    "color": "#cdb6f9",
    "element_id": "f6ff2f4ea-region-forehead",
}
DRAWING: Json = {
    "svg": "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=",
    "mask_contours": {"1": [[264.5, 168.0], [257.6, 168.3], [250.0, 160.0]]},
    "regions": [REGION],
    "regions_detected": 1,
    "processing_time_ms": 27,
    "cache_hits": 0,
    "warnings": [],
    "width": 512,
    "height": 600,
    "image_width": 512,
    "image_height": 600,
    "landmarks_count": 478,
    "transform": [1, 0, 0, 0, 1, 0],
    "scheme": "mediapipe478",
    "units": "pixels",
    "label_scheme": "",
}
TASK: Json = {
    "task_id": TASK_ID,
    "status": "SUCCESS",
    "progress": 100,
    "step": "",
    "result": DRAWING,
    "submitted_at": SUBMITTED,
    "started_at": STARTED,
    "completed_at": COMPLETED,
    "expires_at": EXPIRES,
    "processing_time_ms": 27,
    "input_hash": HASH,
    "attempt": 1,
    "svg_url": SVG_URL,
    "deliveries": [],
}
SUMMARY: Json = {
    "task_id": TASK_ID,
    "status": "SUCCESS",
    "input_hash": HASH,
    "submitted_at": SUBMITTED,
    "completed_at": COMPLETED,
    "processing_time_ms": 27,
    "cache_hits": 3,
    "regions_detected": 27,
    "error_type": "",
}
ANSWERS: dict[str, Json] = {
    "SubmitResponse": {
        "task_id": TASK_ID,
        "status": "PENDING",
        "message": "The photo is accepted and waits to be drawn.",
        "submitted_at": SUBMITTED,
        "estimated_completion_time": COMPLETED,
        "input_hash": HASH,
        "cache_hit": False,
        "cache_match": "",
    },
    "Task": TASK,
    "ListTasksResponse": {"tasks": [SUMMARY], "next_page_token": ""},
    "DeleteTaskResponse": {},
    "ListPresetsResponse": {
        "presets": [
            {
                "name": "zones27",
                "description": "Divides the face into 27 zones without gap or overlap.",
                "regions": [
                    {
                        "id": 1,
                        "name": "forehead",
                        "side": "center",
                        "viewer_side": "center",
                        "source": "",
                        "extrapolated": False,
                        "area": 0,
                        "rings": [],
                        "color": "#cdb6f9",
                        "element_id": "",
                    }
                ],
            }
        ]
    },
    "CacheStats": {
        "days": 7,
        "total_requests": 16,
        "cache_hits": 12,
        "cache_misses": 4,
        "hit_ratio": 0.75,
        "tasks_by_status": {"SUCCESS": 4},
        "average_processing_time_ms": 27.5,
        "max_processing_time_ms": 41,
        "cached_entries": 4,
        "size_mb": 0.09,
        "max_size_mb": 1000,
        "ttl_hours": 24,
        "pending_tasks": 0,
        "oldest_pending_seconds": 0,
        "since": SUBMITTED,
    },
    "CleanupResponse": {"expired_tasks": 3, "evicted_tasks": 0, "freed_mb": 1.5},
    "GetHealthResponse": {
        "status": "healthy",
        "version": "0.1.0",
        "services": [
            {
                "service": "cache",
                "healthy": True,
                "version": "0.1.0",
                "dependencies": {"postgres": "healthy"},
            }
        ],
        "timestamp": SUBMITTED,
    },
    "GetDatabaseHealthResponse": {"status": "healthy", "database": "PostgreSQL 16.14"},
}
"""Whole answers by the name of their message."""

PROGRESS = {**TASK, "status": "PROGRESS", "progress": 40, "step": "trace_map"}
EVENT: Json = {
    "data": json.dumps({name: PROGRESS[name] for name in ("task_id", "status", "progress")})
}
"""An event of a watch, of whose record some members are shown."""


def submission() -> Json:
    """Return a submission as JSON that is drawn as it is."""
    return {
        "image": PHOTO,
        "landmarks": json.loads(POINTS.read_text()),
        "preset": "ibug68",
        "show_labels": True,
    }
