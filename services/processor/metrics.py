"""What workers count."""

from prometheus_client import Counter, Gauge, Histogram

from services.processor.masks.steps import STEPS
from services.runtime.metrics import BUCKETS, errors

__all__ = [
    "busy",
    "completions",
    "errors",
    "landmarks",
    "processing_seconds",
    "regions",
    "step_seconds",
    "threads",
]

STEP_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

completions = Counter("task_completions_total", "Tasks that workers ended, by state.", ("status",))
processing_seconds = Histogram(
    "task_processing_duration_seconds", "Time from a task's lease to its end.", buckets=BUCKETS
)
step_seconds = Histogram(
    "image_processing_duration_seconds",
    "Time of one step of a drawing.",
    ("step",),
    buckets=STEP_SECONDS,
)
landmarks = Counter("landmarks_processed_total", "Landmarks of the faces drawn.")
regions = Counter("regions_generated_total", "Regions of the faces drawn.")
threads = Gauge("worker_threads", "Threads that can draw.", multiprocess_mode="livesum")
busy = Gauge("workers_busy", "Threads that draw now.", multiprocess_mode="livesum")

# A series that is not there yet cannot be seen to grow.
errors.labels("drawing", "worker")
for status in ("SUCCESS", "FAILURE"):
    completions.labels(status)
for step in STEPS:
    step_seconds.labels(step.__name__)
