"""Measures how soon a killed container is replaced: a service of `berth up` against one of Docker Swarm, in one run.

    python -m bench.recovery BERTH [--kills N]

To be run in a network namespace of its own, with nothing but loopback in it. Both run the same image, as a service of one
task. Its process is killed with SIGKILL, in turns, and the clock runs until the scheduler says that another task is running.
Prints medians and ratios. Ends with 1 when the target is missed.
"""

import argparse
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from .orchestrators import Berth, Orchestrator, Swarm

TARGET = 0.5
DEADLINE = 60


def wait(what: str, condition: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {DEADLINE} s")
        time.sleep(0.002)


def process(argument: str) -> int | None:
    """The process that sleeps for `argument` seconds, a number that is one service's own."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[-2:] == [argument.encode(), b""] and words[0].endswith(b"sleep"):
            return int(entry.name)
    return None


def started(pid: int) -> float:
    """Seconds since the machine's start at which the process began, in steps of a clock tick (10 ms)."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[19]) / os.sysconf("SC_CLK_TCK")


class Victim:
    """One service whose process is killed again and again."""

    def __init__(self, title: str, orchestrator: Orchestrator, argument: str, **how: object) -> None:
        self.title, self.orchestrator, self.argument = title, orchestrator, argument
        self.service = orchestrator.serve(argument, **how)
        self.running: list[float] = []
        self.process: list[float] = []
        self.settle()

    def settle(self) -> None:
        """Waits until one task is running and its process is there."""
        wait(f"{self.title} runs", lambda: len(self.tasks()) == 1 and process(self.argument))

    def tasks(self) -> set[str]:
        return self.orchestrator.running(self.service)

    def kill(self) -> None:
        before, victim = self.tasks(), process(self.argument)
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        boot, began = time.clock_gettime(time.CLOCK_BOOTTIME), time.perf_counter()
        wait(f"{self.title} runs again", lambda: self.tasks() - before)
        self.running.append(time.perf_counter() - began)
        self.settle()
        successor = process(self.argument)
        assert successor is not None
        self.process.append(started(successor) - boot)


def row(victim: Victim, peer: Victim) -> str:
    figures = [
        f"{statistics.median(times) * 1_000:.0f} ms | {statistics.median(times) / statistics.median(theirs):.2f}×"
        for times, theirs in ((victim.running, peer.running), (victim.process, peer.process))]
    worst = f"{max(victim.running) * 1_000:.0f} ms"
    return f"| {victim.title} | {figures[0]} | {worst} | {figures[1]} |"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("berth", type=Path)
    parser.add_argument("--kills", type=int, default=20, help="of each service")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        swarm = Swarm(Path(folder) / "swarm")
        running.callback(swarm.stop)
        berth = Berth(Path(folder) / "berth", options.berth, swarm.archive())
        running.callback(berth.stop)
        peer = Victim("Docker Swarm, host network, restart delay 0", swarm, "86401")
        ours = [
            Victim("Berth, host network (EC2)", berth, "86402", network="host"),
            Victim("Berth, awsvpc (FARGATE)", berth, "86403", network="awsvpc")]
        for _ in range(options.kills):
            for victim in (peer, *ours):
                victim.kill()
    print(
        "| service | RUNNING again after | to Swarm's | longest | process again after | to Swarm's |\n|---|---|---|---|---|---|")
    for victim in (peer, *ours):
        print(row(victim, peer))
    limit = TARGET * statistics.median(peer.running)
    missed = [victim.title for victim in ours if statistics.median(victim.running) > limit]
    print(f"Target: at most {TARGET}× Swarm's time to RUNNING. " + (f"Missed: {', '.join(missed)}." if missed else "Met."))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
