"""What is over goes: images that nothing uses, containers of stopped tasks, output beyond its bounds."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import images
from harness.berth import ControlPlane, binary
from harness.cluster import IMAGE, QUICK, SLEEP, Cluster, container, short
from harness.host import Host
from harness.namespaces import Switch
from harness.registry import Registry
from harness.waiting import holds_for, wait_for

FILE_SIZE = 64 * 1024
FILES = 3
KEPT_TASKS = 2
# Of two tasks that `write` says something 600 times, not of three.
KEPT_BYTES = 200 * 1024
OPTIONS = (
    "--insecure-registry", "127.0.0.1:5000", "--cleanup-interval", "1s", "--image-cleanup-age", "1s",
    "--image-cleanup-above", "0", "--log-file-size", "64K", "--log-files", str(FILES),
    "--log-keep-tasks", str(KEPT_TASKS))


@pytest.fixture(scope="module")
def tidy(switch: Switch, archive: Path) -> Iterator[tuple[Cluster, Registry]]:
    """`berth up` that cleans up every second, with a registry on its host."""
    host = Host(switch)
    try:
        control_plane = ControlPlane(host, *OPTIONS).ready()
        control_plane.must("image", "import", str(archive))
        yield Cluster(control_plane, "tidy"), Registry(host)
        control_plane.down()
    finally:
        left = host.close()
    assert left == [], "\n".join(left)


@pytest.fixture
def small(make_host: Callable[[], Host], archive: Path) -> Iterator[Cluster]:
    """`berth up` that keeps `KEPT_BYTES` of the output of stopped tasks."""
    control_plane = ControlPlane(
        make_host(), "--cleanup-interval", "1s", "--log-keep-size", str(KEPT_BYTES)).ready()
    control_plane.must("image", "import", str(archive))
    yield Cluster(control_plane, "small")
    control_plane.down()


def kept_images(cluster: Cluster) -> list[str]:
    return [line.split()[0] for line in cluster.control_plane.must("image", "list").splitlines()]


def logs_of(cluster: Cluster, task: dict[str, Any]) -> Path:
    return cluster.control_plane.data / "node/agent/logs" / short(task["taskArn"])


def test_an_unused_image_goes_and_used_and_imported_ones_stay(tidy: tuple[Cluster, Registry]) -> None:
    cluster, registry = tidy
    used = registry.push(images.busybox_image("used"), "used", "1")
    unused = registry.push(images.busybox_image("unused"), "unused", "1")
    runs = cluster.run(cluster.register(container(script=SLEEP, image=used)))
    ended = cluster.run(cluster.register(container(script="exit 0", image=unused)))
    cluster.wait_for_status(runs["taskArn"], "RUNNING")
    cluster.wait_for_status(ended["taskArn"], "STOPPED")
    wait_for("the unused image is removed", lambda: unused not in kept_images(cluster), 20, explain=cluster.explain)
    # More than the age has passed since the others were last looked at.
    holds_for("the used image and the imported one stay", lambda: {used, IMAGE} <= set(kept_images(cluster)), 2.5, every=0.8)
    assert cluster.task(runs["taskArn"])["lastStatus"] == "RUNNING"

    # What is gone is pulled again when a task needs it.
    again = cluster.run(cluster.register(container(script="exit 7", image=unused)))
    assert cluster.wait_for_status(again["taskArn"], "STOPPED")["containers"][0]["exitCode"] == 7
    cluster.ecs.stop_task(cluster=cluster.name, task=runs["taskArn"])
    cluster.wait_for_status(runs["taskArn"], "STOPPED")
    wait_for("only the imported image is left", lambda: kept_images(cluster) == [IMAGE], 20, explain=cluster.explain)


def test_stopped_containers_and_their_writable_layers_go(tidy: tuple[Cluster, Registry]) -> None:
    cluster, _ = tidy
    task = cluster.run(cluster.register(container(script="echo written > /tmp/file; exit 0")))
    cluster.wait_for_status(task["taskArn"], "STOPPED")

    def left(*kind: str) -> str:
        sockets = list(cluster.control_plane.host.path("/run/berth").glob("*/node/c/containerd.sock"))
        assert len(sockets) == 1
        address = "/run/berth/" + "/".join(sockets[0].parts[-4:])
        listed = cluster.control_plane.host.run("ctr", "--address", address, "-n", "k8s.io", *kind, "ls")
        assert listed.returncode == 0, listed.stderr
        return listed.stdout

    name = short(task["taskArn"])
    for kind in (["containers"], ["snapshots"], ["tasks"]):
        wait_for(f"none of its {kind[0]} is left", lambda: name not in left(*kind), 10, explain=cluster.explain)
    work = cluster.control_plane.data / "node/agent/work" / name
    wait_for("its directory is gone", lambda: not work.exists(), 10)


def numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"\bn(\d{6})\b", text)]


def test_output_is_bounded_and_its_newest_part_is_whole(tidy: tuple[Cluster, Registry]) -> None:
    cluster, _ = tidy
    # 4000 lines of 100 bytes: twice as much as is kept.
    script = "exec awk 'BEGIN { for (i = 1; i <= 4000; i++) printf \"n%06d%92s\\n\", i, \"x\" }'"
    task = cluster.run(cluster.register(container("writer", script)))
    cluster.wait_for_status(task["taskArn"], "STOPPED")
    files = sorted(logs_of(cluster, task).glob("writer/*"))
    assert [each.name for each in files] == ["output.log", "output.log.1", "output.log.2"]
    assert all(each.stat().st_size <= FILE_SIZE for each in files), [each.stat().st_size for each in files]
    shown = numbers(cluster.control_plane.must("logs", short(task["taskArn"])))
    assert shown == list(range(shown[0], 4001)), "a line is missing between those that are kept"
    assert len(shown) > 1000


def test_a_follower_loses_no_line_while_files_are_rotated_and_removed(tidy: tuple[Cluster, Registry]) -> None:
    cluster, _ = tidy
    # As much as in the test before, in parts no larger than what is kept, and never more in a second than that.
    script = (
        "i=0; while [ $i -lt 20 ]; do awk -v from=$((i * 200)) 'BEGIN { for (i = 1; i <= 200; i++)"
        " printf \"n%06d%92s\\n\", from + i, \"x\" }'; i=$((i+1)); sleep 0.1; done")
    task = cluster.run(cluster.register(container("writer", script)))
    wait_for("it writes", lambda: list(logs_of(cluster, task).glob("writer/*")), 30, every=0.02)
    control_plane = cluster.control_plane
    follower = control_plane.host.start(
        binary(), "logs", short(task["taskArn"]), "--follow", "--data-dir", str(control_plane.data), name="follower")
    assert follower.wait(40) == 0, follower.tail()
    assert numbers(follower.stdout) == list(range(1, 4001))
    assert not (logs_of(cluster, task) / "writer/output.log.3").exists()


def test_output_of_the_oldest_stopped_tasks_goes_and_that_of_live_ones_stays(
    tidy: tuple[Cluster, Registry]
) -> None:
    cluster, _ = tidy
    live = cluster.run(cluster.register(container(script="echo here; " + SLEEP)))
    cluster.wait_for_status(live["taskArn"], "RUNNING")
    definition, ended = cluster.register(container(script="echo done")), []
    for _ in range(KEPT_TASKS + 1):
        ended.append(cluster.run(definition))
        cluster.wait_for_status(ended[-1]["taskArn"], "STOPPED")
    wait_for(
        "the oldest output is removed", lambda: not logs_of(cluster, ended[0]).exists(), 10, explain=cluster.explain)
    kept = {each.name for each in logs_of(cluster, live).parent.iterdir()}
    assert kept == {short(task["taskArn"]) for task in [live, *ended[1:]]}
    assert "done" in cluster.control_plane.must("logs", short(ended[-1]["taskArn"]))
    gone = cluster.control_plane.tool("logs", short(ended[0]["taskArn"]))
    assert gone.returncode != 0 and len(gone.stderr.strip().splitlines()) == 1, gone.stderr
    cluster.ecs.stop_task(cluster=cluster.name, task=live["taskArn"])


def write(lines: int, then: str = "exit 0") -> str:
    """A script that writes so many lines, each of about 140 bytes on disk."""
    return f"awk 'BEGIN {{ for (i = 1; i <= {lines}; i++) printf \"n%06d%92s\\n\", i, \"x\" }}'; {then}"


def output_of(cluster: Cluster, task: dict[str, Any]) -> dict[str, bytes]:
    """The output files of a task, by name."""
    folder = logs_of(cluster, task)
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def size_of(cluster: Cluster, task: dict[str, Any]) -> int:
    return sum(map(len, output_of(cluster, task).values()))


def test_output_of_stopped_tasks_stays_within_its_size(small: Cluster) -> None:
    # A live task counts for nothing, however much it wrote, and loses nothing.
    live = small.run(small.register(container("live", write(3000, QUICK))))
    wait_for("it wrote all", lambda: numbers(small.control_plane.must("logs", short(live["taskArn"])))[-1] == 3000, 40)
    before = output_of(small, live)
    assert size_of(small, live) > 2 * KEPT_BYTES

    definition, ended = small.register(container("writer", write(600))), []

    def kept() -> list[int]:
        """The places, in the order of their ends, of the tasks whose output is there."""
        return [place for place, task in enumerate(ended) if logs_of(small, task).exists()]

    for turn in range(5):
        ended.append(small.run(definition))
        small.wait_for_status(ended[-1]["taskArn"], "STOPPED")
        newest = [place for place in (turn - 1, turn) if place >= 0]
        wait_for("the newest two are left", lambda: kept() == newest, 10, every=0.05, explain=small.explain)
        assert sum(size_of(small, task) for task in ended) <= KEPT_BYTES
        shown = numbers(small.control_plane.must("logs", short(ended[-1]["taskArn"]), "--follow"))
        assert shown == list(range(1, 601)), "what is kept is whole"
    assert 3 * size_of(small, ended[-1]) > KEPT_BYTES, "three would not have been too much"
    holds_for("nothing else goes", lambda: kept() == [3, 4] and output_of(small, live) == before, 2.5)

    # Once it is over it counts, and is more than may be kept.
    small.ecs.stop_task(cluster=small.name, task=live["taskArn"])
    small.wait_for_status(live["taskArn"], "STOPPED")
    wait_for("its output goes", lambda: not logs_of(small, live).exists(), 10, explain=small.explain)
