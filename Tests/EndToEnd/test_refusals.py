"""What cannot work is said in one clear sentence, with an exit code that is not 0."""

import os
import shutil
from pathlib import Path

import pytest

from harness.berth import ControlPlane, binary
from harness.host import Host
from harness.machine_state import machine_state
from harness.waiting import wait_for


def refused(host: Host, *command: str, timeout: float = 30) -> str:
    """The one sentence with which a command ends."""
    done = host.run(*command, timeout=timeout)
    assert done.returncode not in (0, None), done.stdout + done.stderr
    said = done.stderr.strip()
    assert said and len(said.splitlines()) == 1, f"not one sentence:\n{done.stdout}\n---\n{done.stderr}"
    assert "Fatal error" not in said and "Error Domain" not in said
    return said


def up(host: Host, *options: str) -> tuple[str, ...]:
    return (binary(), "up", "--data-dir", str(host.data), *options)


def test_a_start_that_is_refused_fixes_nothing(host: Host) -> None:
    assert "TLS" in refused(host, *up(host, "--host", "0.0.0.0"))
    assert not host.data.exists()


def test_a_taken_port(host: Host) -> None:
    host.start("busybox", "httpd", "-f", "-p", "127.0.0.1:4566", name="stranger")
    wait_for("the stranger listens", lambda: ":4566" in host.run("ss", "-ltn").stdout, 5)
    before = machine_state(host)
    assert "4566" in refused(host, *up(host))
    assert before.difference(machine_state(host)) == ""


def test_a_second_control_plane_on_the_same_data(host: Host) -> None:
    control_plane = ControlPlane(host, role="server").ready()
    said = refused(host, binary(), "server", "--data-dir", str(host.data), "--port", "4567")
    assert str(host.data) in said or "running" in said
    assert control_plane.program.exit_code is None
    control_plane.down()


def test_no_root(host: Host) -> None:
    # The program may lie where others may not look.
    program = shutil.copy(binary(), host.directory / "berth")
    os.chmod(program, 0o755)
    os.chmod(host.directory, 0o755)
    data = host.directory / "nobodys"
    data.mkdir()
    os.chown(data, 65534, 65534)
    said = refused(
        host, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program, "up", "--data-dir", str(data))
    assert "root" in said


@pytest.mark.parametrize("capability", ["net_admin", "sys_admin"])
def test_a_missing_capability(host: Host, capability: str) -> None:
    before = machine_state(host)
    said = refused(host, "setpriv", f"--bounding-set=-{capability}", f"--inh-caps=-{capability}", *up(host))
    assert f"CAP_{capability.upper()}" in said
    assert before.difference(machine_state(host)) == ""


def test_an_overlapping_address_range(host: Host) -> None:
    host.namespace.ip("link", "add", "theirs", "type", "bridge")
    host.namespace.ip("address", "add", "10.99.5.1/24", "dev", "theirs")
    host.namespace.ip("link", "set", "theirs", "up")
    before = machine_state(host)
    said = refused(host, *up(host, "--task-cidr", "10.99.0.0/16"))
    assert "10.99." in said
    wait_for("nothing is left", lambda: before.difference(machine_state(host)) == "", 10,
             explain=lambda: before.difference(machine_state(host)))


@pytest.mark.parametrize("options, word", [
    (("--task-cidr", "10.99.0.0"), "task-cidr"),
    (("--lost-after", "1"), "lost-after"),
    (("--port", "70000"), "port"),
    (("--tls-certificate", "/nowhere"), "tls-key"),
], ids=["range", "lost-after", "port", "certificate"])
def test_options_that_make_no_sense(host: Host, options: tuple[str, ...], word: str) -> None:
    done = host.run(*up(host, *options), timeout=20)
    assert done.returncode != 0
    assert word in done.stderr, done.stderr
    # Nothing of it stays: the first start that makes sense decides.
    ControlPlane(host, role="server").ready().down()


def test_an_agent_with_a_bad_token(host: Host) -> None:
    control_plane = ControlPlane(host, role="server").ready()
    said = refused(
        host, binary(), "agent", "--join", control_plane.keys.endpoint, "--token", "made-up", "--managed",
        "--data-dir", str(host.directory / "agent"))
    assert "token" in said
    control_plane.down()


@pytest.mark.parametrize(
    "command", [("status",), ("token", "create"), ("env",)], ids=lambda command: command[0])
def test_tools_without_an_installation(host: Host, command: tuple[str, ...]) -> None:
    said = refused(host, binary(), *command, "--data-dir", str(host.directory / "nothing"))
    assert "berth up" in said


def test_logs_of_a_task_that_nobody_knows(shared: ControlPlane) -> None:
    said = refused(shared.host, binary(), "logs", "0" * 32, "--data-dir", str(shared.data))
    assert "0" * 32 in said


def test_an_archive_that_is_none(shared: ControlPlane, tmp_path: Path) -> None:
    (tmp_path / "no.tar").write_text("no archive")
    said = refused(shared.host, binary(), "image", "import", str(tmp_path / "no.tar"), "--data-dir", str(shared.data))
    assert "no.tar" in said
