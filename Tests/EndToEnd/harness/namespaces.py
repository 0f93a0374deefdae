"""Network namespaces: made, entered by the calling thread, removed."""

import contextlib
import ctypes
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def run(*command: str) -> str:
    """Runs a command that must succeed and returns its output."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout


class Namespace:
    """A named network namespace with `lo` up and, at first, nothing else."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = f"/run/netns/{name}"
        run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")
        # Addresses are there at once and stay as they are: nobody waits for a duplicate that cannot be.
        with self.entered():
            Path("/proc/sys/net/ipv6/conf/default/accept_dad").write_text("0")

    def ip(self, *arguments: str) -> str:
        return run("ip", "-n", self.name, *arguments)

    @property
    def inode(self) -> int:
        return os.stat(self.path).st_ino

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Puts the calling thread into the namespace; sockets made meanwhile stay in it."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        inside = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            enter(inside)
            try:
                yield
            finally:
                enter(before)
        finally:
            os.close(inside)
            os.close(before)

    def remove(self) -> None:
        run("ip", "netns", "del", self.name)


def enter(descriptor: int) -> None:
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"setns: {os.strerror(code)}")


class Switch:
    """A namespace with a bridge that hosts are plugged into. No way leads out of it."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.namespace = Namespace(f"{prefix}-switch")
        self.namespace.ip("link", "add", "switch", "type", "bridge")
        self.namespace.ip("link", "set", "switch", "up")
        self.next = 0

    def plug(self, host: Namespace, number: int) -> None:
        """Joins the host by `eth0` with the address 10.200.0.`number`."""
        port = self.port(number)
        self.namespace.ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", host.name)
        self.namespace.ip("link", "set", port, "master", "switch", "up")
        host.ip("address", "add", f"10.200.0.{number}/24", "dev", "eth0")
        host.ip("link", "set", "eth0", "up")

    def port(self, number: int) -> str:
        return f"port{number}"

    def cut(self, number: int) -> None:
        """Takes the host's cable out."""
        self.namespace.ip("link", "set", self.port(number), "down")

    def mend(self, number: int) -> None:
        self.namespace.ip("link", "set", self.port(number), "up")

    def remove(self) -> None:
        self.namespace.remove()
