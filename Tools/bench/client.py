"""Load from `wrk`, the same for every server: requests made beforehand, on connections that are kept while the server does.

A client in C costs a few microseconds a request; what is measured is the server.
"""

import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("replay.lua")


@dataclass
class Load:
    """What one run saw."""

    seconds: float
    answers: int
    # Answers with an error status, and requests that got none.
    errors: int
    # Seconds that the slowest hundredth of the answers took at least.
    tail: float
    # Processor time of the client over the time that passed: near 1 the client is what was measured.
    client_share: float

    @property
    def rate(self) -> float:
        return self.answers / self.seconds if self.seconds else 0.0


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(
    port: int, requests: Iterable[bytes], connections: int, seconds: int, once: bool, address: str = "127.0.0.1"
) -> Load:
    """Sends for so long, with that many connections, each waiting for its answer.

    `once`: each request goes once, and the run ends early without more; else they go round and round.
    """
    with tempfile.NamedTemporaryFile(prefix="berth-bench-") as pool:
        for request in requests:
            pool.write(f"{len(request)}\n".encode() + request)
        pool.flush()
        before, began = processor_seconds(), time.perf_counter()
        output = subprocess.run(
            ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout",
             "30s", "--script", str(SCRIPT), f"http://{address}:{port}", "--", pool.name, "once" if once else "round"],
            check=True, capture_output=True, text=True, timeout=seconds + 60).stdout
        passed, used = time.perf_counter() - began, processor_seconds() - before
    summary = json.loads(output.splitlines()[-1])
    return Load(summary["seconds"], summary["answers"], summary["errors"], summary["tail"], used / passed)
