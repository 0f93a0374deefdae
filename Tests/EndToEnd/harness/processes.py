"""What /proc says, and programs that tests start."""

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .waiting import NotInTime, wait_for


@dataclass(frozen=True)
class Process:
    """A process as /proc shows it."""

    pid: int
    parent: int
    state: str
    command: str

    @property
    def is_alive(self) -> bool:
        return self.state not in "ZX"


def process(pid: int) -> Process | None:
    try:
        # The name is in brackets and may hold anything; what follows the last bracket is regular.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Process(pid, int(fields[1]), fields[0], command)


def processes() -> list[Process]:
    found = (process(int(name)) for name in os.listdir("/proc") if name.isdigit())
    return [each for each in found if each]


def descendants(roots: set[int]) -> set[int]:
    """`roots` and everything below them."""
    children: dict[int, list[int]] = {}
    for each in processes():
        children.setdefault(each.parent, []).append(each.pid)
    found, todo = set(), list(roots)
    while todo:
        pid = todo.pop()
        if pid not in found:
            found.add(pid)
            todo += children.get(pid, [])
    return found


def is_alive(pid: int) -> bool:
    found = process(pid)
    return found is not None and found.is_alive


def kill9(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def namespace_of(pid: int, kind: str) -> int | None:
    """The inode of the namespace that a process lives in, such as `net`; None if it is gone or not ours to see."""
    try:
        return os.stat(f"/proc/{pid}/ns/{kind}").st_ino
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None


def cgroups_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cgroup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def cgroup_directory(pid: int, controller: str) -> Path:
    """Where a process's control group of one (version 1) controller is."""
    for line in cgroups_of(pid).splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return Path(f"/sys/fs/cgroup/{controller}{path}")
    raise AssertionError(f"process {pid} is in no control group of {controller}")


class Program:
    """A program that a test started; its output is in files."""

    def __init__(self, command: list[str], output: Path, name: str, environment: dict[str, str]) -> None:
        self.name = name
        self.stdout_file = output / f"{name}.out"
        self.stderr_file = output / f"{name}.err"
        with open(self.stdout_file, "ab") as out, open(self.stderr_file, "ab") as err:
            self.popen = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, start_new_session=True
            )

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def stdout(self) -> str:
        return self.stdout_file.read_text(errors="replace")

    @property
    def stderr(self) -> str:
        return self.stderr_file.read_text(errors="replace")

    @property
    def exit_code(self) -> int | None:
        return self.popen.poll()

    def wait(self, deadline: float) -> int:
        try:
            return self.popen.wait(deadline)
        except subprocess.TimeoutExpired:
            raise NotInTime(f"{self.name} did not end within {deadline:g} s\n{self.tail()}") from None

    def interrupt(self, deadline: float = 30) -> int:
        """Ctrl-C; returns the exit code."""
        self.popen.send_signal(signal.SIGINT)
        return self.wait(deadline)

    def kill9(self) -> None:
        self.popen.kill()
        self.popen.wait(10)

    def close(self) -> None:
        """Ends the program whatever it takes."""
        if self.exit_code is None:
            self.popen.terminate()
            try:
                self.popen.wait(10)
            except subprocess.TimeoutExpired:
                self.kill9()

    def tail(self, lines: int = 40) -> str:
        def last(text: str) -> str:
            return "\n".join(text.splitlines()[-lines:])

        return (
            f"--- {self.name} (pid {self.pid}, exit {self.exit_code}), output:\n{last(self.stdout)}"
            f"\n--- its errors:\n{last(self.stderr)}"
        )


def wait_until_gone(pids: set[int], deadline: float) -> None:
    wait_for(f"processes {sorted(pids)} are gone", lambda: not any(is_alive(pid) for pid in pids), deadline)
