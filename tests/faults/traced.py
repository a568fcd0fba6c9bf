"""The command `delightful`, which also writes down every effect of its flows as it comes to it.

What is written is what DELIGHTFUL_FAILPOINT understands, with the flow that the effect belongs to:
so kill points are found in the flows themselves, and a new phase needs no list to be known.
"""

import json
import os
import sys
import threading
from pathlib import Path

from prefect.runtime import flow_run, task_run

from cli.main import main
from flows import effects

TRACE = "FAULTS_TRACE"
_writing = threading.Lock()


def write_down(point: str) -> None:
    """Add one point to the trace."""
    line = {"point": point, "flow": flow_run.flow_name, "task": task_run.name}
    with _writing, Path(os.environ[TRACE]).open("a") as trace:
        trace.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    effects.end_at = write_down
    sys.argv[0] = "delightful"
    main()
