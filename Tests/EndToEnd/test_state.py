"""What was acknowledged is kept: over restarts, kills, backups and restores."""

import sqlite3
from pathlib import Path

from harness.berth import ControlPlane, binary
from harness.cluster import Cluster, container
from harness.containers import identities
from harness.host import Host


def test_what_was_acknowledged_survives_kills(host: Host) -> None:
    control_plane = ControlPlane(host, role="server").ready()
    made: set[str] = set()
    for turn in range(3):
        ecs = control_plane.client()
        for number in range(20):
            name = f"kept-{turn}-{number}"
            ecs.create_cluster(clusterName=name)
            made.add(name)
        control_plane.program.kill9()
        control_plane.restart()
    found = {arn.rpartition("/")[2] for arn in control_plane.client().list_clusters()["clusterArns"]}
    assert found == made
    control_plane.down()


def test_the_root_key_stays_the_same(host: Host) -> None:
    control_plane = ControlPlane(host, role="server").ready()
    before = control_plane.keys
    control_plane.program.interrupt()
    control_plane.restart()
    assert control_plane.keys == before
    control_plane.down()


def test_a_backup_of_a_running_server_is_restored_and_its_tasks_are_kept(host: Host, archive: Path) -> None:
    control_plane = ControlPlane(host).ready()
    control_plane.must("image", "import", str(archive))
    cluster = Cluster(control_plane, "saved")
    service = cluster.serve(cluster.register(container()), 2)
    tasks = cluster.wait_for_running(service, 2)
    before = identities(tasks)
    backup = host.directory / "backup"
    control_plane.must("backup", str(backup))
    assert backup.stat().st_mode & 0o077 == 0, "a backup holds keys"
    cluster.ecs.create_cluster(clusterName="later")

    assert control_plane.program.interrupt() == 0
    control_plane.must("restore", str(backup))
    control_plane.restart()
    assert cluster.ecs.describe_clusters(clusters=["later"])["failures"][0]["reason"] == "MISSING"
    after = cluster.wait_for_running(service, 2)
    assert {task["taskArn"] for task in after} == {task["taskArn"] for task in tasks}
    assert identities(tasks) == before
    # Agents that discarded older manifests would not take new work.
    probe = cluster.run(cluster.register(container(script="exit 8")))
    stopped = cluster.wait_for_status(probe["taskArn"], "STOPPED")
    assert stopped["containers"][0]["exitCode"] == 8
    cluster.clear()
    control_plane.down()


def test_a_backup_is_restored_into_the_running_server(host: Host) -> None:
    control_plane = ControlPlane(host, role="server").ready()
    ecs = control_plane.client()
    ecs.create_cluster(clusterName="saved")
    backup = host.directory / "backup"
    control_plane.must("backup", str(backup))
    ecs.create_cluster(clusterName="later")
    control_plane.must("restore", str(backup))
    found = {arn.rpartition("/")[2] for arn in ecs.list_clusters()["clusterArns"]}
    assert found == {"saved"}
    ecs.create_cluster(clusterName="after")
    control_plane.program.kill9()
    control_plane.restart()
    found = {arn.rpartition("/")[2] for arn in control_plane.client().list_clusters()["clusterArns"]}
    assert found == {"saved", "after"}
    control_plane.down()


def test_a_torn_file_is_refused_and_left_alone(host: Host) -> None:
    control_plane = ControlPlane(host, role="server").ready()
    for number in range(30):
        control_plane.client().create_cluster(clusterName=f"c{number}")
    control_plane.program.interrupt()
    file = next(path for path in host.data.rglob("state.sqlite"))
    for more in (file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
        more.unlink(missing_ok=True)
    content = bytearray(file.read_bytes())
    content[4096:len(content) // 2] = b"\xa5" * (len(content) // 2 - 4096)
    file.write_bytes(content)
    done = host.run(binary(), "server", "--data-dir", str(host.data), timeout=30)
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1 and "state.sqlite" in done.stderr, done.stderr
    assert file.read_bytes() == bytes(content)


def test_a_newer_file_is_refused(host: Host) -> None:
    control_plane = ControlPlane(host, role="server").ready()
    control_plane.program.interrupt()
    file = next(path for path in host.data.rglob("state.sqlite"))
    with sqlite3.connect(file) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        migrations = next(name for name in tables if "migration" in name)
        column = database.execute(f"SELECT name FROM pragma_table_info('{migrations}')").fetchone()[0]
        database.execute(f"INSERT INTO {migrations} ({column}) VALUES ('v999')")
    done = host.run(binary(), "server", "--data-dir", str(host.data), timeout=30)
    assert done.returncode != 0
    assert "newer" in done.stderr, done.stderr
