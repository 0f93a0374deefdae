"""The processes of a task's containers, found from outside by their control groups."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import processes
from .cluster import short
from .waiting import wait_for


@dataclass(frozen=True)
class Identity:
    """One life of one process: the id alone may be used again."""

    pid: int
    started: int


def identity(pid: int) -> Identity:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return Identity(pid, int(fields[19]))


def container_pids(task: dict[str, Any], name: str = "") -> list[int]:
    """Every live process in the task's containers, or in the one called `name`."""
    task_id, found = short(task["taskArn"]), []
    for each in processes.processes():
        if not each.is_alive:
            continue
        path = next((line for line in processes.cgroups_of(each.pid).splitlines() if task_id in line), "")
        if path and (not name or path.rpartition("/")[2].endswith(name)):
            found.append(each.pid)
    return sorted(found)


def first_pid(task: dict[str, Any], name: str = "") -> int:
    """The process that a container's life hangs on."""
    pids = container_pids(task, name)
    for pid in pids:
        found = processes.process(pid)
        if found and found.parent not in pids:
            return pid
    raise AssertionError(f"no process of {name or 'the task'} in {short(task['taskArn'])}")


def identities(tasks: list[dict[str, Any]]) -> dict[str, set[Identity]]:
    """What runs for each task now; equal at two times when nothing was started, ended or replaced.

    A container's script begins with programs that end at once: two looks in a row have to agree.
    """
    looks: list[dict[str, set[Identity]]] = [{}]

    def agree() -> bool:
        looks.append({short(task["taskArn"]): {identity(pid) for pid in container_pids(task)} for task in tasks})
        return looks[-1] == looks[-2]

    wait_for("what runs stays the same", agree, 10)
    return looks[-1]
