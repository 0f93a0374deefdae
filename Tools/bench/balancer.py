"""Compares an application load balancer of `berth server` with a HAProxy configured by hand: the same backends, the same
client, by turns in one run; then measures how soon a change of targets has its effect.

    python -m bench.balancer BERTH [--seconds S] [--repeats N] [--changes N]

To be run as root in a network namespace of its own, with nothing but loopback in it. Prints medians and their ratios. Ends
with 1 when an answer was an error or a target is missed.
"""

import argparse
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import client
from .balancers import BACKENDS, Balanced, ByHand, backends
from .changes import measure

CONNECTIONS = (1, 16, 128)
RATE, TAIL, EFFECT = 0.97, 1.1, 0.05


@dataclass
class Way:
    """One way to the backends."""

    name: str
    address: str
    port: int
    host: str

    def load(self, connections: int, seconds: int) -> client.Load:
        request = f"GET / HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nUser-Agent: bench\r\n\r\n".encode()
        return client.run(self.port, [request], connections, seconds, False, self.address)


def compare(ways: list[Way], connections: int, options: argparse.Namespace, missed: list[str]) -> int:
    """Measures all by turns and prints a row for each; the number of errors. The first is judged by the last."""
    loads: list[list[client.Load]] = [[] for _ in ways]
    for turn in range(options.repeats):
        # Each goes first as often as the others: what runs before leaves warm caches.
        for number in range(len(ways)):
            place = (number + turn) % len(ways)
            loads[place].append(ways[place].load(connections, options.seconds))
    rates = [statistics.median(each.rate for each in runs) for runs in loads]
    tails = [statistics.median(each.tail for each in runs) for runs in loads]
    share = statistics.median(each.client_share for each in loads[0])
    for way, rate, tail in zip(ways, rates, tails):
        print(f"| {connections} | {way.name} | {rate:,.0f} | {rate / rates[-1]:.3f}× | {tail * 1000:.2f} ms | "
              f"{tail / tails[-1]:.2f}× | {share:.0%} |", flush=True)
    if rates[0] < RATE * rates[-1]:
        missed.append(f"{connections} connections: {rates[0] / rates[-1]:.3f}× the requests, at least {RATE}×")
    if tails[0] > TAIL * tails[-1]:
        missed.append(f"{connections} connections: p99 {tails[0] / tails[-1]:.2f}×, at most {TAIL}×")
    return sum(each.errors for runs in loads for each in runs)


def tell(what: str, times: list[float], missed: list[str]) -> None:
    slowest = max(times)
    print(f"| {what} | {statistics.median(times) * 1000:.1f} ms | {slowest * 1000:.1f} ms |")
    if slowest > EFFECT:
        missed.append(f"{what}: {slowest * 1000:.0f} ms, at most {EFFECT * 1000:.0f}")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("berth", type=Path)
    parser.add_argument("--seconds", type=int, default=3, help="of each run")
    parser.add_argument("--repeats", type=int, default=15, help="runs, of which the median counts")
    parser.add_argument("--changes", type=int, default=20, help="targets that come and go")
    options = parser.parse_args()
    missed: list[str] = []
    errors = 0
    with tempfile.TemporaryDirectory(prefix="berth-bench-") as text, ExitStack() as running:
        folder = Path(text)
        running.callback(backends(folder).stop)
        hand = ByHand(folder)
        running.callback(hand.stop)
        berth = Balanced(folder, options.berth)
        running.callback(berth.stop)
        berth.targets("RegisterTargets", BACKENDS)
        berth.wait_for("healthy", BACKENDS)
        # Their second check, so that nothing is on its way any more.
        time.sleep(6)
        ways = [
            Way(berth.name, berth.address, berth.port, berth.host),
            Way(f"{berth.name}, by name at 127.0.0.1", "127.0.0.1", berth.port, berth.host),
            Way(hand.name, hand.address, hand.port, hand.host)]
        print("| connections | | requests /s | ratio | p99 | ratio | client CPU |\n|---|---|---|---|---|---|---|")
        for connections in CONNECTIONS:
            errors += compare(ways, connections, options, missed)
        changes = measure(berth, options.changes)
    print("\n| a change of targets | median | longest |\n|---|---|---|")
    tell("registered: commit to ready, and first check to first connection", [each.came for each in changes], missed)
    tell("deregistered: commit to last new connection", [each.went for each in changes], missed)
    print(f"errors: {errors}")
    for each in missed:
        print(f"missed: {each}", file=sys.stderr)
    return 1 if errors or missed else 0


if __name__ == "__main__":
    sys.exit(main())
