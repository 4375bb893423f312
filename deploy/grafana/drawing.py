"""Drawing: how long it takes, in which step, and what comes out."""

from deploy.grafana.ask import mean, quantile, rate, spread
from deploy.grafana.board import AREAS, Board, Panel

STEP = "image_processing_duration_seconds"
DRAWN = rate("task_completions_total", where='status="SUCCESS"')

BOARD = Board(
    uid="facesvg-drawing",
    title="facesvg: drawing",
    tells="How long a drawing takes, in which step, and what comes out.",
    rows={
        "Time": (
            Panel(
                "A drawing takes",
                "From a task's lease to its end.",
                "s",
                spread("task_processing_duration_seconds"),
            ),
            Panel(
                "Where the time goes",
                "Seconds of each step in a second, of all workers: as high as there are busy ones.",
                "s",
                {"{{step}}": rate(f"{STEP}_sum", "step")},
                looks=AREAS,
            ),
            Panel(
                "95 of 100 take less than, by step",
                "read_map and outline grow with the label map, read_photo with the photo.",
                "s",
                {"{{step}}": quantile(0.95, STEP, "step")},
            ),
            Panel(
                "Mean time, by step",
                "Compare releases with it.",
                "s",
                {"{{step}}": mean(STEP, "step")},
            ),
        ),
        "What comes out": (
            Panel(
                "Drawings by outcome",
                "Failures are mostly photos that cannot be read.",
                "reqps",
                {"{{status}}": rate("task_completions_total", "status")},
                looks=AREAS,
            ),
            Panel(
                "Regions in a drawing",
                "The mean; presets have 5 to 68.",
                "short",
                {"regions": f"{rate('regions_generated_total')} / ({DRAWN} > 0)"},
            ),
            Panel(
                "Landmarks in a drawing",
                "The mean; schemes have 68 to 478.",
                "short",
                {"landmarks": f"{rate('landmarks_processed_total')} / ({DRAWN} > 0)"},
            ),
            Panel(
                "Drawings that broke",
                "By a mistake of ours, not by the photo: each has a traceback in the worker's log.",
                "short",
                {"broken": rate("errors_total", where='component="worker"')},
            ),
        ),
        "Machine": (
            Panel(
                "Processor of the workers",
                "Of one core each, as they told after their last task.",
                "percent",
                {"{{instance}}": 'sum by (instance) (cpu_usage_percent{job="worker"})'},
            ),
            Panel(
                "Memory of the workers",
                "Resident, as they told after their last task; large photos leave it high.",
                "bytes",
                {"{{instance}}": 'sum by (instance) (memory_usage_bytes{job="worker"})'},
            ),
        ),
    },
)
