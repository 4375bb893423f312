"""Writes `dashboards/*.json` out of the Python beside it."""

import json
from pathlib import Path

from deploy.grafana import cache, door, drawing, services, tasks
from deploy.grafana.board import Board, as_json

DASHBOARDS = Path(__file__).with_name("dashboards")
BOARDS = (services.BOARD, tasks.BOARD, cache.BOARD, drawing.BOARD, door.BOARD)


def text_of(board: Board) -> str:
    """Return a dashboard as its file has it."""
    return json.dumps(as_json(board), indent=1) + "\n"


def main() -> None:
    """Write every dashboard, and nothing else there."""
    DASHBOARDS.mkdir(exist_ok=True)
    for old in DASHBOARDS.glob("*.json"):
        old.unlink()
    for board in BOARDS:
        (DASHBOARDS / f"{board.uid}.json").write_text(text_of(board))


if __name__ == "__main__":
    main()
