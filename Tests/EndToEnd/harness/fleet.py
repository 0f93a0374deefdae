"""Several hosts: a control plane with TLS on the first, agents on the others."""

import json
from pathlib import Path
from typing import Any

from .berth import Agent, ControlPlane
from .certificates import make_certificates
from .cluster import Cluster, address, short
from .containers import container_pids
from .host import Host
from .waiting import wait_for


class Fleet:
    """A control plane that listens for other hosts, one cluster, and an agent on each of the hosts given."""

    def __init__(self, hosts: list[Host], archive: Path, cluster: str, *server_options: str) -> None:
        first = hosts[0]
        self.control_plane = ControlPlane(
            first, *server_options, role="server", tls=make_certificates(first.directory, first.address)).ready()
        self.cluster = Cluster(self.control_plane, cluster)
        self.archive = archive
        self.agents: list[Agent] = []

    def join(self, host: Host, *options: str) -> Agent:
        agent = Agent(host, self.control_plane, *options)
        agent.import_image(self.archive)
        self.agents.append(agent)
        return agent

    def wait_for_instances(self, count: int) -> None:
        """Waits until so many container instances of the cluster are connected."""

        def connected() -> bool:
            arns = self.cluster.ecs.list_container_instances(cluster=self.cluster.name)["containerInstanceArns"]
            if len(arns) != count:
                return False
            found = self.cluster.ecs.describe_container_instances(
                cluster=self.cluster.name, containerInstances=arns)["containerInstances"]
            return all(each["agentConnected"] for each in found)

        wait_for(f"{count} instances are connected", connected, 40, explain=self.explain)

    def agent_of(self, task: dict[str, Any]) -> Agent:
        """The agent that a task of a container instance was given to."""
        return next(each for each in self.agents if instance_id(each) == short(task["containerInstanceArn"]))

    def runs_where_it_was_placed(self, task: dict[str, Any]) -> bool:
        pids = container_pids(task)
        there = {each.pid for each in self.agent_of(task).host.own_processes()}
        return bool(pids) and set(pids) <= there

    def host_of(self, task: dict[str, Any]) -> Host:
        """The host on whose bridge a task is: the only one that does not reach it by way of another."""
        here = [agent.host for agent in self.agents if " via " not in self.route(agent.host, address(task))]
        assert len(here) == 1, f"{address(task)} is on {[host.address for host in here]}"
        return here[0]

    def route(self, host: Host, destination: str) -> str:
        done = host.run("ip", "route", "get", destination)
        return done.stdout + done.stderr

    def other(self, host: Host) -> Host:
        return next(agent.host for agent in self.agents if agent.host is not host)

    def explain(self) -> str:
        return "\n".join([self.cluster.explain(), *(agent.program.tail() for agent in self.agents)])

    def down(self) -> None:
        for agent in self.agents:
            agent.down()
        self.control_plane.down()


def instance_id(agent: Agent) -> str:
    """The id under which the agent's host is registered, from its own file."""
    known = json.loads((agent.data / "node/agent/node.json").read_text())
    return short(known["containerInstance"])
