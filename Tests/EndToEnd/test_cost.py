"""Usage is counted exactly whatever is killed, and `berth cost` puts prices on it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.berth import Agent, ControlPlane
from harness.cluster import QUICK, Cluster, container, short
from harness.fleet import Fleet
from harness.host import Host, clean_hosts
from harness.namespaces import Switch
from harness.waiting import wait_for

FARGATE = {"X86_64": (0.04048, 0.004445), "ARM64": (0.03238, 0.00356)}


def cost(control_plane: ControlPlane, *options: str) -> dict[str, Any]:
    return json.loads(control_plane.must("cost", "--json", *options))


def seconds(task: dict[str, Any]) -> float:
    """How long a described task is counted: from the start of its pull to its stop, a minute at least."""
    return max(60.0, (task["stoppedAt"] - task["pullStartedAt"]).total_seconds())


def work(answer: dict[str, Any], name: str) -> dict[str, Any]:
    found = [row for row in answer["work"] if row["name"] == name]
    assert len(found) == 1, answer["work"]
    return found[0]


def test_usage_is_what_the_tasks_timestamps_say_whatever_is_killed(host: Host, archive: Path) -> None:
    """Times are compared to the millisecond: DescribeTasks shows no finer ones."""
    control_plane = ControlPlane(host, role="server").ready()
    agent = Agent(host, control_plane, "--managed")
    agent.import_image(archive)
    cluster = Cluster(control_plane, "counted")
    short_lived = cluster.register(container(script="exit 0"), family="short")
    job = cluster.register(container(script=QUICK), family="job", cpu="512", memory="2048")
    # One ends at once, and costs a minute.
    done = [cluster.wait_for_status(cluster.run(short_lived)["taskArn"], "STOPPED")]
    # The others run for longer than that, on and on while everything around them is killed.
    jobs = [cluster.wait_for_status(cluster.run(job)["taskArn"], "RUNNING") for _ in range(2)]
    service = cluster.serve(cluster.register(container(script=QUICK)), 1)
    served = cluster.wait_for_running(service, 1)[0]
    control_plane.program.kill9()
    control_plane.restart()
    assert len(cost(control_plane, "--tasks")["tasks"]) == 4

    def over_a_minute() -> bool:
        rows = {row["task"]: row for row in cost(control_plane, "--tasks")["tasks"]}
        return all(rows[short(task["taskArn"])]["vcpuSeconds"] > 0.5 * 61 for task in jobs)

    wait_for("the jobs are older than a minute", over_a_minute, 90, every=1, explain=cluster.explain)
    # One stops while the control plane is dead, the other right before it dies.
    for each in jobs:
        cluster.ecs.stop_task(cluster=cluster.name, task=each["taskArn"])
    cluster.ecs.update_service(cluster=cluster.name, service=service, desiredCount=0)
    control_plane.program.kill9()
    agent.program.kill9()
    agent.restart()
    control_plane.restart()
    done += [cluster.wait_for_status(each["taskArn"], "STOPPED", 90) for each in [*jobs, served]]
    before = cost(control_plane, "--tasks")
    control_plane.program.kill9()
    control_plane.restart()
    after = cost(control_plane, "--tasks")
    assert after["work"] == before["work"], "what has stopped is counted once and for all"

    families = {"short": (done[:1], 256, 512), "job": (done[1:3], 512, 2048), service: (done[3:], 256, 512)}
    for name, (tasks, cpu, memory) in families.items():
        row = work(after, name)
        milliseconds = round(sum(seconds(task) for task in tasks) * 1000)
        assert row["begun"] == len(tasks)
        assert row["cpuUnitMilliseconds"] == cpu * milliseconds
        assert row["mebibyteMilliseconds"] == memory * milliseconds
        assert row["vcpuSeconds"] == pytest.approx(cpu / 1024 * milliseconds / 1000, rel=1e-12)
        assert row["gbSeconds"] == pytest.approx(memory / 1024 * milliseconds / 1000, rel=1e-12)
        vcpu, gigabyte = FARGATE[row["architecture"]]
        expected = (row["vcpuSeconds"] * vcpu + row["gbSeconds"] * gigabyte) / 3600
        assert row["fargateCost"] == pytest.approx(expected, rel=1e-9)
        assert row["ec2Cost"] > 0 and row["hereCost"] == 0
    assert {row["task"]: row["vcpuSeconds"] for row in after["tasks"]} == {
        short(task["taskArn"]): pytest.approx(int(task["cpu"]) / 1024 * seconds(task), rel=1e-9) for task in done}
    assert done[0]["taskArn"].endswith(after["tasks"][0]["task"]) or len(after["tasks"]) == 4
    assert seconds(done[0]) == 60.0 and all(seconds(task) > 61 for task in done[1:3])

    shown_to_people(control_plane, service)
    prices_of_a_file(control_plane, host, after)
    cluster.clear()
    agent.down()
    control_plane.down()


def shown_to_people(control_plane: ControlPlane, service: str) -> None:
    text = control_plane.must("cost")
    assert re.search(rf"counted/service:{service} +FARGATE ", text) and "counted/family:job" in text
    assert "Own hosts cost nothing here" in text
    # Nothing was done then.
    assert "Work: none" in control_plane.must("cost", "--since", "2026-01-01", "--until", "2026-01-02T00:00Z")
    for wrong in (["--since", "yesterday"], ["--since", "1h", "--until", "3h"], ["--prices", "/nowhere"]):
        assert control_plane.tool("cost", *wrong).returncode != 0, wrong


def prices_of_a_file(control_plane: ControlPlane, host: Host, standard: dict[str, Any]) -> None:
    file = host.directory / "prices.json"
    file.write_text(control_plane.host.run(*default_prices(control_plane)).stdout)
    assert cost(control_plane, "--prices", str(file))["work"] == standard["work"]
    arm = {"type": "a.large", "processor": "arm", "vcpus": 1, "memoryGiB": 1, "hour": 3600}
    file.write_text(json.dumps({
        "currency": "EUR", "ownHostHour": 3600, "ec2": [arm, arm | {"processor": "x86"}],
        "fargate": {name: {"vcpuHour": 3600, "gbHour": 0} for name in ("x86", "arm")}}))
    answer = cost(control_plane, "--prices", str(file))
    assert answer["currency"] == "EUR"
    row = work(answer, "job")
    assert row["fargateCost"] == pytest.approx(row["vcpuSeconds"])
    assert row["ec2Cost"] == pytest.approx(row["gbSeconds"]), "its memory is the larger share"
    assert row["hereCost"] == pytest.approx(row["hostHours"] * 3600) and row["hereCost"] > 0
    hosts = answer["hosts"]
    assert len(hosts) == 1 and hosts[0]["hereCost"] > row["hereCost"]
    for wrong in ('{"fargat": {}}', '{"ownHostHour": -1}', "[]", '{"ec2": [{"type": "a"}]}', "{"):
        file.write_text(wrong)
        failed = control_plane.tool("cost", "--prices", str(file))
        assert failed.returncode != 0 and str(file) in failed.stderr, failed


def default_prices(control_plane: ControlPlane) -> tuple[str, ...]:
    from harness.berth import binary

    return binary(), "cost", "--default-prices", "--data-dir", str(control_plane.data)


@pytest.fixture
def hosts(switch: Switch) -> Iterator[list[Host]]:
    with clean_hosts(switch, 2) as hosts:
        yield hosts


def test_own_hosts_are_counted_from_registration_to_deregistration(hosts: list[Host], archive: Path) -> None:
    fleet = Fleet(hosts, archive, "own")
    cluster, control_plane = fleet.cluster, fleet.control_plane
    fleet.join(hosts[1], "--cluster", "own")
    fleet.wait_for_instances(1)
    definition = cluster.register(
        container(script=QUICK, cpu=100, memory=64), requiresCompatibilities=["EC2"], networkMode="host", cpu=None,
        memory=None, family="odd")
    task = cluster.run(definition, launchType="EC2", networkConfiguration=None)
    cluster.wait_for_status(task["taskArn"], "RUNNING")
    arn = task["containerInstanceArn"]
    registered = cluster.ecs.describe_container_instances(
        cluster="own", containerInstances=[arn])["containerInstances"][0]["registeredAt"]
    cluster.ecs.deregister_container_instance(cluster="own", containerInstance=arn, force=True)
    control_plane.program.kill9()
    control_plane.restart()
    stopped = cluster.wait_for_status(task["taskArn"], "STOPPED")
    answer = cost(control_plane)
    counted = answer["hosts"]
    assert [(row["name"], row["cluster"], row["begun"]) for row in counted] == [("EC2", "own", 1)]
    assert counted == cost(control_plane)["hosts"], "its time is over"
    assert counted[0]["hostHours"] * 3600 >= max(60, (stopped["stoppedAt"] - registered).total_seconds() - 0.001)
    row = work(answer, "odd")
    assert row["capacity"] == "EC2" and row["cpuUnitMilliseconds"] == 100 * round(seconds(stopped) * 1000)
    # On Fargate it would be a task of the smallest size.
    assert row["fargateCPUUnitMilliseconds"] == 256 * round(seconds(stopped) * 1000)
    assert 0 < row["hostHours"] < counted[0]["hostHours"]
    fleet.down()
