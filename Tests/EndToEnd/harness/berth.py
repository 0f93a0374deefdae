"""Berth's own programs, run in a host: the control plane, agents and the tools."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .api import Client, make_client
from .certificates import Certificates
from .host import Host
from .processes import Program
from .waiting import wait_for


def binary(name: str = "berth") -> str:
    """The built program under test."""
    return str(Path(os.environ["BERTH_BIN"]) / name)


@dataclass(frozen=True)
class Keys:
    """What `client.json` in the data directory says."""

    endpoint: str
    region: str
    access_key: str
    secret_key: str
    authority: str | None = None

    @staticmethod
    def read(data: Path) -> "Keys":
        text = json.loads((data / "client.json").read_text())
        return Keys(
            text["endpoint"], text["region"], text["accessKeyID"], text["secretAccessKey"],
            text.get("certificateAuthority"))


class ControlPlane:
    """`berth up` or `berth server`, with the options given, on a host."""

    def __init__(
        self, host: Host, *options: str, role: str = "up", port: int = 4566, tls: Certificates | None = None
    ) -> None:
        """With `tls` it listens on the host's own address, else on loopback."""
        self.host, self.role, self.port, self.tls = host, role, port, tls
        self.data = host.data
        secure = () if tls is None else (
            "--host", host.address, "--tls-certificate", str(tls.certificate), "--tls-key", str(tls.key),
            "--tls-authority", str(tls.authority))
        self.options = (*options, *secure)
        self.program = self.launch()

    def launch(self) -> Program:
        return self.host.start(
            binary(), self.role, "--data-dir", str(self.data), "--port", str(self.port), *self.options,
            name=f"{self.role}-{len(self.host.programs)}")

    @property
    def keys(self) -> Keys:
        return Keys.read(self.data)

    def ready(self, deadline: float = 40) -> "ControlPlane":
        """Waits until it answers."""

        def answers() -> bool:
            assert self.program.exit_code is None, "it ended"
            endpoint = self.keys.endpoint
            if endpoint.startswith("https"):
                return self.client("ecs").list_clusters() is not None
            return self.host.fetch(f"{endpoint}/_berth/health") is not None

        wait_for("the control plane answers", answers, deadline, explain=self.program.tail)
        return self

    def restart(self) -> "ControlPlane":
        """Starts it again after it ended or was killed."""
        self.program = self.launch()
        return self.ready()

    def client(self, service: str = "ecs", **changes: object) -> Client:
        """A boto3 client on this host, with the root key unless `changes` says otherwise."""
        return make_client(self.host, self.keys, service, **changes)

    def tool(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Runs one of Berth's tools on this host; `--data-dir` is added."""
        return self.host.run(binary(), *arguments, "--data-dir", str(self.data), timeout=timeout)

    def must(self, *arguments: str, timeout: float = 60) -> str:
        done = self.tool(*arguments, timeout=timeout)
        assert done.returncode == 0, f"berth {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def token(self) -> str:
        """A join token."""
        return self.must("token", "create").split()[-1]

    def down(self) -> None:
        """Stops everything it started on this host."""
        if self.program.exit_code is None:
            self.program.interrupt()
        if self.data.exists():
            take_down(self.host, self.data)


class Agent:
    """`berth agent` on a host."""

    def __init__(self, host: Host, control_plane: ControlPlane, *options: str) -> None:
        self.host = host
        self.data = host.directory / "agent"
        self.url = control_plane.keys.endpoint
        self.token = control_plane.token()
        trust = ("--ca-file", str(control_plane.tls.authority)) if control_plane.tls else ()
        self.options = (*options, *trust)
        self.program = self.launch()

    def launch(self) -> Program:
        return self.host.start(
            binary(), "agent", "--join", self.url, "--token", self.token, "--data-dir", str(self.data),
            "--node-address", self.host.address, *self.options, name=f"agent-{len(self.host.programs)}")

    def restart(self) -> None:
        self.program = self.launch()

    def import_image(self, archive: Path) -> None:
        def imported() -> bool:
            done = self.tool("image", "import", str(archive))
            assert done.returncode == 0, done.stderr
            return True

        # The agent's containerd may still be starting.
        wait_for("the image is imported", imported, 40, every=1, explain=self.program.tail)

    def tool(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        return self.host.run(binary(), *arguments, "--data-dir", str(self.data), timeout=timeout)

    def down(self) -> None:
        if self.program.exit_code is None:
            self.program.interrupt()
        take_down(self.host, self.data)


def take_down(host: Host, data: Path) -> None:
    """`berth down`; where it fails, says what still lives."""
    done = host.run(binary(), "down", "--data-dir", str(data), timeout=120)
    left = "\n".join(f"{each.pid} {each.state} {each.command}" for each in host.own_processes())
    assert done.returncode == 0, f"berth down: {done.returncode}\n{done.stdout}\n{done.stderr}\nstill alive:\n{left}"
