"""A host: a network namespace with its own directory, in which Berth's programs run."""

import contextlib
import http.client
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from . import processes
from .namespaces import Namespace, Switch
from .processes import Program
from .waiting import wait_for


def environment(**more: str) -> dict[str, str]:
    """A plain environment: nothing of the user's own AWS settings or proxies gets in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    for name in [name for name in kept if name.lower().endswith("_proxy")]:
        del kept[name]
    return kept | {"AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "NO_PROXY": "*"} | more


class Host:
    """A machine of its own as far as the network goes, plugged into the switch; no default route."""

    def __init__(self, switch: Switch) -> None:
        switch.next += 1
        self.number = switch.next
        self.switch = switch
        self.address = f"10.200.0.{self.number}"
        self.namespace = Namespace(f"{switch.prefix}-{self.number}")
        switch.plug(self.namespace, self.number)
        # Short: the sockets beneath it may have 108 bytes of path.
        self.directory = Path(tempfile.mkdtemp(prefix=f"{switch.prefix}-{self.number}-"))
        self.data = self.directory / "data"
        self.programs: list[Program] = []

    def start(self, *command: str, name: str, **more: str) -> Program:
        """Starts a program inside; its output goes to files of the host's directory."""
        program = Program(self.namespace.command(*command), self.directory, name, environment(**more))
        self.programs.append(program)
        return program

    def run(self, *command: str, timeout: float = 60, **more: str) -> subprocess.CompletedProcess[str]:
        """Runs a command inside to its end, whatever its exit code."""
        return subprocess.run(
            self.namespace.command(*command),
            capture_output=True, text=True, timeout=timeout, env=environment(**more), stdin=subprocess.DEVNULL,
        )

    def shell(self, script: str, timeout: float = 120, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run("bash", "-euo", "pipefail", "-c", script, timeout=timeout, **more)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Puts the calling thread into the host's namespace."""
        with self.namespace.entered():
            yield

    def fetch(self, url: str, timeout: float = 3) -> str:
        """The body of a page, asked for from this host. Raises on anything but 200."""
        parts = urlsplit(url)
        with self.inside():
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=timeout)
            try:
                connection.request("GET", parts.path or "/")
                response = connection.getresponse()
                body = response.read().decode()
            finally:
                connection.close()
        if response.status != 200:
            raise RuntimeError(f"{url} answered {response.status}: {body}")
        return body

    def cut(self) -> None:
        self.switch.cut(self.number)

    def mend(self) -> None:
        self.switch.mend(self.number)

    def own_processes(self) -> list[processes.Process]:
        """Everything alive that names the host's directory or lives in its namespace, with all below it."""
        inode = self.namespace.inode
        roots = {
            each.pid for each in processes.processes()
            if each.is_alive
            and (str(self.directory) in each.command or processes.namespace_of(each.pid, "net") == inode)
        } - {os.getpid()}
        found = (processes.process(pid) for pid in processes.descendants(roots))
        return [each for each in found if each and each.is_alive and each.pid != os.getpid()]

    def close(self) -> list[str]:
        """Ends and removes everything of the host; returns what was still there, for people to read."""
        for program in self.programs:
            program.close()
        left = self.own_processes()
        directories, groups = run_directories(left), control_groups(left)
        for each in left:
            processes.kill9(each.pid)
        wait_for("the host's processes are gone", lambda: not self.own_processes(), 20)
        mounts = mounts_beneath({str(self.directory), *directories})
        for point in mounts:
            subprocess.run(["umount", "-l", point], check=True)
        for group in groups:
            remove_control_group(group)
        self.namespace.remove()
        for directory in [str(self.directory), *directories]:
            shutil.rmtree(directory, ignore_errors=directory != str(self.directory))
        return [f"process {each.pid}: {each.command}" for each in left] + [f"mount {point}" for point in mounts]


def run_directories(left: list[processes.Process]) -> set[str]:
    """The directories for sockets that leftover processes name."""
    return {found for each in left for found in re.findall(r"/run/berth/[^/\s]+", each.command)}


def control_groups(left: list[processes.Process]) -> set[str]:
    """The top groups, below `/sys/fs/cgroup/*`, of leftover processes, as far as they are Berth's."""
    return {found for each in left for found in re.findall(r"/(berth[^/\s]*)", processes.cgroups_of(each.pid))}


def remove_control_group(name: str) -> None:
    for top in Path("/sys/fs/cgroup").glob(f"*/{name}"):
        for directory, _, _ in os.walk(top, topdown=False):
            with contextlib.suppress(OSError):  # A process may still be on its way out; an empty group harms nobody.
                os.rmdir(directory)


def mounts_beneath(directories: set[str]) -> list[str]:
    """Mount points beneath the directories, deepest first."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    beneath = (point for point in points if any(point.startswith(f"{directory}/") for directory in directories))
    return sorted(beneath, key=len, reverse=True)
