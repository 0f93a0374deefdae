"""`--on-capacity-needed`: the operator's command brings a host, and the task that waited runs there."""

import json
import os
import re
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.berth import ControlPlane, binary, take_down
from harness.cluster import GROUP, QUICK, Cluster, container
from harness.containers import container_pids
from harness.fleet import Fleet
from harness.host import Host, clean_hosts
from harness.namespaces import Switch
from harness.processes import is_alive
from harness.waiting import wait_for


@pytest.fixture
def hosts(switch: Switch) -> Iterator[list[Host]]:
    with clean_hosts(switch, 2) as hosts:
        yield hosts


def blue_provider(cluster: Cluster, scaling: dict[str, Any]) -> None:
    cluster.ecs.create_capacity_provider(name="blue", autoScalingGroupProvider={
        "autoScalingGroupArn": GROUP + "blue", "managedScaling": {"status": "ENABLED"} | scaling})
    cluster.ecs.put_cluster_capacity_providers(
        cluster=cluster.name, capacityProviders=["blue"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "blue", "weight": 1}])


def definition(cluster: Cluster, cpu: int) -> str:
    return cluster.register(
        container(script=QUICK, cpu=cpu, memory=64), requiresCompatibilities=["EC2"], networkMode="host", cpu=None,
        memory=None)


def run(cluster: Cluster, count: int, cpu: int = 100) -> list[dict[str, Any]]:
    answer = cluster.ecs.run_task(cluster=cluster.name, taskDefinition=definition(cluster, cpu), count=count)
    assert answer["failures"] == [] and len(answer["tasks"]) == count
    return answer["tasks"]


def hook(server: Host, joining: Host, archive: Path) -> Path:
    """A command that keeps what it is told and, the first time, boots an agent on the other host."""
    directory = server.directory / "hook"
    directory.mkdir()
    # The path of the namespace is hidden from the server's host, which has a /run of its own.
    enter = (
        f"nsenter --net=/proc/{os.getpid()}/root{joining.namespace.path} --mount=/proc/{joining.keeper.pid}/ns/mnt --")
    berth, data = shlex.quote(binary()), joining.directory / "agent"
    script = directory / "more-hosts"
    script.write_text(f"""#!/bin/sh
set -ex
cd {directory}
number=$(ls | grep -c told || true)
cat > new
mv new told-$number.json
test ! -e token || exit 0
{berth} token create --data-dir "$BERTH_DATA_DIR" > token
setsid {enter} {berth} agent --join https://{server.address}:4566 --token "$(cat token)" --data-dir {data} \\
    --node-address {joining.address} --cluster growing --capacity-provider blue \\
    --ca-file {server.directory}/authority.pem > agent.log 2>&1 &
for try in $(seq 40); do
    if {enter} {berth} image import {archive} --data-dir {data}; then touch ready; exit 0; fi
    sleep 1
done
exit 1
""")
    script.chmod(0o755)
    return directory


def test_the_command_brings_a_host_and_what_waited_runs(hosts: list[Host], archive: Path) -> None:
    server, joining = hosts
    directory = hook(server, joining, archive)
    fleet = Fleet(
        [server], archive, "growing", "--on-capacity-needed", str(directory / "more-hosts"), "--capacity-interval", "2s",
        "--scaling-period", "1")
    cluster, control_plane = fleet.cluster, fleet.control_plane
    blue_provider(cluster, {"minimumScalingStepSize": 2})
    # Cut off until the image is there.
    joining.cut()
    tasks = run(cluster, 3)
    assert {task["lastStatus"] for task in tasks} == {"PROVISIONING"}

    def explain() -> str:
        files = [control_plane.data / "capacity-needed.log", directory / "agent.log"]
        return "\n".join([control_plane.program.tail(), *(file.read_text() for file in files if file.exists())])

    wait_for("the command ran", (directory / "ready").exists, 60, explain=explain)
    joining.mend()
    for task in tasks:
        found = cluster.wait_for_status(task["taskArn"], "RUNNING", 60)
        assert found["capacityProviderName"] == "blue"
        there = {each.pid for each in joining.own_processes()}
        assert container_pids(found) and set(container_pids(found)) <= there
    arn = cluster.ecs.describe_clusters(clusters=["growing"])["clusters"][0]["clusterArn"]
    assert json.loads((directory / "told-0.json").read_text()) == {"needs": [{
        "cluster": "growing", "clusterArn": arn, "capacityProvider": "blue", "launchType": "EC2", "tasks": 3, "cpu": 300,
        "memory": 192, "largestTask": {"cpu": 100, "memory": 64}, "instancesNeeded": 2, "instancesWanted": 2, "instancesRunning": 0,
        "CapacityProviderReservation": 200}]}
    # What is too large for the new host is asked for beside it.
    before = len(list(directory.glob("told-*")))
    run(cluster, 1, cpu=100_000)
    wait_for("it is asked for", lambda: len(list(directory.glob("told-*"))) > before, 40, explain=explain)
    need = json.loads((directory / f"told-{before}.json").read_text())["needs"][0]
    assert (need["tasks"], need["instancesNeeded"], need["instancesRunning"]) == (1, 3, 1)
    assert need["CapacityProviderReservation"] == 300
    # Where nothing runs any more, the host may go: that is told after fifteen periods, of which each is a second here.
    cluster.clear()

    def spare() -> dict[str, Any] | None:
        told = [json.loads(file.read_text())["needs"] for file in directory.glob("told-*")]
        found = [need for needs in told for need in needs if need["instancesWanted"] < need["instancesRunning"]]
        return found[0] if found else None

    need = wait_for("a host too many is told", spare, 60, explain=explain)
    there, = cluster.ecs.list_container_instances(cluster="growing")["containerInstanceArns"]
    assert need["idleInstances"] == [there] and need["tasks"] == 0
    assert (need["instancesWanted"], need["instancesRunning"], need["CapacityProviderReservation"]) == (0, 1, 0)
    take_down(joining, joining.directory / "agent")
    control_plane.down()


def test_the_command_never_runs_twice_at_once_and_is_killed_in_time(host: Host) -> None:
    log = host.directory / "runs"
    # Its own child shares its fate; what it leaves in a session of its own does not keep anybody waiting.
    command = f"echo begin $$ >> {log}; sleep 1000 & wait; echo end >> {log}"
    options = ("--on-capacity-needed", command, "--capacity-interval", "1s", "--capacity-timeout", "8s")
    control_plane = ControlPlane(host, *options, role="server").ready()
    cluster = Cluster(control_plane, "held")
    blue_provider(cluster, {})
    run(cluster, 1)

    def pids() -> list[int]:
        return [int(pid) for pid in re.findall(r"begin (\d+)", log.read_text())] if log.exists() else []

    def alive() -> list[int]:
        return [pid for pid in pids() if is_alive(pid)]

    wait_for("it runs", pids, 40, explain=control_plane.program.tail)
    # It outlives the control plane, and the next one does not start another one beside it.
    control_plane.program.kill9()
    control_plane.restart()
    first_pid = pids()[0]
    seen: set[int] = set()

    def second() -> bool:
        now = alive()
        assert len(now) <= 1, f"two at once: {now}"
        seen.update(now)
        return len(pids()) > 1

    wait_for("it runs again", second, 60, every=0.05, explain=control_plane.program.tail)
    assert not is_alive(first_pid) and "end" not in log.read_text()
    wait_for("its timeout is told", lambda: "was killed" in control_plane.program.stderr, 30)
    cluster.clear()
    control_plane.program.interrupt()
    for pid in alive():
        os.killpg(pid, signal.SIGKILL)
    control_plane.down()


@pytest.mark.parametrize("options", [
    ("--on-capacity-needed", ""), ("--capacity-interval", "0s"), ("--capacity-timeout", "2d"),
])
def test_what_makes_no_sense_is_refused(host: Host, options: tuple[str, str]) -> None:
    done = host.run(binary(), "server", "--data-dir", str(host.data), *options)
    assert done.returncode != 0 and options[0] in done.stderr
