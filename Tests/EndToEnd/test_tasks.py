"""RunTask and StopTask: what runs is what the definition says, and how it ended is told in ECS's words."""

import re
import time
from typing import Any

import pytest

from harness.berth import ControlPlane, binary
from harness.cluster import SLEEP, Cluster, container, short
from harness.containers import container_pids, first_pid
from harness.processes import cgroup_directory, namespace_of
from harness.waiting import wait_for

IGNORES_TERM = "trap '' TERM; while :; do sleep 0.2; done"
LEAVES_ON_TERM = "trap 'exit 0' TERM; while :; do sleep 0.1; done"


def lines(cluster: Cluster, task: dict[str, Any], *options: str) -> list[str]:
    """What `berth logs` shows of a task."""
    return cluster.control_plane.must("logs", short(task["taskArn"]), *options).splitlines()


def test_a_task_goes_through_its_life_and_ends_with_its_code(cluster: Cluster) -> None:
    task = cluster.run(cluster.register(container(script="exit 3"), family="short"))
    assert task["lastStatus"] in ("PROVISIONING", "PENDING") and task["desiredStatus"] == "RUNNING"
    assert task["group"] == "family:short"
    stopped = cluster.wait_for_status(task["taskArn"], "STOPPED")
    assert stopped["stopCode"] == "EssentialContainerExited"
    assert stopped["stoppedReason"] == "Essential container in task exited"
    assert stopped["containers"][0]["exitCode"] == 3
    assert stopped["containers"][0]["lastStatus"] == "STOPPED"
    times = [stopped[name] for name in ("createdAt", "startedAt", "stoppingAt", "stoppedAt")]
    assert times == sorted(times)
    assert stopped["version"] > task["version"]


def test_the_waiters_of_boto3_are_satisfied(cluster: Cluster) -> None:
    task = cluster.run(cluster.register(container(script=LEAVES_ON_TERM)))
    cluster.ecs.wait_until("tasks_running", 40, cluster=cluster.name, tasks=[task["taskArn"]])
    cluster.ecs.stop_task(cluster=cluster.name, task=task["taskArn"])
    cluster.ecs.wait_until("tasks_stopped", 40, cluster=cluster.name, tasks=[task["taskArn"]])


def test_a_container_runs_as_its_definition_says(cluster: Cluster) -> None:
    script = "id; pwd; echo $GREETING; echo arguments $0 $1; exit 0"
    definition = cluster.register(container(
        entryPoint=["sh", "-c", script], command=["zero", "one"], user="app", workingDirectory="/work",
        environment=[{"name": "GREETING", "value": "good day"}]))
    task = cluster.run(definition)
    cluster.wait_for_status(task["taskArn"], "STOPPED")
    text = "\n".join(lines(cluster, task))
    assert "uid=1000(app) gid=1001(app)" in text and "1002(extra)" in text
    assert re.search(r"^(.* )?/work$", text, re.M)
    assert "good day" in text and "arguments zero one" in text


def test_overrides_change_command_and_environment(cluster: Cluster) -> None:
    definition = cluster.register(container(
        environment=[{"name": "KEPT", "value": "kept"}, {"name": "CHANGED", "value": "old"}]))
    overrides = {"containerOverrides": [{
        "name": "web", "command": ["sh", "-c", "echo $KEPT $CHANGED; exit 5"],
        "environment": [{"name": "CHANGED", "value": "new"}],
    }]}
    task = cluster.run(definition, overrides=overrides)
    stopped = cluster.wait_for_status(task["taskArn"], "STOPPED")
    assert stopped["containers"][0]["exitCode"] == 5
    assert stopped["overrides"]["containerOverrides"][0]["command"][2].startswith("echo")
    assert any("kept new" in line for line in lines(cluster, task))


def test_a_command_that_is_not_there_cannot_start(cluster: Cluster) -> None:
    task = cluster.run(cluster.register(container() | {"command": ["/no/such/program"]}))
    stopped = cluster.wait_for_status(task["taskArn"], "STOPPED")
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert re.match(r"Cannot(Start|Create)ContainerError: ", stopped["containers"][0]["reason"])


@pytest.mark.effect("RunTask.capacityProviderStrategy[].capacityProvider")
def test_a_capacity_provider_says_where_a_task_runs(shared: ControlPlane) -> None:
    cluster = Cluster(shared, "provided", capacityProviders=["FARGATE"])
    definition = cluster.register(container(script=SLEEP, stopTimeout=2))
    # Without one it would be EC2, and the cluster has no instances.
    with pytest.raises(cluster.ecs.exceptions.InvalidParameterException, match="No Container Instances"):
        cluster.run(definition, launchType=None)
    task = cluster.run(definition, launchType=None, capacityProviderStrategy=[
        {"capacityProvider": "FARGATE", "weight": 1}])
    assert container_pids(cluster.wait_for_status(task["taskArn"], "RUNNING"))
    cluster.clear()


@pytest.mark.effect("RegisterTaskDefinition.pidMode")
def test_a_managed_task_may_share_its_processes(cluster: Cluster) -> None:
    pair = container("one", SLEEP, stopTimeout=2), container("two", SLEEP, stopTimeout=2)
    started = {mode: cluster.run(cluster.register(*pair, pidMode=mode)) for mode in (None, "task")}
    seen = {}
    for mode, task in started.items():
        task = cluster.wait_for_status(task["taskArn"], "RUNNING")
        seen[mode] = {namespace_of(first_pid(task, name), "pid") for name in ("one", "two")}
    assert len(seen[None]) == 2 and len(seen["task"]) == 1


def test_each_task_has_a_namespace_and_an_address_of_its_own(cluster: Cluster) -> None:
    definition = cluster.register(container())
    tasks = [cluster.run(definition) for _ in range(2)]
    tasks = [cluster.wait_for_status(task["taskArn"], "RUNNING") for task in tasks]
    pages = [cluster.wait_for_page(task) for task in tasks]
    assert len(set(pages)) == 2
    for task, page in zip(tasks, pages):
        attachment = task["attachments"][0]
        details = {detail["name"]: detail["value"] for detail in attachment["details"]}
        assert attachment["type"] == "ElasticNetworkInterface" and attachment["status"] == "ATTACHED"
        assert details["privateIPv4Address"] in page
        assert re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", details["macAddress"])
        interface = task["containers"][0]["networkInterfaces"][0]
        assert interface["privateIpv4Address"] == details["privateIPv4Address"]
        assert interface["attachmentId"] == attachment["id"]


def test_a_tasks_resolver_is_never_a_loopback_address(cluster: Cluster) -> None:
    task = cluster.run(cluster.register(container(script="cat /etc/resolv.conf; cat /etc/hosts")))
    cluster.wait_for_status(task["taskArn"], "STOPPED")
    text = "\n".join(lines(cluster, task))
    assert not re.search(r"nameserver\s+127\.", text)
    assert "localhost" in text


def test_containers_of_an_awsvpc_task_share_their_network(cluster: Cluster) -> None:
    task = cluster.run(cluster.register(
        container(), container("reader", "sleep 1; wget -q -O - http://127.0.0.1/ && exec sleep 1000", essential=True),
    ))
    task = cluster.wait_for_status(task["taskArn"], "RUNNING")
    page = cluster.wait_for_page(task).splitlines()[0]
    wait_for(
        "the neighbour's page",
        lambda: any(page in line for line in lines(cluster, task, "--container", "reader")), 10)


class TestSeveralContainers:
    def test_a_nonessential_container_may_end(self, cluster: Cluster) -> None:
        task = cluster.run(cluster.register(
            container("main", LEAVES_ON_TERM), container("side", "exit 4", essential=False)))
        cluster.wait_for_status(task["taskArn"], "RUNNING")

        def side_ended() -> dict[str, Any] | None:
            side = next(each for each in cluster.task(task["taskArn"])["containers"] if each["name"] == "side")
            return side if side["lastStatus"] == "STOPPED" else None

        assert wait_for("the side container ends", side_ended, 15, explain=cluster.explain)["exitCode"] == 4
        assert cluster.task(task["taskArn"])["lastStatus"] == "RUNNING"

    def test_an_essential_one_ends_the_others(self, cluster: Cluster) -> None:
        task = cluster.run(cluster.register(
            container("main", "sleep 1; exit 6"), container("other", LEAVES_ON_TERM, essential=False)))
        stopped = cluster.wait_for_status(task["taskArn"], "STOPPED")
        assert stopped["stopCode"] == "EssentialContainerExited"
        assert {each["name"]: each["exitCode"] for each in stopped["containers"]} == {"main": 6, "other": 0}

    @pytest.mark.parametrize("condition, script", [
        ("START", SLEEP), ("COMPLETE", "sleep 2; exit 9"), ("SUCCESS", "sleep 2; exit 0"), ("HEALTHY", SLEEP),
    ])
    def test_a_container_waits_for_the_one_it_depends_on(self, cluster: Cluster, condition: str, script: str) -> None:
        first = container("first", f"date +%s.%N; {script}", essential=False)
        if condition == "HEALTHY":
            first["healthCheck"] = {"command": ["CMD-SHELL", "true"], "interval": 5}
            first["essential"] = True
        second = container("second", SLEEP, dependsOn=[{"containerName": "first", "condition": condition}])
        task = cluster.run(cluster.register(first, second))
        early = []

        def second_runs() -> bool:
            found = {each["name"]: each for each in cluster.task(task["taskArn"])["containers"]}
            met = {
                "START": found["first"]["lastStatus"] != "PENDING",
                "COMPLETE": found["first"].get("exitCode") == 9,
                "SUCCESS": found["first"].get("exitCode") == 0,
                "HEALTHY": found["first"].get("healthStatus") == "HEALTHY",
            }[condition]
            runs = found["second"]["lastStatus"] == "RUNNING"
            if runs and not met:
                early.append(found)
            return runs

        wait_for("the second container runs", second_runs, 40, explain=cluster.explain)
        assert not early, early

    def test_a_failed_dependency_fails_the_task(self, cluster: Cluster) -> None:
        first = container("first", "exit 1", essential=False)
        second = container("second", SLEEP, dependsOn=[{"containerName": "first", "condition": "SUCCESS"}])
        task = cluster.run(cluster.register(first, second))
        stopped = cluster.wait_for_status(task["taskArn"], "STOPPED")
        found = {each["name"]: each for each in stopped["containers"]}
        assert found["first"]["exitCode"] == 1 and "exitCode" not in found["second"]


class TestHealth:
    def test_container_and_task_tell_their_health(self, cluster: Cluster) -> None:
        check = {"command": ["CMD-SHELL", "test ! -f /tmp/ill"], "interval": 5, "timeout": 2, "retries": 1}
        task = cluster.run(cluster.register(container("app", SLEEP, healthCheck=check)))
        task = cluster.wait_for_status(task["taskArn"], "RUNNING")

        def health() -> tuple[str, str]:
            now = cluster.task(task["taskArn"])
            return now["healthStatus"], now["containers"][0]["healthStatus"]

        wait_for("healthy", lambda: health() == ("HEALTHY", "HEALTHY"), 30, explain=cluster.explain)
        ill = f"/proc/{first_pid(task)}/root/tmp/ill"
        assert cluster.control_plane.host.run("touch", ill).returncode == 0
        wait_for("unhealthy", lambda: health() == ("UNHEALTHY", "UNHEALTHY"), 30, explain=cluster.explain)
        # Standalone: nobody stops it.
        assert cluster.task(task["taskArn"])["lastStatus"] == "RUNNING"
        assert cluster.control_plane.host.run("rm", ill).returncode == 0
        wait_for("healthy again", lambda: health() == ("HEALTHY", "HEALTHY"), 30, explain=cluster.explain)

    def test_without_a_check_health_is_unknown(self, cluster: Cluster) -> None:
        task = cluster.run(cluster.register(container(script=SLEEP)))
        assert cluster.wait_for_status(task["taskArn"], "RUNNING")["healthStatus"] == "UNKNOWN"


class TestStopping:
    def test_sigterm_comes_first(self, cluster: Cluster) -> None:
        script = "trap 'echo bye; exit 0' TERM; while :; do sleep 0.1; done"
        task = cluster.run(cluster.register(container(script=script)))
        cluster.wait_for_status(task["taskArn"], "RUNNING")
        answer = cluster.ecs.stop_task(cluster=cluster.name, task=task["taskArn"], reason="enough of it")["task"]
        assert answer["desiredStatus"] == "STOPPED"
        stopped = cluster.wait_for_status(task["taskArn"], "STOPPED")
        assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "enough of it")
        assert stopped["containers"][0]["exitCode"] == 0
        assert any("bye" in line for line in lines(cluster, task))

    def test_sigkill_follows_after_stop_timeout(self, cluster: Cluster) -> None:
        task = cluster.run(cluster.register(container(script=IGNORES_TERM, stopTimeout=4)))
        cluster.wait_for_status(task["taskArn"], "RUNNING")
        begun = time.monotonic()
        cluster.ecs.stop_task(cluster=cluster.name, task=task["taskArn"])
        stopped = cluster.wait_for_status(task["taskArn"], "STOPPED")
        took = time.monotonic() - begun
        assert stopped["containers"][0]["exitCode"] == 137
        assert 3.5 < took < 12, took
        assert not container_pids(task)

    def test_a_stopped_task_is_still_described_and_may_be_stopped_again(self, cluster: Cluster) -> None:
        task = cluster.run(cluster.register(container(script="exit 0")))
        cluster.wait_for_status(task["taskArn"], "STOPPED")
        again = cluster.ecs.stop_task(cluster=cluster.name, task=task["taskArn"])["task"]
        assert again["stopCode"] == "EssentialContainerExited"
        assert task["taskArn"] in cluster.ecs.list_tasks(cluster=cluster.name, desiredStatus="STOPPED")["taskArns"]

    def test_a_task_nobody_knows_cannot_be_stopped(self, cluster: Cluster) -> None:
        with pytest.raises(cluster.ecs.exceptions.InvalidParameterException, match="referenced task was not found"):
            cluster.ecs.stop_task(cluster=cluster.name, task="0" * 32)


class TestLimits:
    def test_a_task_that_takes_too_much_memory_is_killed_for_it(self, cluster: Cluster) -> None:
        task = cluster.run(cluster.register(container("eater", "exec tail /dev/zero", memory=64)))
        stopped = cluster.wait_for_status(task["taskArn"], "STOPPED", 60)
        eater = stopped["containers"][0]
        assert eater["reason"].startswith("OutOfMemoryError: "), eater
        assert stopped["stopCode"] == "EssentialContainerExited"

    def test_a_child_killed_for_memory_is_named_though_its_parent_lives_on(self, cluster: Cluster) -> None:
        task = cluster.run(cluster.register(container("parent", "tail /dev/zero; exit 5", memory=64)))
        stopped = cluster.wait_for_status(task["taskArn"], "STOPPED", 60)
        parent = stopped["containers"][0]
        assert parent["exitCode"] == 5 and parent["reason"].startswith("OutOfMemoryError: "), parent

    def test_the_tasks_memory_limits_all_its_containers(self, cluster: Cluster) -> None:
        task = cluster.run(cluster.register(
            container("eater", "exec tail /dev/zero"), container("other", SLEEP, stopTimeout=2)))
        stopped = cluster.wait_for_status(task["taskArn"], "STOPPED", 60)
        eater = next(each for each in stopped["containers"] if each["name"] == "eater")
        assert eater["exitCode"] == 137 and eater["reason"].startswith("OutOfMemoryError: "), stopped

    def test_a_task_gets_no_more_than_its_cpu(self, cluster: Cluster) -> None:
        task = cluster.run(cluster.register(container("spinner", "while :; do :; done", stopTimeout=2)))
        cluster.wait_for_status(task["taskArn"], "RUNNING")
        pid = first_pid(task)

        def used() -> float:
            """Seconds of processor time of the process."""
            fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / 100

        begun, before = time.monotonic(), used()
        wait_for("the spinner used some time", lambda: time.monotonic() - begun > 4, 10)
        share = (used() - before) / (time.monotonic() - begun)
        assert 0.05 < share < 0.35, f"256 units are a quarter of a processor, it took {share:.2f}"
        quota_directory = cgroup_directory(pid, "cpu").parent
        assert int((quota_directory / "cpu.cfs_quota_us").read_text()) > 0


class TestLogs:
    def test_output_is_shown_in_order_and_complete(self, cluster: Cluster) -> None:
        task = cluster.run(cluster.register(container("counter", "for i in $(seq 1 500); do echo line $i; done")))
        cluster.wait_for_status(task["taskArn"], "STOPPED")
        shown = [line for line in lines(cluster, task) if "line " in line]
        assert [line.rpartition("line ")[2] for line in shown] == [str(number) for number in range(1, 501)]

    def test_both_streams_are_kept(self, cluster: Cluster) -> None:
        task = cluster.run(cluster.register(container(script="echo to-out; echo to-err >&2")))
        cluster.wait_for_status(task["taskArn"], "STOPPED")
        text = "\n".join(lines(cluster, task))
        assert "to-out" in text and "to-err" in text

    def test_follow_shows_lines_as_they_come_to_the_last(self, cluster: Cluster) -> None:
        script = "i=0; trap 'echo last; exit 0' TERM; while :; do i=$((i+1)); echo tick $i; sleep 0.3; done"
        task = cluster.run(cluster.register(container("ticker", script)))
        cluster.wait_for_status(task["taskArn"], "RUNNING")
        control_plane = cluster.control_plane
        follower = control_plane.host.start(
            binary(), "logs", short(task["taskArn"]), "--follow", "--data-dir", str(control_plane.data),
            name=f"follow-{short(task['taskArn'])}")
        wait_for("three ticks", lambda: "tick 3" in follower.stdout, 15, explain=follower.tail)
        cluster.ecs.stop_task(cluster=cluster.name, task=task["taskArn"])
        assert follower.wait(15) == 0, follower.tail()
        assert follower.stdout.splitlines()[-1] == "last"
        shown = re.findall(r"tick (\d+)", follower.stdout)
        assert shown == [str(number) for number in range(1, len(shown) + 1)]

    def test_rotation_loses_nothing(self, cluster: Cluster) -> None:
        # 12 MB, more than one file of the log: 120 000 lines of 100 bytes.
        script = "exec awk 'BEGIN { for (i = 1; i <= 120000; i++) printf \"%06d%93s\\n\", i, \"x\" }'"
        task = cluster.run(cluster.register(container("writer", script)))
        cluster.wait_for_status(task["taskArn"], "STOPPED", 60)
        numbers = [int(found) for found in re.findall(r"(\d{6}) {92}x", "\n".join(lines(cluster, task)))]
        assert numbers == list(range(1, 120_001)), f"{len(numbers)} lines, first {numbers[:1]}, last {numbers[-1:]}"
