"""What a container's first process has and sees, looked at from outside: nothing of it comes from the API."""

import os
import subprocess
from pathlib import Path
from typing import Any

from .containers import container_pids, first_pid
from .processes import cgroup_directory, namespace_of

# Bits of the capability masks in /proc/PID/status.
CAPABILITIES = {"CHOWN": 0, "NET_ADMIN": 12, "SYS_ADMIN": 21, "MKNOD": 27}


class Insides:
    """One container of a described task."""

    def __init__(self, task: dict[str, Any], name: str) -> None:
        self.task, self.name = task, name
        self.pid = first_pid(task, name)

    def __repr__(self) -> str:
        return f"container {self.name} (pid {self.pid})"

    def proc(self, name: str) -> str:
        return Path(f"/proc/{self.pid}/{name}").read_text(errors="replace")

    def words(self, name: str) -> list[str]:
        """A file of zero-terminated words, such as `cmdline`."""
        return self.proc(name).rstrip("\0").split("\0")

    @property
    def environment(self) -> dict[str, str]:
        return dict(word.split("=", 1) for word in self.words("environ"))

    def status(self, key: str) -> str:
        return next(line.split(":", 1)[1].strip() for line in self.proc("status").splitlines() if line.startswith(key))

    def has_capability(self, name: str, mask: str = "CapBnd") -> bool:
        return bool(int(self.status(mask), 16) >> CAPABILITIES[name] & 1)

    def limit(self, name: str) -> tuple[str, str]:
        """Soft and hard, of a line of `limits` such as `Max open files`."""
        line = next(line for line in self.proc("limits").splitlines() if line.startswith(name))
        soft, hard = line[len(name):].split()[:2]
        return soft, hard

    def link(self, name: str) -> str:
        return os.readlink(f"/proc/{self.pid}/{name}")

    def path(self, inside: str) -> Path:
        return Path(f"/proc/{self.pid}/root{inside}")

    def text(self, inside: str) -> str:
        return self.path(inside).read_text()

    def mount(self, point: str) -> dict[str, Any] | None:
        """The topmost mount on a path: its kind, and its options with those of its file system."""
        for line in reversed(self.proc("mountinfo").splitlines()):
            left, _, right = line.partition(" - ")
            fields = left.split()
            if fields[4] == point:
                kind, _, options = right.split(" ", 2)
                return {"kind": kind, "options": set(fields[5].split(",")) | set(options.split(","))}
        return None

    def cgroup(self, controller: str, file: str) -> str:
        return (cgroup_directory(self.pid, controller) / file).read_text().strip()

    def task_cgroup(self, controller: str, file: str) -> str:
        return (cgroup_directory(self.pid, controller).parent / file).read_text().strip()

    @property
    def runtime_id(self) -> str:
        """The runtime's id of the container."""
        return cgroup_directory(self.pid, "memory").name

    def namespace(self, kind: str) -> int | None:
        return namespace_of(self.pid, kind)

    @property
    def interfaces(self) -> set[str]:
        return {line.split(":")[0].strip() for line in self.proc("net/dev").splitlines()[2:]}

    def kernel(self, setting: str) -> str:
        """A kernel setting as the container's own namespaces have it."""
        return self.run("net", "ipc", command=["cat", f"/proc/sys/{setting.replace('.', '/')}"])

    @property
    def hostname(self) -> str:
        return self.run("uts", command=["hostname"])

    def run(self, *namespaces: str, command: list[str]) -> str:
        entered = ["nsenter", "-t", str(self.pid), *(f"--{each}" for each in namespaces)]
        return subprocess.run([*entered, *command], capture_output=True, text=True, check=True, timeout=10).stdout.strip()

    @property
    def processes(self) -> int:
        return len(container_pids(self.task, self.name))
