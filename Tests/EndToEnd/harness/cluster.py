"""One cluster, in words that tests use: register, run, serve, wait, explain."""

import itertools
import json
import re
from typing import Any

from .api import Client
from .berth import ControlPlane
from .waiting import wait_for

IMAGE = "docker.io/library/berth-test:1"

# A page that tells which container answered: its host name and its own address.
WEB = (
    "mkdir -p /tmp/www && hostname > /tmp/www/index.html"
    " && ip -4 -o addr show scope global | awk '{print $4}' >> /tmp/www/index.html"
    " && exec httpd -f -p ${PORT:-80} -h /tmp/www"
)
SLEEP = "exec sleep 100000"
# Ends at once when it is asked to.
QUICK = "trap 'exit 0' TERM; sleep 100000 & wait"
# Of Auto Scaling groups, without the name: providers are made of one, and there is none.
GROUP = "arn:aws:autoscaling:us-east-1:000000000000:autoScalingGroup:u:autoScalingGroupName/"
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "DISABLED"}}
numbers = itertools.count(1)


def container(name: str = "web", script: str = WEB, **more: Any) -> dict[str, Any]:
    """A container definition that runs a shell script in the test image."""
    # The first process of a container ignores SIGTERM unless it says otherwise: a short time until SIGKILL.
    plain = {"name": name, "image": IMAGE, "essential": True, "stopTimeout": 2, "command": ["sh", "-c", script]}
    return plain | more


def short(arn: str) -> str:
    return arn.rpartition("/")[2]


def address(task: dict[str, Any]) -> str:
    """The awsvpc address of a described task."""
    for attachment in task["attachments"]:
        for detail in attachment["details"]:
            if detail["name"] == "privateIPv4Address":
                return detail["value"]
    raise AssertionError(f"no address in {task['attachments']}")


class Cluster:
    """A cluster of a control plane, with what tests do to it."""

    def __init__(self, control_plane: ControlPlane, name: str, **settings: Any) -> None:
        """`settings` are CreateCluster's."""
        self.control_plane = control_plane
        self.ecs: Client = control_plane.client("ecs")
        self.name = name
        self.ecs.create_cluster(clusterName=name, **settings)

    def register(self, *containers: dict[str, Any], family: str | None = None, **more: Any) -> str:
        """Registers a FARGATE definition of the smallest size unless told otherwise; returns its ARN."""
        settings: dict[str, Any] = {
            "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        } | more
        settings = {name: value for name, value in settings.items() if value is not None}
        answer = self.ecs.register_task_definition(
            family=family or f"family-{next(numbers)}", containerDefinitions=list(containers), **settings)
        return answer["taskDefinition"]["taskDefinitionArn"]

    def run(self, definition: str, **more: Any) -> dict[str, Any]:
        """Runs one task and returns it; a failure fails the test."""
        settings = {"launchType": "FARGATE", "networkConfiguration": NETWORK} | more
        settings = {name: value for name, value in settings.items() if value is not None}
        answer = self.ecs.run_task(cluster=self.name, taskDefinition=definition, **settings)
        assert answer["failures"] == [], answer["failures"]
        return answer["tasks"][0]

    def serve(self, definition: str, count: int, **more: Any) -> str:
        """Creates a service and returns its name."""
        settings = {"launchType": "FARGATE", "networkConfiguration": NETWORK} | more
        settings = {name: value for name, value in settings.items() if value is not None}
        name = f"service-{next(numbers)}"
        self.ecs.create_service(
            cluster=self.name, serviceName=name, taskDefinition=definition, desiredCount=count, **settings)
        return name

    def task(self, arn: str) -> dict[str, Any]:
        answer = self.ecs.describe_tasks(cluster=self.name, tasks=[arn])
        assert answer["failures"] == [], answer["failures"]
        return answer["tasks"][0]

    def tasks(self, service: str | None = None, status: str = "RUNNING") -> list[dict[str, Any]]:
        """The described tasks whose *desired* status is `status`."""
        filters = {"serviceName": service} if service else {}
        arns = self.ecs.list_tasks(cluster=self.name, desiredStatus=status, **filters)["taskArns"]
        return self.ecs.describe_tasks(cluster=self.name, tasks=arns)["tasks"] if arns else []

    def running(self, service: str) -> list[dict[str, Any]]:
        return [task for task in self.tasks(service) if task["lastStatus"] == "RUNNING"]

    def service(self, name: str) -> dict[str, Any]:
        return self.ecs.describe_services(cluster=self.name, services=[name])["services"][0]

    def events(self, service: str) -> list[str]:
        """The service's event texts, oldest first."""
        return [event["message"] for event in reversed(self.service(service)["events"])]

    def wait_for_status(self, arn: str, status: str, deadline: float = 40) -> dict[str, Any]:
        def reached() -> dict[str, Any] | None:
            task = self.task(arn)
            ended = task["lastStatus"] == "STOPPED"
            return task if task["lastStatus"] == status or (ended and status != "STOPPED") else None

        task = wait_for(f"task {short(arn)} is {status}", reached, deadline, explain=self.explain)
        assert task["lastStatus"] == status, f"{explain_task(task)}\n{self.explain()}"
        return task

    def wait_for_running(self, service: str, count: int, deadline: float = 60) -> list[dict[str, Any]]:
        """Waits until exactly `count` tasks of the service run and none else is wanted."""

        def all_run() -> list[dict[str, Any]] | None:
            tasks = self.tasks(service)
            ready = [task for task in tasks if task["lastStatus"] == "RUNNING"]
            return ready if len(ready) == count == len(tasks) else None

        return wait_for(f"{count} tasks of {service} run", all_run, deadline, explain=self.explain)

    def wait_for_event(self, service: str, pattern: str, deadline: float = 60) -> str:
        def seen() -> str | None:
            return next((text for text in self.events(service) if re.search(pattern, text)), None)

        return wait_for(f"{service} says /{pattern}/", seen, deadline, explain=self.explain)

    def fetch(self, task: dict[str, Any], path: str = "/") -> str:
        """A page of an awsvpc task, asked for from the control plane's host."""
        return self.control_plane.host.fetch(f"http://{address(task)}{path}")

    def wait_for_page(self, task: dict[str, Any], deadline: float = 15) -> str:
        return wait_for(
            f"task {short(task['taskArn'])} answers", lambda: self.fetch(task), deadline, explain=self.explain)

    def explain(self) -> str:
        """What the API and the program's output say, for a test that failed."""
        parts = []
        for status in ("RUNNING", "STOPPED"):
            parts += [explain_task(task) for task in self.tasks(status=status)]
        for arn in self.ecs.list_services(cluster=self.name)["serviceArns"]:
            service = self.service(arn)
            parts.append(f"service {service['serviceName']}: {json.dumps(service['deployments'], default=str)}")
            parts += [f"    {event['message']}" for event in service["events"][:10]]
        parts.append(self.control_plane.program.tail())
        return "\n".join(parts)

    def clear(self) -> None:
        """Ends every service and task, and the cluster; waits until the tasks are gone."""
        for arn in self.ecs.list_services(cluster=self.name)["serviceArns"]:
            self.ecs.delete_service(cluster=self.name, service=arn, force=True)
        for task in self.tasks():
            self.ecs.stop_task(cluster=self.name, task=task["taskArn"])

        def empty() -> bool:
            counts = self.ecs.describe_clusters(clusters=[self.name])["clusters"][0]
            return counts["runningTasksCount"] + counts["pendingTasksCount"] == 0 and all(
                task["lastStatus"] == "STOPPED" for task in self.tasks(status="STOPPED"))

        wait_for("the cluster's tasks are gone", empty, 60, explain=self.explain)


def explain_task(task: dict[str, Any]) -> str:
    containers = ", ".join(
        f"{each['name']} {each['lastStatus']} exit {each.get('exitCode')} {each.get('reason', '')}"
        for each in task["containers"])
    return (
        f"task {short(task['taskArn'])}: {task['lastStatus']} (wanted {task['desiredStatus']}), "
        f"{task.get('stopCode')}: {task.get('stoppedReason')}; {containers}")
