"""Tasks: what waits, who draws, and how they end."""

from deploy.grafana.ask import mean, rate, spread
from deploy.grafana.board import AREAS, STAT, Board, Panel

BOARD = Board(
    uid="facesvg-tasks",
    title="facesvg: tasks and queue",
    tells="What waits to be drawn, who draws, and how tasks end.",
    rows={
        "Now": (
            Panel(
                "Tasks that wait",
                "As Postgres has them. Every cache tells the same, hence the largest.",
                "short",
                {"waiting": "max(task_queue_size)"},
                looks=STAT,
                width=6,
                limits=(50, 100),
            ),
            Panel(
                "The first has waited for",
                "An alert from a minute: nobody takes tasks.",
                "s",
                {"oldest": "max(oldest_pending_task_seconds)"},
                looks=STAT,
                width=6,
                limits=(20, 60),
            ),
            Panel(
                "Workers busy",
                "Of the threads that can draw. All of them for long: add workers.",
                "percentunit",
                {"busy": "sum(workers_busy) / sum(worker_threads)"},
                looks=STAT,
                width=6,
                limits=(0.9, 1),
            ),
            Panel(
                "Drawings",
                "That were stored.",
                "reqps",
                {"drawn": rate("task_completions_total", where='status="SUCCESS"')},
                looks=STAT,
                width=6,
            ),
        ),
        "Queue": (
            Panel(
                "Tasks that wait and tasks under way",
                "Waiting that grows while workers are busy is too much work; while they are not,"
                " nobody takes it.",
                "short",
                {"waiting": "max(task_queue_size)", "under way": "max(active_tasks_count)"},
            ),
            Panel(
                "How long the first has waited",
                "The alert begins at 60 s.",
                "s",
                {"oldest": "max(oldest_pending_task_seconds)"},
                limits=(60,),
            ),
            Panel(
                "Submissions by what became of them",
                "new: to be drawn. hit: drawn before. similar: much like one drawn before.",
                "reqps",
                {"{{outcome}}": rate("task_submissions_total", "outcome")},
                looks=AREAS,
            ),
            Panel(
                "Tasks that ended",
                "Failures are mostly photos that cannot be read.",
                "reqps",
                {"{{status}}": rate("task_completions_total", "status")},
                looks=AREAS,
            ),
        ),
        "Workers": (
            Panel(
                "Threads that draw, of those that can",
                "What is between the lines is idle.",
                "short",
                {"busy": "sum(workers_busy)", "there": "sum(worker_threads)"},
            ),
            Panel(
                "From a task's lease to its end",
                "Fetching the inputs, drawing, and storing.",
                "s",
                spread("task_processing_duration_seconds"),
            ),
            Panel(
                "Mean time of a task",
                "Times the submissions a second it is the workers that are needed.",
                "s",
                {"mean": mean("task_processing_duration_seconds")},
            ),
            Panel(
                "Tasks of the last day",
                "By the state they are in now.",
                "short",
                {"{{state}}": "max by (state) (tasks_by_state)"},
                looks=AREAS,
            ),
        ),
    },
)
