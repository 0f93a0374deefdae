"""Several hosts: tasks that reach each other, a host that is lost and returns."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.berth import Agent, ControlPlane
from harness.cluster import Cluster, address, container, short
from harness.containers import container_pids
from harness.fleet import Fleet
from harness.host import Host
from harness.namespaces import Switch
from harness.waiting import wait_for

LOST_AFTER = 4
# A service's name and its tasks.
Spread = tuple[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def fleet(switch: Switch, archive: Path) -> Iterator[Fleet]:
    hosts = [Host(switch) for _ in range(3)]
    try:
        fleet = Fleet(hosts, archive, "wide", "--lost-after", str(LOST_AFTER))
        for host in hosts[1:]:
            fleet.join(host, "--managed")
        yield fleet
    finally:
        for host in reversed(hosts):
            host.close()


@pytest.fixture
def spread(fleet: Fleet) -> Iterator[Spread]:
    """A service with at least one task on each host."""
    cluster = fleet.cluster
    for agent in fleet.agents:
        wait_for(
            "the hosts know the way to each other",
            lambda: " via " in agent.host.run("ip", "route").stdout, 40, explain=fleet.explain)
    service = cluster.serve(cluster.register(container()), 2)

    def on_both() -> list[dict[str, Any]] | None:
        tasks = cluster.running(service)
        if len(tasks) < cluster.service(service)["desiredCount"]:
            return None
        if len({fleet.host_of(task).number for task in tasks}) == 2:
            return tasks
        cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=len(tasks) + 1)
        return None

    yield service, wait_for("tasks run on both hosts", on_both, 60, explain=fleet.explain)
    cluster.clear()


def test_hosts_get_disjoint_blocks_and_an_unreachable_rest(fleet: Fleet, spread: Spread) -> None:
    blocks = []
    for agent in fleet.agents:
        routes = agent.host.run("ip", "route").stdout
        assert re.search(r"^unreachable 10\.\d+\.0\.0/16", routes, re.M), routes
        blocks += re.findall(r"^(10\.\d+\.\d+\.0/24) dev berth0", routes, re.M)
    assert len(set(blocks)) == 2, blocks


def test_a_task_fetches_a_page_from_a_task_on_the_other_host(fleet: Fleet, spread: Spread) -> None:
    cluster, tasks = fleet.cluster, spread[1]
    pages = {
        address(task): wait_for("the page comes", lambda: fleet.host_of(task).fetch(f"http://{address(task)}/"), 15)
        for task in tasks}
    checks = [f"wget -q -O - http://{where}/ | grep -q {page.split()[0]} || exit 1" for where, page in pages.items()]
    # Each needs half a host, so that they do not all fit on one.
    definition = cluster.register(
        container("reader", f"sleep 3; {'; '.join(checks)}; exit 42"), cpu="1024", memory="2048")
    readers = [cluster.run(definition) for _ in range(2)]
    readers = [cluster.wait_for_status(reader["taskArn"], "RUNNING") for reader in readers]
    assert {fleet.host_of(reader).number for reader in readers} == {agent.host.number for agent in fleet.agents}
    for reader in readers:
        stopped = cluster.wait_for_status(reader["taskArn"], "STOPPED")
        assert stopped["containers"][0].get("exitCode") == 42, fleet.explain()


def test_a_lost_hosts_tasks_are_replaced_and_end_when_it_returns(fleet: Fleet, spread: Spread) -> None:
    cluster, (service, tasks) = fleet.cluster, spread
    lost = fleet.host_of(tasks[0])
    left = fleet.other(lost)
    gone = [task for task in tasks if fleet.host_of(task) is lost]
    kept = [task for task in tasks if fleet.host_of(task) is left]
    count = cluster.service(service)["desiredCount"]
    probe = default_route_probe(left)

    lost.cut()
    try:
        for task in gone:
            stopped = cluster.wait_for_status(task["taskArn"], "STOPPED", LOST_AFTER + 15)
            assert stopped.get("stoppedReason"), stopped
            # Cut off, it keeps its tasks.
            assert container_pids(task)
        now = wait_for(
            "all run on the host that is left",
            lambda: len(found := cluster.running(service)) == count and found, 60, explain=fleet.explain)
        assert {task["taskArn"] for task in kept} <= {task["taskArn"] for task in now}
        assert not {task["taskArn"] for task in gone} & {task["taskArn"] for task in now}
        for task in now:
            assert wait_for("it answers", lambda: left.fetch(f"http://{address(task)}/"), 15, explain=fleet.explain)

        # A packet for a task that is gone never leaves by the default route, wherever in the range it was.
        before = sent(left, probe)
        nobodys = [address(gone[0]), address(kept[0]).rpartition(".")[0] + ".250", "10.99.250.9"]
        for destination in nobodys:
            assert probe not in fleet.route(left, destination)
            left.run("busybox", "ping", "-c1", "-W1", destination)
        script = "; ".join(f"ping -c1 -W1 {destination}" for destination in nobodys)
        asker = cluster.run(cluster.register(container("asker", f"{script}; exit 43")))
        assert cluster.wait_for_status(asker["taskArn"], "STOPPED")["containers"][0].get("exitCode") == 43
        assert sent(left, probe) == before
    finally:
        lost.mend()

    for task in gone:
        wait_for(
            f"{short(task['taskArn'])} ends on the host that returned", lambda: not container_pids(task), 60,
            explain=fleet.explain)
        assert cluster.task(task["taskArn"])["lastStatus"] == "STOPPED"
    assert {task["taskArn"] for task in cluster.wait_for_running(service, count)} == {task["taskArn"] for task in now}
    wait_for(
        "the returned host takes tasks again",
        lambda: lost in [fleet.host_of(found) for found in scaled_up(cluster, service)], 60, explain=fleet.explain)


def scaled_up(cluster: Cluster, service: str) -> list[dict[str, Any]]:
    """The running tasks, after wanting one more if all that are wanted run (at most 8)."""
    running, wanted = cluster.running(service), cluster.service(service)["desiredCount"]
    if len(running) == wanted < 8:
        cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=wanted + 1)
    return running


def default_route_probe(host: Host) -> str:
    """Gives the host a default route into a dead end, and returns the interface to watch."""
    host.namespace.ip("link", "add", "probe0", "type", "veth", "peer", "name", "probe1")
    for name in ("probe0", "probe1"):
        host.run("sysctl", "-qw", f"net.ipv6.conf.{name}.disable_ipv6=1")
        host.namespace.ip("link", "set", name, "up")
    host.namespace.ip("route", "add", "default", "dev", "probe0")
    host.run("busybox", "ping", "-c1", "-W1", "192.0.2.200")
    assert sent(host, "probe0") > 0, "the probe sees nothing"
    return "probe0"


def sent(host: Host, interface: str) -> int:
    """Packets that left by an interface."""
    found = re.search(r"TX:.*\n\s*\d+\s+(\d+)", host.run("ip", "-s", "link", "show", interface).stdout)
    assert found
    return int(found[1])


def test_each_host_leaves_nothing_behind(switch: Switch, archive: Path) -> None:
    host = Host(switch)
    try:
        control_plane = ControlPlane(host, role="server").ready()
        agent = Agent(host, control_plane, "--managed")
        agent.import_image(archive)
        cluster = Cluster(control_plane, "left")
        task = cluster.run(cluster.register(container()))
        cluster.wait_for_status(task["taskArn"], "RUNNING")
        agent.down()
        assert not container_pids(task)
        control_plane.down()
    finally:
        left = host.close()
    assert left == [], "\n".join(left)
