"""The tables as SQLAlchemy sees them; `schema/` owns them.

Columns of bytes are left out where they are read and written over the raw connection.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Double,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

task_results = Table(
    "task_results",
    metadata,
    Column("task_id", Uuid),
    Column("input_hash", Text),
    Column("tenant", Text),
    Column("request_id", Text),
    Column("traceparent", Text),
    Column("status", Text),
    Column("progress", Integer),
    Column("step", Text),
    Column("options", JSONB),
    Column("image_width", Integer),
    Column("image_height", Integer),
    Column("landmarks_count", Integer),
    Column("submitted_at", DateTime(timezone=True)),
    Column("enqueued_at", DateTime(timezone=True)),
    Column("started_at", DateTime(timezone=True)),
    Column("completed_at", DateTime(timezone=True)),
    Column("ttl_expires_at", DateTime(timezone=True)),
    Column("attempt", Integer),
    Column("worker", Text),
    Column("lease", Interval),
    Column("lease_token", Uuid),
    Column("lease_until", DateTime(timezone=True)),
    Column("error_type", Text),
    Column("error_message", Text),
    Column("deterministic", Boolean),
    Column("result_data", JSONB),
    Column("drawing", LargeBinary),
    Column("drawing_size", Integer),
    Column("svg_data", LargeBinary),
    Column("svg_blob", LargeBinary),
    Column("svg_size", Integer),
    Column("svg_sha256", LargeBinary),
    Column("regions_detected", Integer),
    Column("processing_time_ms", Integer),
    Column("cache_hits", Integer),
    Column("last_used_at", DateTime(timezone=True)),
    Column("is_live", Boolean),
    Column("holders", Integer),
)

task_inputs = Table(
    "task_inputs",
    metadata,
    Column("task_id", Uuid),
    Column("part", SmallInteger),
    Column("digest", LargeBinary),
)

processing_metrics = Table(
    "processing_metrics",
    metadata,
    Column("metric_name", Text),
    Column("metric_value", Double),
    Column("metric_unit", Text),
    Column("component", Text),
    Column("operation", Text),
    Column("task_id", Uuid),
    Column("recorded_at", DateTime(timezone=True)),
)
