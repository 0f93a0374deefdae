"""Compares the API of `berth server` with `moto_server`: the same requests, the same client, in one run.

    python -m bench.api BERTH MOTO_SERVER [--seconds S] [--repeats N]

Prints medians and their ratios. Ends with 1 when an answer was an error or a target is missed.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from . import client
from .servers import Berth, Moto, Server
from .signing import Signer

CONNECTIONS = (1, 4, 16)
DEFINITION = {
    "family": "bench", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
    "containerDefinitions": [{
        "name": "app", "image": "nginx:1.27", "essential": True, "cpu": 128, "memory": 256,
        "portMappings": [{"containerPort": 80}],
        "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        "healthCheck": {"command": ["CMD-SHELL", "true"]}}]}
# By how much Berth shall be faster.
TARGETS = {"ListClusters": 20, "DescribeTasks": 20, "RegisterTaskDefinition": 5, "CreateService": 5}
IDLE_MIB, FIRST_ANSWER = 40, 0.3


def launch(server: Server) -> dict[str, object]:
    return {"cluster": "bench", "taskDefinition": "bench", "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": [server.subnet], "securityGroups": []}}}


def prepare(server: Server) -> list[str]:
    """What the measured requests are about; returns the ARNs of a hundred tasks."""
    server.call("CreateCluster", {"clusterName": "bench"})
    server.call("RegisterTaskDefinition", DEFINITION)
    if isinstance(server, Berth):
        # Without hosts RunTask places nothing; a service's tasks wait for a host, and are described all the same.
        server.call("CreateService", launch(server) | {"serviceName": "hundred", "desiredCount": 100})
    else:
        for _ in range(10):
            server.call("RunTask", launch(server) | {"count": 10})
    deadline = time.monotonic() + 30
    while True:
        arns = server.call("ListTasks", {"cluster": "bench"})["taskArns"]
        if len(arns) == 100:
            return arns
        if time.monotonic() > deadline:
            raise SystemExit(f"{server.name}: {len(arns)} tasks instead of 100")
        time.sleep(0.1)


def requests(server: Server, operation: str, tasks: list[str], first: int, count: int) -> list[bytes]:
    """Signed requests: for services, which need a name each, as many as asked for; else one, to be sent over and over."""
    signer = Signer(server.endpoint)
    if operation == "CreateService":
        bodies = (json.dumps(launch(server) | {"serviceName": f"s{number}", "desiredCount": 0}).encode()
                  for number in range(first, first + count))
        return [signer.request(operation, body) for body in bodies]
    body = {"ListClusters": {}, "DescribeTasks": {"cluster": "bench", "tasks": tasks},
            "RegisterTaskDefinition": DEFINITION}[operation]
    return [signer.request(operation, json.dumps(body).encode())]


class Bench:
    """Measures both servers in turn, so that a busy moment of the machine meets both."""

    def __init__(self, seconds: int, repeats: int) -> None:
        self.seconds, self.repeats = seconds, repeats
        self.errors = 0
        self.services = {"berth": 0, "moto_server": 0}

    def measure(self, servers: list[tuple[Server, list[str]]], operation: str, connections: int) -> list[float]:
        """The medians of the servers, in requests a second."""
        loads: dict[str, list[client.Load]] = {server.name: [] for server, _ in servers}
        for _ in range(self.repeats):
            for server, tasks in servers:
                loads[server.name].append(self.once(server, tasks, operation, connections))
        for name, runs in loads.items():
            if failed := sum(run.errors for run in runs):
                print(f"{name}: {operation} at {connections}: {failed} errors", file=sys.stderr)
                self.errors += failed
        rates = [statistics.median(run.rate for run in loads[server.name]) for server, _ in servers]
        ours = loads[servers[0][0].name]
        tail = statistics.median(run.tail for run in ours)
        share = statistics.median(run.client_share for run in ours)
        ratio = rates[0] / rates[1]
        print(f"| {operation} | {connections} | {rates[0]:,.0f} | {rates[1]:,.0f} | {ratio:.1f}× | "
              f"{tail * 1000:.1f} ms | {share:.0%} |", flush=True)
        return rates

    def once(self, server: Server, tasks: list[str], operation: str, connections: int) -> client.Load:
        # Enough for any rate that was ever seen; a pool that is used up ends the run early, which changes no rate.
        pool = self.seconds * (10_000 if isinstance(server, Berth) else 1_000)
        first = self.services[server.name]
        once = operation == "CreateService"
        if once:
            self.services[server.name] += pool
        return client.run(
            server.port, requests(server, operation, tasks, first, pool), connections, self.seconds, once)


def write_seconds(folder: Path) -> float:
    """The median time of one synchronised write of a page, which no commit can undercut."""
    times = []
    with (folder / "probe").open("wb") as file:
        file.truncate(1 << 20)
        for number in range(200):
            file.seek(number % 200 * 4096)
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times)


def start_times(make: Callable[[], Berth], repeats: int) -> tuple[float, float]:
    """The median first answer over several starts, and the memory in use when nothing was asked for a while."""
    answers, resident = [], 0.0
    for _ in range(repeats):
        server = make()
        answers.append(server.first_answer)
        time.sleep(3)
        resident = server.resident_mib
        server.stop()
    return statistics.median(answers), resident


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("berth", type=Path)
    parser.add_argument("moto_server", type=Path)
    parser.add_argument("--seconds", type=int, default=3, help="of each run")
    parser.add_argument("--repeats", type=int, default=3, help="runs, of which the median counts")
    options = parser.parse_args()
    missed = []
    with tempfile.TemporaryDirectory(prefix="berth-bench-") as folder:
        data = Path(folder) / "data"
        first, resident = start_times(lambda: Berth(options.berth, data), options.repeats)
        print(f"berth server: first answer {first * 1000:.0f} ms after the process start, idle at {resident:.1f} MiB")
        print(f"one synchronised write takes this disk {write_seconds(Path(folder)) * 1000:.2f} ms\n")
        if first > FIRST_ANSWER:
            missed.append(f"first answer after {first * 1000:.0f} ms, at most {FIRST_ANSWER * 1000:.0f}")
        if resident > IDLE_MIB:
            missed.append(f"idle at {resident:.1f} MiB, at most {IDLE_MIB}")
        servers: list[Server] = [Berth(options.berth, data), Moto(options.moto_server, Path(folder))]
        try:
            prepared = [(server, prepare(server)) for server in servers]
            bench = Bench(options.seconds, options.repeats)
            print("| operation | connections | berth /s | moto_server /s | ratio | berth p99 | client CPU |")
            print("|---|---|---|---|---|---|---|")
            for operation, target in TARGETS.items():
                for connections in CONNECTIONS:
                    ours, theirs = bench.measure(prepared, operation, connections)
                    if ours < theirs * target:
                        missed.append(f"{operation} at {connections}: {ours / theirs:.1f}×, at least {target}×")
            print(f"\nberth server after the run: {servers[0].resident_mib:.1f} MiB")
        finally:
            for server in servers:
                server.stop()
    print(f"errors: {bench.errors}")
    for each in missed:
        print(f"missed: {each}", file=sys.stderr)
    return 1 if bench.errors or missed else 0


if __name__ == "__main__":
    sys.exit(main())
