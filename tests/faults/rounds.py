"""How long the fault tests go on: once through in the suite, more often in `make test-faults`."""

import os

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
