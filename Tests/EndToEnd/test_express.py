"""Express gateway services: one call, a real task that answers, an update, the end."""

from typing import Any

import pytest

from harness.cluster import IMAGE, SLEEP, WEB, Cluster, container
from harness.containers import container_pids
from harness.waiting import wait_for

ROLE = "arn:aws:iam::000000000000:role/ecs"


def primary(**more: Any) -> dict[str, Any]:
    return {"image": IMAGE, "command": ["sh", "-c", WEB]} | more


def test_a_service_is_made_answers_changes_and_goes(cluster: Cluster) -> None:
    ecs = cluster.ecs
    made = ecs.create_express_gateway_service(
        cluster=cluster.name, serviceName="shop", executionRoleArn=ROLE, infrastructureRoleArn=ROLE,
        primaryContainer=primary(), healthCheckPath="/", scalingTarget={"minTaskCount": 2, "maxTaskCount": 5})["service"]
    arn = made["serviceArn"]
    assert made["status"]["statusCode"] == "ACTIVE" and "no load balancer" in made["status"]["statusReason"]
    tasks = cluster.wait_for_running("shop", 2)
    pages = {cluster.wait_for_page(task) for task in tasks}
    assert len(pages) == 2
    assert any("no load balancer and no scaling" in text for text in cluster.events("shop"))
    assert ecs.list_services(cluster=cluster.name, resourceManagementType="ECS")["serviceArns"] == [arn]

    script = "mkdir -p /tmp/www && echo $GREETING > /tmp/www/index.html && exec httpd -f -p 8080 -h /tmp/www"
    target = ecs.update_express_gateway_service(
        serviceArn=arn, scalingTarget={"minTaskCount": 1},
        primaryContainer=primary(
            command=["sh", "-c", script], containerPort=8080, environment=[{"name": "GREETING", "value": "hello"}]),
    )["service"]["targetConfiguration"]
    assert target["primaryContainer"]["containerPort"] == 8080 and target["healthCheckPath"] == "/"

    def replaced() -> dict[str, Any] | None:
        tasks = cluster.tasks("shop")
        new = [task for task in tasks if task["taskDefinitionArn"].endswith(":2") and task["lastStatus"] == "RUNNING"]
        return new[0] if len(tasks) == len(new) == 1 else None

    task = wait_for("the new revision took over", replaced, 120, explain=cluster.explain)
    assert "hello" in wait_for("it answers", lambda: fetch(cluster, task, 8080), 15, explain=cluster.explain)
    shown = ecs.describe_express_gateway_service(serviceArn=arn)["service"]
    assert shown["infrastructureRoleArn"] == ROLE and shown["activeConfigurations"]

    gone = ecs.delete_express_gateway_service(serviceArn=arn)["service"]
    assert gone["status"]["statusCode"] == "DRAINING"
    wait_for(
        "it is INACTIVE", lambda: ecs.describe_express_gateway_service(
            serviceArn=arn)["service"]["status"]["statusCode"] == "INACTIVE", 60, explain=cluster.explain)
    wait_for("nothing of it runs", lambda: not container_pids(task), 30)
    with pytest.raises(ecs.exceptions.ServiceNotActiveException):
        ecs.update_express_gateway_service(serviceArn=arn, cpu="512")


def test_what_update_service_gave_it_is_there_after_the_next_change(cluster: Cluster) -> None:
    ecs = cluster.ecs
    arn = ecs.create_express_gateway_service(
        cluster=cluster.name, serviceName="given", executionRoleArn=ROLE, infrastructureRoleArn=ROLE,
        primaryContainer=primary())["service"]["serviceArn"]
    richer = cluster.register(
        container("Main", WEB, portMappings=[{"containerPort": 80}]), container("side", SLEEP))
    ecs.update_service(cluster=cluster.name, service="given", taskDefinition=richer)
    script = "mkdir -p /tmp/www && echo changed > /tmp/www/index.html && exec httpd -f -p 80 -h /tmp/www"
    ecs.update_express_gateway_service(serviceArn=arn, primaryContainer=primary(command=["sh", "-c", script]))

    def replaced() -> dict[str, Any] | None:
        running = cluster.running("given")
        return next((task for task in running if task["taskDefinitionArn"].endswith(f"{cluster.name}-given:2")), None)

    task = wait_for("a task of the changed definition runs", replaced, 60, explain=cluster.explain)
    assert {each["name"] for each in task["containers"]} == {"Main", "side"}
    assert container_pids(task, "Main") and container_pids(task, "side")
    assert "changed" in cluster.wait_for_page(task)


def fetch(cluster: Cluster, task: dict[str, Any], port: int) -> str:
    details = {each["name"]: each["value"] for each in task["attachments"][0]["details"]}
    return cluster.control_plane.host.fetch(f"http://{details['privateIPv4Address']}:{port}/")
