"""Measures placement on a grid of hosts and tasks, each cell in a process of its own.

    python -m bench.scheduler SCHEDULER_BENCH [--hosts N,…] [--tasks N,…] [--repeats N]

Prints placements per second, planned only and committed, how the cost of one grows, and memory. Ends with 1 when a
target is missed or a task found no host.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys

HOSTS = (500, 1_000, 5_000, 10_000, 50_000)
TASKS = (10_000, 100_000)
VARIANTS = {"binpack": [], "spread": ["--spread"], "binpack, constraints": ["--constraints"],
            "spread, constraints": ["--spread", "--constraints"]}
# Placements per second on one core, planned only, at this number of hosts.
TARGETS = {5_000: 10_000, 50_000: 5_000}
GROWTH = 0.15

Cell = dict[str, object]


def measure(program: str, kind: str, hosts: int, tasks: int, flags: list[str]) -> Cell:
    command = [program, kind, "--hosts", str(hosts), "--tasks", str(tasks), *flags]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def rate(cells: list[Cell]) -> float:
    """The median of the repetitions, in placements per second."""
    return statistics.median(c["placed"] / sum(c["tenths"]) for c in cells)


def growth(points: list[tuple[float, float]]) -> float | None:
    """The slope of the line through the logarithms: 0 when the cost stays, 1 when it grows as its cause does."""
    if len(points) < 2:
        return None
    logs = [(math.log(x), math.log(y)) for x, y in points]
    return statistics.linear_regression([x for x, _ in logs], [y for _, y in logs]).slope


def tenths(cells: list[Cell]) -> list[float]:
    """Seconds of processor time for each tenth of the tasks but the first, in which the index is made.

    The least of the repetitions: all do the same, and what disturbs one only adds.
    """
    return [min(times) for times in zip(*(c["processor"][1:] for c in cells))]


def beginning(cells: list[Cell]) -> float:
    """Milliseconds by which the first tenth takes longer than the others: making the index."""
    return (min(c["processor"][0] for c in cells) - statistics.median(tenths(cells))) * 1_000


def in_placed(cells: list[Cell]) -> float | None:
    """How the cost of one placement grows with those before it, within one run."""
    return growth([(tenth + 1.5, cost) for tenth, cost in enumerate(tenths(cells))])


def show(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}"


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench scheduler")
    parser.add_argument("program")
    parser.add_argument("--hosts", type=numbers, default=list(HOSTS))
    parser.add_argument("--tasks", type=numbers, default=list(TASKS))
    parser.add_argument("--repeats", type=int, default=4, help="of a cell with 100,000 tasks; short cells get three times as many")
    options = parser.parse_args()
    missed: list[str] = []
    # Seconds of one placement by variant, tasks and kind, then by hosts: with the making of the index, and without.
    costs: dict[tuple[str, int, str], dict[int, tuple[float, float]]] = {}

    print("| strategy | tasks | hosts | planned /s | index ms | growth in placed | committed /s | index ms "
          "| growth in placed | planner per host, per task | all per host, per task |\n"
          "|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for variant, flags in VARIANTS.items():
        for tasks in options.tasks:
            for hosts in options.hosts:
                row, memory = f"| {variant} | {tasks:,} | {hosts:,} ", ""
                for kind in ("planned", "committed"):
                    name = f"{variant}, {tasks:,} tasks, {hosts:,} hosts, {kind}"
                    # Of a run of a second much is what the machine did meanwhile.
                    repeats = options.repeats * (1 if tasks >= 100_000 else 3)
                    cells = [measure(options.program, kind, hosts, tasks, flags) for _ in range(repeats)]
                    for cell in cells:
                        if cell["placed"] != tasks:
                            raise SystemExit(f"{name}: {cell['placed']:,} tasks found a host")
                    each = statistics.median(tenths(cells)) / (tasks / 10)
                    costs.setdefault((variant, tasks, kind), {})[hosts] = (1 / rate(cells), each)
                    grown = in_placed(cells)
                    row += f"| {rate(cells):,.0f} | {beginning(cells):,.0f} | {show(grown)} "
                    memory += f"| {cells[0]['bytesPerHost']:,} B, {cells[0]['bytesPerTask']:,} B "
                    if kind == "planned" and rate(cells) < TARGETS.get(hosts, 0):
                        missed.append(f"{name}: {rate(cells):,.0f}/s, wanted {TARGETS[hosts]:,}/s")
                    if grown is not None and grown > GROWTH:
                        missed.append(f"{name}: grows with placed tasks by {grown:.2f}, wanted {GROWTH} at most")
                print(row + memory + "|", flush=True)

    print("\nGrowth of a placement's cost with the number of hosts, without the making of the index and with it:\n\n"
          "| strategy | tasks | planned | with index | committed | with index |\n|---|---|---|---|---|---|")
    for variant in VARIANTS:
        for tasks in options.tasks:
            row = f"| {variant} | {tasks:,} "
            for kind in ("planned", "committed"):
                points = costs[variant, tasks, kind].items()
                grown = growth([(hosts, each) for hosts, (_, each) in points])
                row += f"| {show(grown)} | {show(growth([(hosts, whole) for hosts, (whole, _) in points]))} "
                if grown is not None and grown > GROWTH:
                    missed.append(f"{variant}, {tasks:,} tasks, {kind}: grows with hosts by {grown:.2f}, "
                                  f"wanted {GROWTH} at most")
            print(row + "|")
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
