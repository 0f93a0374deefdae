"""Where images come from: an archive, a registry."""

import tarfile
from pathlib import Path

from harness import images
from harness.cluster import Cluster, container
from harness.registry import Registry


def test_an_image_is_pulled_from_a_registry(cluster: Cluster) -> None:
    registry = Registry(cluster.control_plane.host)
    image = images.busybox_image(Env=["PATH=/bin", "FROM_IMAGE=yes"], Entrypoint=["sh", "-c"], User="1000")
    reference = registry.push(image, "team/app", "7")
    definition = cluster.register({
        "name": "app", "image": reference, "essential": True,
        "command": ["test $FROM_IMAGE = yes && test $(id -u) = 1000 && exit 21"]})
    stopped = cluster.wait_for_status(cluster.run(definition)["taskArn"], "STOPPED")
    assert stopped["containers"][0].get("exitCode") == 21, cluster.explain()
    assert stopped["containers"][0]["imageDigest"] == image.manifest.digest
    assert stopped["pullStartedAt"] <= stopped["pullStoppedAt"]
    registry.program.close()


def test_a_tag_that_is_not_there_fails_the_task(cluster: Cluster) -> None:
    registry = Registry(cluster.control_plane.host)
    definition = cluster.register(container() | {"image": f"{registry.name}/team/app:absent"})
    stopped = cluster.wait_for_status(cluster.run(definition)["taskArn"], "STOPPED")
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert stopped["stoppedReason"].startswith("CannotPullContainerError: ")
    assert "not found" in stopped["stoppedReason"]
    registry.program.close()


def test_an_imported_image_runs_without_any_registry(cluster: Cluster, tmp_path: Path) -> None:
    archive = images.write_archive(
        images.busybox_image(Cmd=["sh", "-c", "exit 22"]), "docker.io/library/imported:2", tmp_path / "image.tar")
    cluster.control_plane.must("image", "import", str(archive))
    definition = cluster.register({"name": "app", "image": "imported:2", "essential": True})
    stopped = cluster.wait_for_status(cluster.run(definition)["taskArn"], "STOPPED")
    assert stopped["containers"][0].get("exitCode") == 22, cluster.explain()


def test_an_archive_with_a_changed_layer_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    good = images.write_archive(
        images.busybox_image("changed"), "docker.io/library/changed:1", tmp_path / "good.tar")
    bad = tmp_path / "bad.tar"
    with tarfile.open(good) as source, tarfile.open(bad, "w") as target:
        for entry in source:
            content = source.extractfile(entry).read()
            if entry.size > 100_000:
                content = content[:-1] + b"x"
            images.add_file(target, entry.name, content, 0o644)
    done = cluster.control_plane.tool("image", "import", str(bad))
    assert done.returncode != 0 and len(done.stderr.strip().splitlines()) == 1, done.stderr
