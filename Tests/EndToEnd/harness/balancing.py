"""Load balancers, in words that tests use: make one, ask it, wait for its targets."""

import itertools
import json
from dataclasses import dataclass
from typing import Any

from .api import Client
from .berth import ControlPlane
from .cluster import Cluster
from .waiting import wait_for

numbers = itertools.count(1)
# The quickest checks there are, and targets that are gone soon.
QUICK = {"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2,
         "UnhealthyThresholdCount": 2}


@dataclass
class Balancer:
    """A load balancer of a control plane."""

    control_plane: ControlPlane
    elb: Client
    arn: str
    name: str

    @staticmethod
    def make(control_plane: ControlPlane, **more: Any) -> "Balancer":
        elb = control_plane.client("elbv2")
        settings = {"Name": f"lb-{next(numbers)}", "Subnets": ["subnet-1", "subnet-2"]} | more
        made = elb.create_load_balancer(**settings)["LoadBalancers"][0]
        return Balancer(control_plane, elb, made["LoadBalancerArn"], made["DNSName"])

    def group(self, port: int = 80, delay: int = 2, **more: Any) -> str:
        """A target group of addresses; returns its ARN."""
        settings = {"Name": f"tg-{next(numbers)}", "Protocol": "HTTP", "Port": port, "VpcId": "vpc-1",
                    "TargetType": "ip"} | QUICK | more
        arn: str = self.elb.create_target_group(**settings)["TargetGroups"][0]["TargetGroupArn"]
        self.elb.modify_target_group_attributes(
            TargetGroupArn=arn,
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": str(delay)}])
        return arn

    def listen(self, port: int, *groups: str, **more: Any) -> str:
        """A listener that forwards to the groups, the first having all weight; returns its ARN."""
        weights = [{"TargetGroupArn": arn, "Weight": int(arn == groups[0])} for arn in groups]
        settings = {"Protocol": "HTTP", "Port": port,
                    "DefaultActions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}]} | more
        return self.elb.create_listener(LoadBalancerArn=self.arn, **settings)["Listeners"][0]["ListenerArn"]

    def health(self, group: str) -> dict[str, str]:
        """The states of the group's targets, by their ids."""
        seen = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return {each["Target"]["Id"]: each["TargetHealth"]["State"] for each in seen}

    def wait_for_health(self, group: str, *states: str, deadline: float = 60) -> dict[str, str]:
        """Waits until the group's targets have exactly these states."""

        def reached() -> dict[str, str] | None:
            seen = self.health(group)
            return seen if sorted(seen.values()) == sorted(states) else None

        return wait_for(f"targets are {states}", reached, deadline, explain=lambda: self.explain(group))

    def ask(self, port: int, path: str = "/") -> str:
        """A page asked for by the load balancer's name, as a browser on the host does."""
        done = self.control_plane.host.run(
            "curl", "--silent", "--show-error", "--fail", "--max-time", "5", f"http://{self.name}:{port}{path}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def explain(self, group: str) -> str:
        seen = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        balancer = self.elb.describe_load_balancers(LoadBalancerArns=[self.arn])["LoadBalancers"]
        return f"{json.dumps(seen)}\n{json.dumps(balancer, default=str)}\n{self.control_plane.program.tail()}"

    def remove(self) -> None:
        groups = [each["TargetGroupArn"] for each in self.elb.describe_target_groups()["TargetGroups"]]
        self.elb.delete_load_balancer(LoadBalancerArn=self.arn)
        for arn in groups:
            self.elb.delete_target_group(TargetGroupArn=arn)


def behind(group: str, name: str = "web", port: int = 80) -> list[dict[str, Any]]:
    """What a service says of its load balancers."""
    return [{"targetGroupArn": group, "containerName": name, "containerPort": port}]


def answering(balancer: Balancer, port: int, cluster: Cluster, count: int, deadline: float = 30) -> set[str]:
    """Waits until so many different tasks answer; returns their pages' first lines."""
    seen: set[str] = set()

    def all_answer() -> bool:
        seen.add(balancer.ask(port).split("\n")[0])
        return len(seen) >= count

    wait_for(f"{count} tasks answer", all_answer, deadline, explain=cluster.explain)
    return seen
