"""Tasks do not notice when Berth's programs are killed, and nothing that happened meanwhile is lost."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.berth import Agent, ControlPlane
from harness.cluster import SLEEP, Cluster, address, container, short
from harness.containers import first_pid, identities
from harness.host import Host
from harness.namespaces import Switch
from harness.processes import kill9
from harness.waiting import holds_for, wait_for


class Installation:
    """A control plane and one managed host as separate programs, with a service of two and a lone task."""

    def __init__(self, host: Host, archive: Path) -> None:
        self.host = host
        self.control_plane = ControlPlane(host, role="server").ready()
        self.agent = Agent(host, self.control_plane, "--managed")
        self.agent.import_image(archive)
        self.cluster = Cluster(self.control_plane, "kept")
        self.service = self.cluster.serve(self.cluster.register(container()), 2)
        self.tasks = self.cluster.wait_for_running(self.service, 2)
        for task in self.tasks:
            self.cluster.wait_for_page(task)
        self.before = identities(self.tasks)

    def all_answer(self) -> bool:
        return all(self.cluster.fetch(task) for task in self.tasks)

    def containerd(self) -> int:
        found = [
            each.pid for each in self.host.own_processes()
            if re.match(r"\S*containerd( |$)", each.command) and "containerd-shim" not in each.command.split()[0]]
        assert len(found) == 1, f"containerd: {found}"
        return found[0]

    def check_unchanged(self) -> None:
        """The same tasks, the same processes, no more of them, and all of it in the control plane's hands."""
        assert identities(self.tasks) == self.before
        arns = {task["taskArn"] for task in self.tasks}
        wait_for(
            "the service shows the same tasks",
            lambda: {task["taskArn"] for task in self.cluster.running(self.service)} == arns, 30,
            explain=self.cluster.explain)
        definition = self.cluster.register(container(script="exit 7"))
        # An agent that was killed connects when it can; until then there is no capacity, and RunTask says so.
        probe = wait_for("a new task is taken", lambda: self.cluster.run(definition), 30, explain=self.cluster.explain)
        stopped = self.cluster.wait_for_status(probe["taskArn"], "STOPPED", 60)
        assert stopped["containers"][0].get("exitCode") == 7, self.cluster.explain()
        assert {task["taskArn"] for task in self.cluster.running(self.service)} == arns
        assert identities(self.tasks) == self.before
        assert self.all_answer()


@pytest.fixture(scope="module")
def installed(switch: Switch, archive: Path) -> Iterator[Installation]:
    host = Host(switch)
    try:
        installation = Installation(host, archive)
        yield installation
        installation.cluster.clear()
        installation.agent.down()
        installation.control_plane.down()
    finally:
        left = host.close()
    assert left == [], "\n".join(left)


def test_the_control_plane_is_killed(installed: Installation) -> None:
    installed.control_plane.program.kill9()
    holds_for("the tasks answer", installed.all_answer, 2)
    installed.control_plane.restart()
    # No host has come back yet: that is no want of room.
    cluster = installed.cluster
    task = cluster.run(cluster.register(container(script="exit 8")))
    assert cluster.wait_for_status(task["taskArn"], "STOPPED", 60)["containers"][0].get("exitCode") == 8
    installed.check_unchanged()


def test_the_agent_is_killed(installed: Installation) -> None:
    installed.agent.program.kill9()
    holds_for("the tasks answer", installed.all_answer, 2)
    installed.agent.restart()
    installed.check_unchanged()


def test_both_are_killed(installed: Installation) -> None:
    installed.control_plane.program.kill9()
    installed.agent.program.kill9()
    holds_for("the tasks answer", installed.all_answer, 2)
    # The agent first: it must wait for its control plane.
    installed.agent.restart()
    installed.control_plane.restart()
    installed.check_unchanged()


def test_containerd_is_killed(installed: Installation) -> None:
    killed = installed.containerd()
    kill9(killed)
    holds_for("the tasks answer", installed.all_answer, 2)
    wait_for("containerd is back", lambda: installed.containerd() != killed, 30, explain=installed.agent.program.tail)
    installed.check_unchanged()


@pytest.mark.parametrize("down", ["the agent", "containerd", "the control plane", "the agent and the control plane"])
def test_what_exits_meanwhile_is_reported_with_its_code(installed: Installation, down: str) -> None:
    cluster = installed.cluster
    script = "trap 'exit 41' TERM; while :; do sleep 0.1; done"
    task = cluster.run(cluster.register(container("app", script)))
    cluster.wait_for_status(task["taskArn"], "RUNNING")
    process = first_pid(task)
    # A containerd that is down stays down only without its agent.
    if down != "the control plane":
        installed.agent.program.kill9()
    if down == "containerd":
        kill9(installed.containerd())
    if "control plane" in down:
        installed.control_plane.program.kill9()
    assert installed.host.run("kill", "-TERM", str(process)).returncode == 0
    wait_for("the container is gone", lambda: not identities([task])[short(task["taskArn"])], 10)
    if "control plane" in down:
        installed.control_plane.restart()
    if down != "the control plane":
        installed.agent.restart()
    stopped = cluster.wait_for_status(task["taskArn"], "STOPPED", 60)
    assert stopped["containers"][0].get("exitCode") == 41, cluster.explain()
    assert stopped["stopCode"] == "EssentialContainerExited"
    installed.check_unchanged()


def test_a_task_stopped_while_the_agent_is_down_is_stopped_when_it_returns(installed: Installation) -> None:
    cluster = installed.cluster
    task = cluster.run(cluster.register(container("app", SLEEP, stopTimeout=2)))
    cluster.wait_for_status(task["taskArn"], "RUNNING")
    installed.agent.program.kill9()
    cluster.ecs.stop_task(cluster=cluster.name, task=task["taskArn"], reason="while nobody looked")
    assert identities([task])[short(task["taskArn"])]
    installed.agent.restart()
    stopped = cluster.wait_for_status(task["taskArn"], "STOPPED", 60)
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "while nobody looked")
    assert not identities([task])[short(task["taskArn"])]
    installed.check_unchanged()


def test_berth_up_killed_and_started_again_adopts_its_tasks(host: Host, archive: Path) -> None:
    control_plane = ControlPlane(host).ready()
    control_plane.must("image", "import", str(archive))
    cluster = Cluster(control_plane, "kept")
    service = cluster.serve(cluster.register(container()), 2)
    tasks = cluster.wait_for_running(service, 2)
    before = identities(tasks)
    control_plane.program.kill9()
    for task in tasks:
        wait_for(f"{address(task)} answers", lambda: cluster.fetch(task), 5)
    control_plane.restart()
    after = cluster.wait_for_running(service, 2)
    assert {task["taskArn"] for task in after} == {task["taskArn"] for task in tasks}
    assert identities(tasks) == before
    control_plane.down()
