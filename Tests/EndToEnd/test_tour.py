"""The first five minutes: `berth up --demo` and the README's tour."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from harness.berth import ControlPlane, binary
from harness.cluster import Cluster, address, container, short
from harness.containers import container_pids, first_pid
from harness.host import Host
from harness.processes import kill9
from harness.waiting import wait_for

ROOT = Path(__file__).parents[2]


@pytest.fixture
def demo(host: Host) -> ControlPlane:
    control_plane = ControlPlane(host, "--demo").ready()
    wait_for("the demo is steady", lambda: demo_service(control_plane), 90, explain=control_plane.program.tail)
    return control_plane


def demo_service(control_plane: ControlPlane) -> tuple[str, str] | None:
    """Cluster and service of the demo once both of its tasks run."""
    ecs = control_plane.client()
    for cluster in ecs.list_clusters()["clusterArns"]:
        for service in ecs.list_services(cluster=cluster)["serviceArns"]:
            found = ecs.describe_services(cluster=cluster, services=[service])["services"][0]
            if found["runningCount"] == found["desiredCount"] == 2:
                return short(cluster), found["serviceName"]
    return None


def page_of(control_plane: ControlPlane) -> str | None:
    """The address that the demo tells people."""
    found = re.search(r"The demo is up at (http://\S+\.elb\.localhost:8080/)", control_plane.program.stdout)
    return found[1] if found else None


def ask(control_plane: ControlPlane, page: str) -> str:
    done = control_plane.host.run("curl", "--silent", "--show-error", "--fail", "--max-time", "5", page)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_demo_answers_from_two_containers_and_replaces_a_killed_one(demo: ControlPlane) -> None:
    name, service = demo_service(demo)
    cluster = Cluster(demo, name)
    tasks = cluster.wait_for_running(service, 2)

    assert len({address(task) for task in tasks}) == 2
    assert len({cluster.wait_for_page(task) for task in tasks}) == 2
    assert not set(container_pids(tasks[0])) & set(container_pids(tasks[1]))
    assert {task["launchType"] for task in tasks} == {"FARGATE"}
    assert {(task["cpu"], task["memory"]) for task in tasks} == {("256", "512")}
    assert cluster.ecs.list_container_instances(cluster=name)["containerInstanceArns"] == []
    wait_for(
        "the output shows both addresses",
        lambda: all(address(task) in demo.program.stdout for task in tasks), 30, explain=demo.program.tail)
    page = wait_for("the output names the page", lambda: page_of(demo), 90, explain=demo.program.tail)
    wait_for("both tasks answer there", lambda: len({ask(demo, page) for _ in range(4)}) == 2, 30)
    assert {ask(demo, page) for _ in range(8)} == {cluster.wait_for_page(task) for task in tasks}
    # A browser needs no more than the name.
    shown = demo.host.run(
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", f"--user-data-dir={demo.host.directory}/web",
        page, timeout=60)
    assert shown.returncode == 0, shown.stderr
    assert any(address(task) in shown.stdout for task in tasks), shown.stdout
    assert demo.keys.endpoint in demo.program.stdout
    assert "berth env" in demo.program.stdout

    victim = tasks[0]
    kill9(first_pid(victim))
    stopped = cluster.wait_for_status(victim["taskArn"], "STOPPED")
    assert stopped["stopCode"] == "EssentialContainerExited"
    assert stopped["stoppedReason"] == "Essential container in task exited"
    assert stopped["containers"][0]["exitCode"] == 137
    replaced = cluster.wait_for_running(service, 2)
    arns = {task["taskArn"] for task in replaced}
    assert victim["taskArn"] not in arns and tasks[1]["taskArn"] in arns
    pages = {cluster.wait_for_page(task) for task in replaced}
    assert len(pages) == 2
    wait_for("the new task answers too", lambda: {ask(demo, page) for _ in range(4)} == pages, 60)


def test_a_second_demo_finds_what_is_there(demo: ControlPlane) -> None:
    name, service = demo_service(demo)
    cluster = Cluster(demo, name)
    page = wait_for("the output names the page", lambda: page_of(demo), 90, explain=demo.program.tail)
    before = cluster.wait_for_running(service, 2)
    assert demo.program.interrupt() == 0
    demo.restart()
    assert wait_for("the output names the page", lambda: page_of(demo), 90, explain=demo.program.tail) == page
    assert {task["taskArn"] for task in cluster.wait_for_running(service, 2)} == {task["taskArn"] for task in before}
    assert len(demo.client().list_task_definitions()["taskDefinitionArns"]) == 1
    elb = demo.client("elbv2")
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    assert balancer["DNSName"] in page
    assert len(elb.describe_target_groups()["TargetGroups"]) == 1
    assert len(elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]) == 1


def test_ctrl_c_ends_the_control_plane_and_leaves_the_tasks(demo: ControlPlane) -> None:
    name, service = demo_service(demo)
    cluster = Cluster(demo, name)
    tasks = cluster.wait_for_running(service, 2)
    assert demo.program.interrupt() == 0
    assert "berth down" in demo.program.stdout + demo.program.stderr
    for task in tasks:
        assert cluster.fetch(task)
    demo.down()
    assert not any(container_pids(task) for task in tasks)


@pytest.mark.parametrize("moment", ["Berth is up at", "Deploying the demo:", "  task ", "steady state"])
def test_ctrl_c_ends_it_while_the_demo_comes_up(host: Host, moment: str) -> None:
    control_plane = ControlPlane(host, "--demo")
    wait_for(f"the output shows '{moment}'", lambda: moment in control_plane.program.stdout, 90, every=0.005,
             explain=control_plane.program.tail)
    assert control_plane.program.interrupt() == 0, control_plane.program.tail()
    assert "Control plane stopped." in control_plane.program.stdout
    control_plane.restart()
    wait_for("the demo is steady", lambda: demo_service(control_plane), 90, explain=control_plane.program.tail)


def tour(page: str) -> str:
    """The page's shell blocks marked `tour`, one after the other."""
    return "\n".join(re.findall(r"^```sh tour\n(.*?)^```", (ROOT / page).read_text(), re.M | re.S))


@pytest.mark.parametrize("page", ["README.md", "docs/load-balancers.md"])
def test_a_tour_works_as_printed(demo: ControlPlane, tmp_path: Path, page: str) -> None:
    commands = tour(page)
    assert commands, f"{page} has no ```sh tour block"
    venv = ROOT / ".venv" / "bin"
    (tmp_path / "berth").write_text(
        f'#!/bin/sh\ncase "$1" in --help|version) exec {binary()} "$@";; *) exec {binary()} "$@" '
        f'--data-dir {demo.data};; esac\n')
    (tmp_path / "berth").chmod(0o755)
    done = demo.host.shell(
        f"cd {tmp_path}\n{commands}", timeout=400, PATH=f"{tmp_path}:{venv}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        HOME=str(tmp_path))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{demo.program.tail()}"


def test_aws_works_after_eval_of_berth_env(shared: ControlPlane, tmp_path: Path) -> None:
    aws = ROOT / ".venv" / "bin" / "aws"
    done = shared.host.shell(
        f'eval "$({binary()} env --data-dir {shared.data})"\n'
        f"{aws} ecs create-cluster --cluster-name from-the-shell >/dev/null\n"
        f"{aws} ecs describe-clusters --clusters from-the-shell --output json\n",
        HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)["clusters"][0]
    assert shown["clusterName"] == "from-the-shell" and shown["status"] == "ACTIVE"


def test_status_shows_hosts_services_and_tasks(cluster: Cluster, shared: ControlPlane) -> None:
    service = cluster.serve(cluster.register(container()), 1)
    task = cluster.wait_for_running(service, 1)[0]
    shown = shared.must("status")
    assert service in shown and short(task["taskArn"]) in shown and address(task) in shown


@pytest.mark.parametrize("command", [
    "up", "down", "server", "agent", "env", "status", "logs", "image", "token", "backup", "restore", "version",
])
def test_each_command_has_help(command: str) -> None:
    done = subprocess.run([binary(), command, "--help"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and "OVERVIEW:" in done.stdout


def test_version_prints_one_line() -> None:
    done = subprocess.run([binary(), "version"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and re.search(r"\d+\.\d+\.\d+", done.stdout)
