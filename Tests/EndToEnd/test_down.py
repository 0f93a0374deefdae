"""`berth down` leaves the machine as it was, whatever was there before."""

from pathlib import Path

import pytest

from harness.berth import ControlPlane
from harness.cluster import NETWORK, Cluster, container
from harness.host import Host
from harness.machine_state import MachineState, machine_state
from harness.processes import kill9
from harness.waiting import wait_for

STRANGERS = """
ip link add br-mine type bridge
ip link set br-mine up
ip address add 10.201.0.1/24 dev br-mine
iptables -t nat -A POSTROUTING -s 10.201.0.0/24 -j MASQUERADE
iptables -N MINE
iptables -A FORWARD -i br-mine -j MINE
sysctl -qw net.ipv4.conf.br-mine.rp_filter=2
"""


def use(control_plane: ControlPlane, archive: Path) -> Cluster:
    """Runs some of everything: awsvpc with a service, bridge with ports, host."""
    control_plane.must("image", "import", str(archive))
    cluster = Cluster(control_plane, "default")
    service = cluster.serve(cluster.register(container()), 2)
    sized = {"requiresCompatibilities": ["EC2"], "cpu": None, "memory": None}
    ports = [{"containerPort": 80}, {"containerPort": 81, "hostPort": 8090}]
    for mode, mappings in [("bridge", ports), ("host", [])]:
        definition = cluster.register(
            container(memory=64, portMappings=mappings, environment=[{"name": "PORT", "value": "8091"}]),
            networkMode=mode, **sized)
        task = cluster.run(definition, launchType="EC2", networkConfiguration=None)
        cluster.wait_for_status(task["taskArn"], "RUNNING")
    cluster.wait_for_running(service, 2)
    return cluster


def check_same(before: MachineState, host: Host) -> None:
    wait_for(
        "the machine is as it was", lambda: before.difference(machine_state(host)) == "", 10,
        explain=lambda: before.difference(machine_state(host)))


def test_down_leaves_the_machine_as_it_was(host: Host, archive: Path) -> None:
    before = machine_state(host)
    control_plane = ControlPlane(host, "--instance").ready()
    use(control_plane, archive)
    assert before.difference(machine_state(host))
    control_plane.down()
    check_same(before, host)


def test_down_removes_nothing_that_is_not_its_own(host: Host, archive: Path) -> None:
    assert host.shell(STRANGERS).returncode == 0
    before = machine_state(host)
    control_plane = ControlPlane(host, "--instance").ready()
    use(control_plane, archive)
    control_plane.down()
    check_same(before, host)


def test_forwarding_that_was_on_stays_on(host: Host, archive: Path) -> None:
    assert host.shell("sysctl -qw net.ipv4.ip_forward=1").returncode == 0
    before = machine_state(host)
    control_plane = ControlPlane(host).ready()
    control_plane.must("image", "import", str(archive))
    cluster = Cluster(control_plane, "default")
    task = cluster.run(cluster.register(container()), networkConfiguration=NETWORK)
    cluster.wait_for_status(task["taskArn"], "RUNNING")
    control_plane.down()
    check_same(before, host)


@pytest.mark.parametrize("killed", ["berth", "berth and containerd"])
def test_down_works_after_a_crash(host: Host, archive: Path, killed: str) -> None:
    before = machine_state(host)
    control_plane = ControlPlane(host, "--instance").ready()
    use(control_plane, archive)
    control_plane.program.kill9()
    if "containerd" in killed:
        for each in host.own_processes():
            if each.command.split(" ")[0].endswith("containerd"):
                kill9(each.pid)
    control_plane.down()
    check_same(before, host)


def test_down_twice_and_down_of_nothing_are_fine(host: Host, archive: Path) -> None:
    control_plane = ControlPlane(host).ready()
    control_plane.must("image", "import", str(archive))
    control_plane.down()
    assert control_plane.tool("down", timeout=60).returncode == 0


def test_two_installations_do_not_disturb_each_other(host: Host, make_host, archive: Path) -> None:
    other = make_host()
    first, second = ControlPlane(host).ready(), ControlPlane(other).ready()
    for control_plane in (first, second):
        control_plane.must("image", "import", str(archive))
    cluster = Cluster(second, "stays")
    task = cluster.run(cluster.register(container()))
    task = cluster.wait_for_status(task["taskArn"], "RUNNING")
    cluster.wait_for_page(task)
    first.down()
    assert cluster.fetch(task)
    again = cluster.run(cluster.register(container()))
    cluster.wait_for_status(again["taskArn"], "RUNNING")
    second.down()


def test_an_installation_comes_up_again_after_down(host: Host, archive: Path) -> None:
    control_plane = ControlPlane(host).ready()
    control_plane.down()
    control_plane = ControlPlane(host).ready()
    control_plane.must("image", "import", str(archive))
    cluster = Cluster(control_plane, "again")
    task = cluster.run(cluster.register(container()))
    cluster.wait_for_status(task["taskArn"], "RUNNING")
    control_plane.down()
