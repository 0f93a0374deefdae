"""What every end-to-end test starts from: a switch, hosts on it, and control planes."""

import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import images
from harness.berth import ControlPlane
from harness.cluster import IMAGE, Cluster
from harness.effects import ENVIRONMENT
from harness.fleet import Fleet
from harness.host import Host, clean_hosts
from harness.namespaces import Switch

cluster_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "effect(*members): changes these members of a request and sees an effect outside the API")
    config.addinivalue_line("markers", "alone: measures what another test on the same machine would disturb")
    if ENVIRONMENT in os.environ:
        return
    if os.geteuid() != 0:
        pytest.exit("the end-to-end tests make network namespaces and need root", returncode=3)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if ENVIRONMENT in os.environ:
        marks = {member for item in items for mark in item.iter_markers("effect") for member in mark.args}
        print("effects: " + json.dumps(sorted(marks)))


@pytest.fixture(scope="session")
def switch() -> Iterator[Switch]:
    switch = Switch(f"bt{os.getpid() % 100000}")
    yield switch
    switch.remove()


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OCI archive of the test image."""
    return images.write_archive(images.busybox_image(), IMAGE, tmp_path_factory.mktemp("images") / "test.tar")


@pytest.fixture
def make_host(switch: Switch) -> Iterator[Callable[[], Host]]:
    """Makes hosts that are removed after the test, whatever is left on them."""
    hosts: list[Host] = []

    def make() -> Host:
        hosts.append(Host(switch))
        return hosts[-1]

    yield make
    for host in reversed(hosts):
        host.close()


@pytest.fixture
def host(make_host: Callable[[], Host]) -> Host:
    return make_host()


def shared_control_plane(switch: Switch, archive: Path, *options: str) -> Iterator[ControlPlane]:
    with clean_hosts(switch, 1) as (host,):
        control_plane = ControlPlane(host, *options).ready()
        control_plane.must("image", "import", str(archive))
        yield control_plane
        control_plane.down()


@pytest.fixture(scope="session")
def shared(switch: Switch, archive: Path) -> Iterator[ControlPlane]:
    """`berth up`, shared by tests that do not disturb each other; it may pull from a registry of the host's own."""
    yield from shared_control_plane(switch, archive, "--insecure-registry", "127.0.0.1:5000")


@pytest.fixture(scope="session")
def shared_instance(switch: Switch, archive: Path) -> Iterator[ControlPlane]:
    """`berth up --instance`, shared likewise."""
    yield from shared_control_plane(switch, archive, "--instance")


@pytest.fixture(scope="session")
def server(switch: Switch) -> Iterator[ControlPlane]:
    """`berth server`, shared by tests of what the API says where no container runs."""
    with clean_hosts(switch, 1) as (host,):
        control_plane = ControlPlane(host, role="server").ready()
        yield control_plane
        control_plane.down()


@pytest.fixture(scope="session")
def instances(switch: Switch, archive: Path) -> Iterator[Fleet]:
    """Three container instances of cluster `fleet` on hosts of their own: two in `zone-a`, one in `zone-b`.

    Hosts are dear: shared by all tests that leave the cluster empty (`cluster.clear()`) and the instances ACTIVE.
    """
    with clean_hosts(switch, 3) as hosts:
        fleet = Fleet(hosts, archive, "fleet")
        for host, zone in zip(hosts, ["zone-a", "zone-a", "zone-b"], strict=True):
            fleet.join(host, "--cluster", "fleet", "--zone", zone)
        fleet.wait_for_instances(3)
        yield fleet
        fleet.down()


@pytest.fixture
def cluster(shared: ControlPlane) -> Iterator[Cluster]:
    """A cluster of its own for each test."""
    cluster = Cluster(shared, f"cluster-{next(cluster_numbers)}")
    yield cluster
    cluster.clear()


@pytest.fixture
def instance_cluster(shared_instance: ControlPlane) -> Iterator[Cluster]:
    """The cluster whose container instance is the host itself."""
    cluster = Cluster(shared_instance, "default")
    yield cluster
    cluster.clear()
