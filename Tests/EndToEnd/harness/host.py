"""A host: a network and a mount namespace with a directory and a `/run` of its own, in which Berth's programs run."""

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


# Holds a mount namespace with a `/run` of its own open.
KEEPER = "mount -t tmpfs -o mode=755 run /run && mkdir /run/lock /run/netns /run/mount && echo ready && exec sleep infinity"


class Host:
    """A machine of its own as far as networks and mounts go, plugged into the switch; no default route."""

    def __init__(self, switch: Switch) -> None:
        switch.next += 1
        self.number = switch.next
        self.switch = switch
        self.address = f"10.200.0.{self.number}"
        self.namespace = Namespace(f"{switch.prefix}-{self.number}")
        switch.plug(self.namespace, self.number)
        self.keeper = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", KEEPER],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert self.keeper.stdout and self.keeper.stdout.readline() == "ready\n"
        self.first_mounts = set(self.mounts())
        # Short: the sockets beneath it may have 108 bytes of path.
        self.directory = Path(tempfile.mkdtemp(prefix=f"{switch.prefix}-{self.number}-"))
        self.data = self.directory / "data"
        self.programs: list[Program] = []

    def command(self, *command: str) -> list[str]:
        """The command as one that runs inside; the process started is the command itself."""
        # Not `ip netns exec`, which mounts another /sys without the control groups.
        return ["nsenter", f"--net={self.namespace.path}", f"--mount=/proc/{self.keeper.pid}/ns/mnt", "--", *command]

    def start(self, *command: str, name: str, **more: str) -> Program:
        """Starts a program inside; its output goes to files of the host's directory."""
        program = Program(self.command(*command), self.directory, name, environment(**more))
        self.programs.append(program)
        return program

    def run(self, *command: str, timeout: float = 60, **more: str) -> subprocess.CompletedProcess[str]:
        """Runs a command inside to its end, whatever its exit code."""
        return subprocess.run(
            self.command(*command),
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
        """Everything alive in the host's namespaces, with all below it: containers have namespaces of their own."""
        net, mount = self.namespace.inode, self.mount_namespace
        roots = {
            each.pid for each in processes.processes()
            if processes.namespace_of(each.pid, "net") == net or processes.namespace_of(each.pid, "mnt") == mount
        } - {self.keeper.pid}
        found = (processes.process(pid) for pid in processes.descendants(roots))
        return [each for each in found if each and each.is_alive and each.pid != os.getpid()]

    @property
    def mount_namespace(self) -> int | None:
        return processes.namespace_of(self.keeper.pid, "mnt")

    def mounts(self) -> list[str]:
        """The mount points that the host sees."""
        lines = Path(f"/proc/{self.keeper.pid}/mountinfo").read_text().splitlines()
        return [line.split()[4] for line in lines]

    def path(self, inside: str) -> Path:
        """Where a file of the host is seen from outside."""
        return Path(f"/proc/{self.keeper.pid}/root{inside}")

    def close(self) -> list[str]:
        """Ends and removes everything of the host; returns what was still there, for people to read."""
        for program in self.programs:
            program.close()
        left = self.own_processes()
        groups = control_groups(left)
        mounts = sorted(set(self.mounts()) - self.first_mounts)
        for each in left:
            processes.kill9(each.pid)
        wait_for("the host's processes are gone", lambda: not self.own_processes(), 20)
        for group in groups:
            remove_control_group(group)
        self.keeper.kill()
        self.keeper.wait(10)
        self.namespace.remove()
        shutil.rmtree(self.directory)
        return [f"process {each.pid}: {each.command}" for each in left] + [f"mount {point}" for point in mounts]


def control_groups(left: list[processes.Process]) -> set[str]:
    """The top groups, below `/sys/fs/cgroup/*`, of leftover processes, as far as they are Berth's."""
    return {found for each in left for found in re.findall(r"/(berth[^/\s]*)", processes.cgroups_of(each.pid))}


def remove_control_group(name: str) -> None:
    """Removes the group from every tree; the processes that were in it may still be on their way out."""

    def gone() -> bool:
        for top in Path("/sys/fs/cgroup").glob(f"*/{name}"):
            for directory, _, _ in os.walk(top, topdown=False):
                os.rmdir(directory)
        return True

    wait_for(f"the control group {name} is removed", gone, 10)


@contextlib.contextmanager
def clean_hosts(switch: Switch, count: int) -> Iterator[list[Host]]:
    """Hosts on which nothing may be left in the end: whoever uses them runs `berth down`."""
    hosts = [Host(switch) for _ in range(count)]
    left: list[str] = []
    try:
        yield hosts
    finally:
        for host in reversed(hosts):
            left += host.close()
    assert left == [], "berth down left:\n" + "\n".join(left)
