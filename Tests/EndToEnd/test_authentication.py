"""Who gets in, and what a node's key may do."""

import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, SSLError

from harness.api import make_client
from harness.berth import Agent, ControlPlane
from harness.certificates import make_certificates
from harness.cluster import SLEEP, Cluster, container
from harness.host import Host
from harness.namespaces import Switch
from harness.wire import join, kind, post
# A cluster, a task on its host, and the key of another host.
Nodes = tuple[Cluster, dict[str, Any], tuple[str, str]]


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_a_wrong_secret_is_refused(shared: ControlPlane) -> None:
    with pytest.raises(ClientError) as error:
        shared.client(secret_key="x" * 40).list_clusters()
    assert code(error) == "InvalidSignatureException"


def test_an_unknown_key_is_refused(shared: ControlPlane) -> None:
    with pytest.raises(ClientError) as error:
        shared.client(access_key="AKIAXXXXXXXXXXXXXXXX").list_clusters()
    assert code(error) == "UnrecognizedClientException"


def test_a_request_without_a_signature_is_refused(shared: ControlPlane) -> None:
    status, headers, answer = post(shared, "ListClusters", {}, None)
    assert (status, kind(answer)) == (400, "MissingAuthenticationTokenException")
    assert headers["x-amzn-requestid"]


@pytest.mark.parametrize("skew", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_a_signature_of_another_time_is_refused(shared: ControlPlane, skew: timedelta) -> None:
    keys = (shared.keys.access_key, shared.keys.secret_key)
    status, _, answer = post(shared, "ListClusters", {}, keys, skew)
    assert (status, kind(answer)) == (400, "InvalidSignatureException")
    assert ("expired" if skew < timedelta() else "not yet current") in answer["message"]
    assert post(shared, "ListClusters", {}, keys, skew * 0.8)[0] == 200


def test_a_changed_body_is_refused(shared: ControlPlane) -> None:
    keys = (shared.keys.access_key, shared.keys.secret_key)
    _, _, answer = post(shared, "ListClusters", {}, keys, changed=b'{"maxResults":1}')
    assert kind(answer) == "InvalidSignatureException"


def test_health_needs_no_key(shared: ControlPlane) -> None:
    assert shared.host.fetch(f"{shared.keys.endpoint}/_berth/health")


def test_what_holds_the_root_key_is_for_its_owner_alone(shared: ControlPlane) -> None:
    secret = shared.keys.secret_key.encode()
    found = [path for path in shared.data.glob("*") if path.is_file() and secret in path.read_bytes()]
    assert shared.data / "client.json" in found
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert shared.keys.secret_key not in shared.program.stdout + shared.program.stderr


class TestNodeKeys:
    """Two hosts' keys: each sees and reports its own tasks only."""

    @pytest.fixture(scope="class")
    def nodes(self, switch: Switch, archive: Path) -> Iterator[Nodes]:
        """A cluster, a task on its host, and the key of another host that joined."""
        host = Host(switch)
        try:
            control_plane = ControlPlane(host, role="server").ready()
            agent = Agent(host, control_plane, "--managed")
            agent.import_image(archive)
            cluster = Cluster(control_plane, "guarded")
            task = cluster.run(cluster.register(container(script=SLEEP, stopTimeout=2)))
            task = cluster.wait_for_status(task["taskArn"], "RUNNING")
            status, _, answer = join(control_plane, control_plane.token())
            assert status == 200, answer
            yield cluster, task, (answer["accessKeyId"], answer["secretAccessKey"])
            cluster.clear()
            agent.down()
            control_plane.down()
        finally:
            host.close()

    def test_it_may_not_administer(self, nodes: Nodes) -> None:
        cluster, _, key = nodes
        status, _, answer = post(cluster.control_plane, "CreateCluster", {"clusterName": "mine"}, key)
        assert (status, kind(answer)) == (400, "AccessDeniedException")
        status, _, answer = post(cluster.control_plane, "ListClusters", {}, key)
        assert (status, kind(answer)) == (400, "AccessDeniedException")

    def test_it_may_not_report_a_task_of_another_host(self, nodes: Nodes) -> None:
        cluster, task, key = nodes
        report = {"cluster": cluster.name, "task": task["taskArn"], "status": "STOPPED"}
        status, _, answer = post(cluster.control_plane, "SubmitTaskStateChange", report, key)
        assert status == 400 and kind(answer) in ("AccessDeniedException", "InvalidParameterException"), answer
        assert cluster.task(task["taskArn"])["lastStatus"] == "RUNNING"

    def test_it_may_not_read_a_task_of_another_host(self, nodes: Nodes) -> None:
        cluster, task, key = nodes
        status, _, answer = post(
            cluster.control_plane, "DescribeTasks", {"cluster": cluster.name, "tasks": [task["taskArn"]]}, key)
        assert (status, kind(answer)) == (400, "AccessDeniedException")

    def test_a_token_is_taken_once(self, nodes: Nodes) -> None:
        control_plane = nodes[0].control_plane
        token = control_plane.token()
        assert join(control_plane, token)[0] == 200
        status, _, answer = join(control_plane, token)
        assert status == 400 and "accessKeyId" not in answer

    def test_a_made_up_token_is_refused(self, nodes: Nodes) -> None:
        status, _, answer = join(nodes[0].control_plane, "made-up")
        assert status == 400 and "accessKeyId" not in answer


class TestBeyondLoopback:
    def test_without_tls_it_is_refused(self, host: Host) -> None:
        program = ControlPlane(host, "--host", host.address, role="server").program
        assert program.wait(20) != 0
        said = program.stderr.strip()
        assert "TLS" in said and len(said.splitlines()) == 1, said

    def test_with_tls_those_who_trust_the_authority_get_in(self, host: Host, make_host: Callable[[], Host]) -> None:
        made = make_certificates(host.directory, host.address)
        control_plane = ControlPlane(host, role="server", tls=made).ready()
        other, endpoint = make_host(), f"https://{host.address}:4566"
        trusting = make_client(other, control_plane.keys, "ecs", verify=str(made.authority), endpoint=endpoint)
        assert trusting.list_clusters()["clusterArns"] == []
        doubting = make_client(other, control_plane.keys, "ecs", verify=True, endpoint=endpoint)
        with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            doubting.list_clusters()
        old = other.run("openssl", "s_client", "-connect", f"{host.address}:4566", "-tls1_1")
        assert old.returncode != 0
