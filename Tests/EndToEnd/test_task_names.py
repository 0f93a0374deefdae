"""Names of load balancers inside tasks: on the control plane's machine and on others, in awsvpc and in bridge mode."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.balancing import Balancer, behind
from harness.cluster import WEB, address, container
from harness.containers import container_pids
from harness.fleet import Fleet, instance_id
from harness.host import Host
from harness.processes import kill9
from harness.waiting import wait_for

# Asks the load balancer over and over and shows its last answer as a page.
CALLER = (
    "mkdir -p /tmp/www; (while true; do"
    " wget -q -O /tmp/www/answer http://$NAME:8060/ && mv /tmp/www/answer /tmp/www/index.html"
    " || rm -f /tmp/www/index.html; sleep 0.2; done) & exec httpd -f -p 81 -h /tmp/www"
)
ELSEWHERE = "192.0.2.77"


@contextlib.contextmanager
def resolving(host: Host, tmp_path: Path) -> Iterator[None]:
    """Gives the host a resolver of its own on loopback, which knows one address for every name."""
    with host.inside():
        served = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        served.bind(("127.0.0.1", 53))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                question, client = served.recvfrom(4096)
                end = question.index(b"\0", 12) + 5
                answer = question[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + question[12:end]
                answer += b"\xc0\x0c\0\1\0\1\0\0\0\x05\0\4" + socket.inet_aton(ELSEWHERE)
                served.sendto(answer, client)

    threading.Thread(target=serve, daemon=True).start()
    file = tmp_path / "resolv.conf"
    file.write_text("nameserver 127.0.0.1\n")
    assert host.run("mount", "--bind", str(file), "/etc/resolv.conf").returncode == 0
    try:
        yield
    finally:
        assert host.run("umount", "/etc/resolv.conf").returncode == 0
        served.close()


def explain(task: dict[str, Any], host: Host, name: str) -> str:
    """How the names look from inside."""
    inside = f"nsenter --target {container_pids(task)[0]} --net --mount --root -- /bin/sh -c"
    script = f"cat /etc/resolv.conf; nslookup {name}; wget -O - http://{name}:8060/"
    return host.shell(
        f"{inside} '{script}' 2>&1 || true; ip route; ps -ef | grep resolve-names; cat /tmp/*/*/node/network/resolver.* || true"
    ).stdout


def test_a_task_calls_another_service_by_name(instances: Fleet, tmp_path: Path) -> None:
    cluster, balancer = instances.cluster, Balancer.make(instances.control_plane)
    group = balancer.group()
    balancer.listen(8060, group)
    service = cluster.serve(
        cluster.register(container(script=WEB, portMappings=[{"containerPort": 80}])), 1, launchType="EC2",
        loadBalancers=behind(group))
    (callee,) = cluster.wait_for_running(service, 1)
    balancer.wait_for_health(group, "healthy")
    page = cluster.fetch(callee)
    environment = [{"name": "NAME", "value": balancer.name}]

    def call(number: int, mode: str) -> dict[str, Any]:
        definition = cluster.register(
            container(script=CALLER, environment=environment, portMappings=[{"containerPort": 81, "hostPort": 8061}]
                      if mode == "bridge" else [{"containerPort": 81}], memory=64),
            networkMode=mode, requiresCompatibilities=["EC2"])
        network = {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}} if mode == "awsvpc" else {}
        task = cluster.ecs.start_task(
            cluster=cluster.name, taskDefinition=definition,
            containerInstances=[instance_id(instances.agents[number])], **network)["tasks"][0]
        return cluster.wait_for_status(task["taskArn"], "RUNNING")

    def answer(task: dict[str, Any], number: int) -> str:
        host = instances.agents[number].host
        place = f"{address(task)}:81" if task["attachments"] else f"{host.address}:8061"
        return host.fetch(f"http://{place}/")

    first = instances.agents[0]
    second = instances.agents[1]
    try:
        with resolving(second.host, tmp_path):
            callers = {(number, mode): call(number, mode) for number in (0, 1) for mode in ("awsvpc", "bridge")}
            for (number, mode), task in callers.items():
                wait_for(
                    f"a task of mode {mode} on host {number} gets an answer",
                    lambda task=task, number=number: answer(task, number) == page, 20,
                    explain=lambda task=task, number=number: explain(task, instances.agents[number].host, balancer.name))
            inside = f"nsenter --target {container_pids(callers[1, 'awsvpc'])[0]} --net --mount --root -- /bin/nslookup"

            def looked_up(name: str, *more: str) -> str:
                return second.host.shell(f"{inside} {' '.join(more)} {name} || true").stdout

            assert "10.98." in looked_up(balancer.name)
            # Names of elsewhere come from the host's own resolver, though no task could reach that.
            assert ELSEWHERE in looked_up("example.test")
            assert ELSEWHERE not in looked_up("gone.us-east-1.elb.localhost")
            # The agent's end changes nothing; a resolver that ends is started again.
            second.program.kill9()
            assert "10.98." in looked_up(balancer.name) and answer(callers[1, "awsvpc"], 1) == page
            second.restart()
            instances.wait_for_instances(3)
            (resolver,) = [each for each in second.host.own_processes() if "resolve-names" in each.command]
            kill9(resolver.pid)
            wait_for("a new resolver answers", lambda: "10.98." in looked_up(balancer.name), 20)
            other = Balancer.make(instances.control_plane)
            wait_for("a new name is known", lambda: "10.98." in looked_up(other.name), 20)
            balancer.elb.delete_load_balancer(LoadBalancerArn=other.arn)
            wait_for("a name that is gone is not", lambda: "10.98." not in looked_up(other.name), 20)
            assert "10.98.0.0/24 via" in second.host.run("ip", "route").stdout
            assert "10.98.0.0/24" not in first.host.run("ip", "route").stdout
    finally:
        cluster.clear()
        balancer.remove()
