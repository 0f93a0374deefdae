"""Members of task definitions and of RunTask: each is changed, and something outside the API changes with it."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from harness.berth import ControlPlane
from harness.cluster import SLEEP, Cluster, container
from harness.containers import container_pids
from harness.insides import Insides
from harness.waiting import wait_for

TICKING = "date +%s >> /tmp/probes"


@pytest.fixture(scope="module")
def cluster(shared_instance: ControlPlane) -> Iterator[Cluster]:
    cluster = Cluster(shared_instance, "default")
    yield cluster
    cluster.clear()


def effect(*members: str) -> pytest.MarkDecorator:
    return pytest.mark.effect(*(f"RegisterTaskDefinition.{member}" for member in members))


def container_effect(*members: str) -> pytest.MarkDecorator:
    return effect(*(f"containerDefinitions[].{member}" for member in members))


def run_effect(*members: str) -> pytest.MarkDecorator:
    return pytest.mark.effect(*(f"RunTask.{member}" for member in members))


def start(cluster: Cluster, *containers: dict[str, Any], run: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Runs a task on the instance."""
    sized = [{"memory": 32, "stopTimeout": 1} | each for each in containers]
    settings = {"requiresCompatibilities": ["EC2"], "networkMode": "bridge", "cpu": None, "memory": None} | more
    definition = cluster.register(*sized, **settings)
    network = {"networkConfiguration": None} if settings["networkMode"] != "awsvpc" else {}
    return cluster.run(definition, launchType="EC2", **network, **(run or {}))


def running(cluster: Cluster, *containers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return cluster.wait_for_status(start(cluster, *containers, **more)["taskArn"], "RUNNING")


def namespaces(task: dict[str, Any], kind: str) -> list[int | None]:
    return [Insides(task, each["name"]).namespace(kind) for each in task["containers"]]


PAIR = (container("one", SLEEP), container("two", SLEEP))


@effect("networkMode")
def test_the_network_mode_decides_whose_network_it_is(cluster: Cluster) -> None:
    modes = ["bridge", "host", "none", "awsvpc"]
    started = {mode: start(cluster, *PAIR, networkMode=mode) for mode in modes}
    found = {}
    for mode, task in started.items():
        task = cluster.wait_for_status(task["taskArn"], "RUNNING")
        found[mode] = namespaces(task, "net"), Insides(task, "one").interfaces
    host = cluster.control_plane.host.namespace.inode
    assert found["host"][0] == [host, host]
    assert len(set(found["bridge"][0])) == 2 and host not in found["bridge"][0]
    assert len(set(found["awsvpc"][0])) == 1 and host not in found["awsvpc"][0]
    assert found["none"][1] == {"lo"} and "eth0" in found["awsvpc"][1]


@effect("pidMode")
def test_the_pid_mode_decides_whose_processes_are_seen(cluster: Cluster) -> None:
    started = {mode: start(cluster, *PAIR, **({"pidMode": mode} if mode else {})) for mode in ("", "task", "host")}
    found = {}
    for mode, task in started.items():
        task = cluster.wait_for_status(task["taskArn"], "RUNNING")
        one = Insides(task, "one")
        found[mode] = namespaces(task, "pid"), one.run("mount", "pid", command=["/bin/busybox", "ps"])
    assert len(set(found[""][0])) == 2
    assert len(set(found["task"][0])) == 1 and found["task"][1].count("sleep 100000") == 2
    assert found["task"][0][0] != found["host"][0][0]
    assert len(set(found["host"][0])) == 1 and "containerd" in found["host"][1]


@effect("ipcMode")
def test_the_ipc_mode_decides_whose_memory_is_shared(cluster: Cluster) -> None:
    modes = ("", "task", "host", "none")
    started = {mode: start(cluster, *PAIR, **({"ipcMode": mode} if mode else {})) for mode in modes}
    tasks = {mode: cluster.wait_for_status(task["taskArn"], "RUNNING") for mode, task in started.items()}
    shared = {}
    for mode, task in tasks.items():
        one, two = Insides(task, "one"), Insides(task, "two")
        assert (one.mount("/dev/shm") is None) == (mode == "none")
        if mode == "none":
            continue
        note = one.path(f"/dev/shm/note-{mode}")
        note.write_text("here")
        shared[mode] = two.path(f"/dev/shm/note-{mode}").exists()
        note.unlink()
    assert shared == {"": False, "task": True, "host": True}
    assert [len(set(namespaces(tasks[mode], "ipc"))) for mode in modes] == [2, 1, 1, 2]
    assert namespaces(tasks["host"], "ipc")[0] not in namespaces(tasks["task"], "ipc")
    # What keeps a task's shared memory goes with it.
    task = tasks["task"]
    cluster.ecs.stop_task(cluster=cluster.name, task=task["taskArn"])
    cluster.wait_for_status(task["taskArn"], "STOPPED")
    wait_for("nothing of the task is left", lambda: not container_pids(task), 20, explain=cluster.explain)
    mounts = cluster.control_plane.host.mounts()
    wait_for("its shared memory is gone", lambda: not any(
        "/shm/" in point for point in cluster.control_plane.host.mounts()), 20, explain=lambda: "\n".join(mounts))


@effect("cpu", "memory")
@run_effect("overrides.cpu", "overrides.memory", "overrides.containerOverrides[].cpu",
            "overrides.containerOverrides[].memory", "overrides.containerOverrides[].memoryReservation",
            "overrides.containerOverrides[].name")
def test_sizes_are_limits_of_control_groups_and_may_be_overridden(cluster: Cluster) -> None:
    size = {"cpu": "256", "memory": "128"}
    plain = start(cluster, *PAIR, **size)
    changed = start(cluster, *PAIR, **size, run={"overrides": {
        "cpu": "512", "memory": "256",
        "containerOverrides": [{"name": "two", "cpu": 77, "memory": 48, "memoryReservation": 24}]}})

    def limits(task: dict[str, Any]) -> list[int]:
        task = cluster.wait_for_status(task["taskArn"], "RUNNING")
        two = Insides(task, "two")
        return [
            int(two.task_cgroup("cpu", "cpu.cfs_quota_us")),
            int(two.task_cgroup("memory", "memory.limit_in_bytes")) >> 20,
            int(two.cgroup("cpu", "cpu.shares")), int(two.cgroup("memory", "memory.limit_in_bytes")) >> 20,
            min(int(two.cgroup("memory", "memory.soft_limit_in_bytes")) >> 20, 9999),
        ]

    assert limits(plain) == [25_000, 128, 2, 32, 9999]
    assert limits(changed) == [50_000, 256, 77, 48, 24]


@run_effect("overrides.containerOverrides[].command", "overrides.containerOverrides[].environment[].name",
            "overrides.containerOverrides[].environment[].value", "taskDefinition", "cluster", "count", "launchType",
            "clientToken")
def test_run_task_starts_what_it_says_as_often_as_it_says(cluster: Cluster) -> None:
    definition = cluster.register(
        container("one", SLEEP, memory=16, stopTimeout=1, environment=[{"name": "A", "value": "old"}]),
        requiresCompatibilities=["EC2"], networkMode="bridge", cpu=None, memory=None)
    overrides = {"containerOverrides": [{
        "name": "one", "command": ["sleep", "777"],
        "environment": [{"name": "A", "value": "new"}, {"name": "B", "value": "more"}]}]}
    request = {
        "cluster": cluster.name, "taskDefinition": definition, "launchType": "EC2", "count": 2,
        "overrides": overrides, "clientToken": "effects-1"}
    first = cluster.ecs.run_task(**request)["tasks"]
    again = cluster.ecs.run_task(**request)["tasks"]
    assert {task["taskArn"] for task in first} == {task["taskArn"] for task in again} and len(first) == 2
    for task in first:
        it = Insides(cluster.wait_for_status(task["taskArn"], "RUNNING"), "one")
        assert it.words("cmdline") == ["sleep", "777"]
        assert it.environment["A"] == "new" and it.environment["B"] == "more"


@effect("placementConstraints[].type", "placementConstraints[].expression", "runtimePlatform.cpuArchitecture")
@run_effect("placementConstraints[].type", "placementConstraints[].expression", "placementStrategy[].type",
            "placementStrategy[].field")
@pytest.mark.parametrize("definition, run, is_placed", [
    ({}, {}, True),
    ({"placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.os-type == linux"}]}, {}, True),
    ({"placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.os-type == windows"}]}, {}, False),
    ({"runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}}, {}, False),
    ({}, {"placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.os-type == windows"}]}, False),
    ({}, {"placementConstraints": [{"type": "distinctInstance"}], "count": 2}, None),
    ({}, {"placementStrategy": [{"type": "binpack", "field": "memory"}]}, True),
], ids=["plain", "linux", "windows", "arm", "windows-at-run", "distinct", "binpack"])
def test_placement_follows_the_rules(
    cluster: Cluster, definition: dict[str, Any], run: dict[str, Any], is_placed: bool | None
) -> None:
    arn = cluster.register(
        container("one", SLEEP, memory=16, stopTimeout=1), requiresCompatibilities=["EC2"], networkMode="bridge",
        cpu=None, memory=None, **definition)
    answer = cluster.ecs.run_task(cluster=cluster.name, taskDefinition=arn, launchType="EC2", **run)
    # Two on distinct instances of one: one of them.
    assert len(answer["tasks"]) == (0 if is_placed is False else 1), answer["failures"]
    for task in answer["tasks"]:
        assert container_pids(cluster.wait_for_status(task["taskArn"], "RUNNING"))


@container_effect("portMappings[].containerPort", "portMappings[].hostPort", "portMappings[].protocol",
                  "portMappings[].containerPortRange")
def test_ports_lead_from_the_host_into_the_container(cluster: Cluster) -> None:
    script = (
        "mkdir -p /tmp/www; cd /tmp/www; echo page > index.html; httpd -p 8000; httpd -p 8001; httpd -p 8002;"
        " httpd -p 80; exec sleep 100000")
    task = running(cluster, container("web", script, portMappings=[
        {"containerPort": 80, "hostPort": 8090}, {"containerPort": 53, "protocol": "udp", "hostPort": 8091},
        {"containerPortRange": "8000-8002"}]))
    bindings = {each.get("containerPort") or each["containerPortRange"]: each for each in task["containers"][0]["networkBindings"]}
    host = cluster.control_plane.host
    first, last = (int(port) for port in bindings["8000-8002"]["hostPortRange"].split("-"))
    assert last - first == 2 and 32768 <= first <= 60999
    for port in (8090, first, first + 1, last):
        url = f"http://{host.address}:{port}/"
        assert wait_for(f"{url} answers", lambda: host.fetch(url), 15, explain=cluster.explain) == "page\n"
    assert bindings[80]["hostPort"] == 8090 and bindings[53]["protocol"] == "udp"
    rules = host.run("iptables-save", "-t", "nat").stdout
    assert re.search(r"-p udp .*--dport 8091 .*DNAT --to-destination [0-9.]+:53", rules), rules


@effect("volumes[].dockerVolumeConfiguration.scope", "volumes[].dockerVolumeConfiguration.autoprovision",
        "volumes[].dockerVolumeConfiguration.driver")
def test_a_shared_volume_outlives_its_task_and_one_of_the_task_does_not(cluster: Cluster) -> None:
    mounts = [{"sourceVolume": "all", "containerPath": "/all"}, {"sourceVolume": "mine", "containerPath": "/mine"}]

    def volumes(provision: bool, name: str = "all") -> list[dict[str, Any]]:
        return [
            {"name": name, "dockerVolumeConfiguration": {"scope": "shared", "autoprovision": provision, "driver": "local"}},
            {"name": "mine", "dockerVolumeConfiguration": {"scope": "task"}}]

    first = start(
        cluster, container("one", "echo x > /all/note; echo x > /mine/note", mountPoints=mounts), volumes=volumes(True))
    cluster.wait_for_status(first["taskArn"], "STOPPED")
    second = running(cluster, container("one", SLEEP, mountPoints=mounts), volumes=volumes(False))
    it = Insides(second, "one")
    assert it.path("/all/note").exists() and not it.path("/mine/note").exists()
    missing = [{"sourceVolume": "nowhere", "containerPath": "/all"}]
    third = start(cluster, container("one", SLEEP, mountPoints=missing), volumes=volumes(False, "nowhere"))
    stopped = cluster.wait_for_status(third["taskArn"], "STOPPED")
    assert "nowhere" in stopped["stoppedReason"]


@container_effect("essential")
def test_the_end_of_an_essential_container_ends_the_others(cluster: Cluster) -> None:
    script = "while [ ! -e /tmp/go ]; do sleep 0.1; done"
    task = running(cluster, container("main", SLEEP), container("extra", script, essential=False),
                   container("vital", script, essential=True))
    Insides(task, "extra").path("/tmp/go").touch()
    wait_for("the extra one ends", lambda: not container_pids(task, "extra"), 15)
    assert container_pids(task, "main")
    Insides(task, "vital").path("/tmp/go").touch()
    wait_for("all end", lambda: not container_pids(task), 20)


@container_effect("dependsOn[].containerName", "dependsOn[].condition", "startTimeout")
def test_a_dependency_that_is_not_met_in_time_ends_the_task(cluster: Cluster) -> None:
    check = {"command": ["CMD", "false"], "interval": 300}
    gate = container("gate", SLEEP, healthCheck=check, startTimeout=2)
    waiting = container("after", SLEEP, dependsOn=[{"containerName": "gate", "condition": "HEALTHY"}])
    task = start(cluster, gate, waiting)
    begun = time.monotonic()
    stopped = cluster.wait_for_status(task["taskArn"], "STOPPED")
    assert time.monotonic() - begun < 25
    found = {each["name"]: each for each in stopped["containers"]}
    assert "timed out" in stopped["stoppedReason"] and "exitCode" not in found["after"]


@container_effect("stopTimeout")
def test_the_stop_timeout_is_how_long_a_container_may_take(cluster: Cluster) -> None:
    script = "trap '' TERM; while :; do sleep 0.1; done"
    task = running(cluster, container("short", script, stopTimeout=1), container("long", script, stopTimeout=5))
    begun = time.monotonic()
    cluster.ecs.stop_task(cluster=cluster.name, task=task["taskArn"])
    wait_for("the short one is killed", lambda: not container_pids(task, "short"), 15, every=0.05)
    short = time.monotonic() - begun
    wait_for("the long one is killed", lambda: not container_pids(task, "long"), 15, every=0.05)
    assert 0.9 < short < 4 and time.monotonic() - begun > 4.9


class TestSlow:
    """What takes a minute or many probes: all of it runs at once."""

    @pytest.fixture(scope="class")
    def restarts(self, cluster: Cluster) -> dict[str, Any]:
        script = "echo x >> /all/$0; sleep 61; exit 3"

        def one(name: str, **policy: Any) -> dict[str, Any]:
            return container(
                name, essential=False, restartPolicy=policy, mountPoints=[{"sourceVolume": "v", "containerPath": "/all"}]
            ) | {"command": ["sh", "-c", script, name]}

        return running(
            cluster, container("main", SLEEP, mountPoints=[{"sourceVolume": "v", "containerPath": "/all"}]),
            one("again", enabled=True, restartAttemptPeriod=60), one("never", enabled=False, restartAttemptPeriod=60),
            one("ignored", enabled=True, restartAttemptPeriod=60, ignoredExitCodes=[3]),
            one("later", enabled=True, restartAttemptPeriod=1800), volumes=[{"name": "v"}])

    @pytest.fixture(scope="class")
    def probed(self, cluster: Cluster) -> dict[str, Any]:
        def one(name: str, command: str = TICKING, **check: Any) -> dict[str, Any]:
            check = {"interval": 5, "timeout": 5, "retries": 2} | check
            return container(name, SLEEP, healthCheck={"command": ["CMD-SHELL", command]} | check)

        return start(
            cluster, one("often"), one("seldom", interval=9), one("failing", TICKING + "; false"),
            one("patient", TICKING + "; false", retries=4), one("spared", TICKING + "; false", startPeriod=120),
            one("slow", TICKING + "; sleep 4", timeout=2), one("unhurried", TICKING + "; sleep 4"),
            container("unchecked", SLEEP))

    @container_effect("healthCheck.command", "healthCheck.interval", "healthCheck.timeout", "healthCheck.retries",
                      "healthCheck.startPeriod")
    def test_health_is_probed_as_often_and_judged_as_the_check_says(
        self, cluster: Cluster, restarts: dict[str, Any], probed: dict[str, Any]
    ) -> None:
        task = cluster.wait_for_status(probed["taskArn"], "RUNNING")

        def probes(name: str) -> list[int]:
            return [int(line) for line in Insides(task, name).text("/tmp/probes").split()]

        def health(name: str) -> str:
            found = cluster.task(task["taskArn"])["containers"]
            return next(each["healthStatus"] for each in found if each["name"] == name)

        wait_for("failing is unhealthy", lambda: health("failing") == "UNHEALTHY", 30)
        assert len(probes("failing")) in (2, 3) and health("patient") != "UNHEALTHY"
        wait_for("patient is unhealthy", lambda: health("patient") == "UNHEALTHY", 30)
        assert len(probes("patient")) in (4, 5)
        wait_for("slow is unhealthy", lambda: health("slow") == "UNHEALTHY", 30)
        assert health("unhurried") == "HEALTHY" and health("spared") == "UNKNOWN" and health("often") == "HEALTHY"
        wait_for("three probes", lambda: len(probes("seldom")) >= 3 and len(probes("often")) >= 3, 40)
        gaps = {name: [b - a for a, b in zip(probes(name), probes(name)[1:])] for name in ("often", "seldom")}
        assert min(gaps["often"]) >= 4 and min(gaps["seldom"]) >= 8, gaps
        assert len(gaps["often"]) > len(gaps["seldom"]), gaps
        assert not Insides(task, "unchecked").path("/tmp/probes").exists()

    @container_effect("restartPolicy.enabled", "restartPolicy.ignoredExitCodes", "restartPolicy.restartAttemptPeriod")
    def test_a_container_is_restarted_as_its_policy_says(self, cluster: Cluster, restarts: dict[str, Any]) -> None:
        main = Insides(restarts, "main")

        def starts() -> dict[str, int]:
            names = ("again", "never", "ignored", "later")
            return {name: len(main.text(f"/all/{name}").split()) for name in names}

        wait_for("one is started again", lambda: starts()["again"] == 2, 90, explain=cluster.explain)
        wait_for("the others have ended", lambda: not any(
            container_pids(restarts, name) for name in ("never", "ignored", "later")), 15)
        assert starts() == {"again": 2, "never": 1, "ignored": 1, "later": 1}
