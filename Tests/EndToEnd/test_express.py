"""Express gateway services: one call, a real task that answers, an update, the end."""

from typing import Any

import pytest

from harness.cluster import IMAGE, SLEEP, WEB, Cluster, container
from harness.containers import container_pids
from harness.waiting import wait_for

ROLE = "arn:aws:iam::000000000000:role/ecs"


def primary(**more: Any) -> dict[str, Any]:
    return {"image": IMAGE, "command": ["sh", "-c", WEB]} | more


def create(cluster: Cluster, name: str, **more: Any) -> dict[str, Any]:
    """An Express service whose tasks stop without the usual five minutes for what is under way."""
    settings = {"primaryContainer": primary(), "healthCheckPath": "/"} | more
    made: dict[str, Any] = cluster.ecs.create_express_gateway_service(
        cluster=cluster.name, serviceName=name, executionRoleArn=ROLE, infrastructureRoleArn=ROLE, **settings)["service"]
    (port,) = cluster.service(name)["loadBalancers"]
    cluster.control_plane.client("elbv2").modify_target_group_attributes(
        TargetGroupArn=port["targetGroupArn"],
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "2"}])
    return made


def test_a_service_is_made_answers_changes_and_goes(cluster: Cluster) -> None:
    ecs = cluster.ecs
    made = create(cluster, "shop", scalingTarget={"minTaskCount": 2, "maxTaskCount": 5})
    arn = made["serviceArn"]
    assert made["status"] == {"statusCode": "ACTIVE"}
    endpoint = entry(made["activeConfigurations"][0])
    tasks = cluster.wait_for_running("shop", 2)
    pages = {cluster.wait_for_page(task) for task in tasks}
    assert len(pages) == 2
    seen: set[str] = set()
    wait_for("both tasks answer at the endpoint", lambda: seen.add(ask(cluster, endpoint)) or seen >= pages, 90,
             explain=cluster.explain)
    scaling = cluster.control_plane.client("application-autoscaling")
    resource = f"service/{cluster.name}/shop"
    (bounds,) = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[resource])["ScalableTargets"]
    assert (bounds["MinCapacity"], bounds["MaxCapacity"]) == (2, 5)
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=resource)["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 60 and len(policy["Alarms"]) == 2
    (group,) = (each["targetGroupArn"] for each in cluster.service("shop")["loadBalancers"])
    elb = cluster.control_plane.client("elbv2")
    assert ecs.list_services(cluster=cluster.name, resourceManagementType="ECS")["serviceArns"] == [arn]

    script = "mkdir -p /tmp/www && echo $GREETING > /tmp/www/index.html && exec httpd -f -p 8080 -h /tmp/www"
    target = ecs.update_express_gateway_service(
        serviceArn=arn, scalingTarget={"minTaskCount": 1, "maxTaskCount": 1}, healthCheckPath="/index.html",
        primaryContainer=primary(
            command=["sh", "-c", script], containerPort=8080, environment=[{"name": "GREETING", "value": "hello"}]),
    )["service"]["targetConfiguration"]
    assert target["primaryContainer"]["containerPort"] == 8080 and target["healthCheckPath"] == "/index.html"
    assert entry(target) == endpoint
    shape = elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]
    assert (shape["HealthCheckPath"], shape["TargetType"], shape["Protocol"]) == ("/index.html", "ip", "HTTP")

    def replaced() -> dict[str, Any] | None:
        tasks = cluster.tasks("shop")
        new = [task for task in tasks if task["taskDefinitionArn"].endswith(":2") and task["lastStatus"] == "RUNNING"]
        return new[0] if len(tasks) == len(new) == 1 else None

    task = wait_for("the new revision took over", replaced, 120, explain=cluster.explain)
    assert "hello" in wait_for("it answers", lambda: fetch(cluster, task, 8080), 15, explain=cluster.explain)
    wait_for("the endpoint leads to it", lambda: "hello" in ask(cluster, endpoint), 30, explain=cluster.explain)
    shown = ecs.describe_express_gateway_service(serviceArn=arn)["service"]
    assert shown["infrastructureRoleArn"] == ROLE and shown["activeConfigurations"]

    gone = ecs.delete_express_gateway_service(serviceArn=arn)["service"]
    assert gone["status"]["statusCode"] == "DRAINING"
    wait_for(
        "it is INACTIVE", lambda: ecs.describe_express_gateway_service(
            serviceArn=arn)["service"]["status"]["statusCode"] == "INACTIVE", 60, explain=cluster.explain)
    wait_for("nothing of it runs", lambda: not container_pids(task), 30)
    with pytest.raises(elb.exceptions.TargetGroupNotFoundException):
        elb.describe_target_groups(TargetGroupArns=[group])
    assert not shape["LoadBalancerArns"][0] in balancers(cluster)
    with pytest.raises(ecs.exceptions.ServiceNotActiveException):
        ecs.update_express_gateway_service(serviceArn=arn, cpu="512")


def test_services_share_a_load_balancer_which_goes_with_the_last(cluster: Cluster) -> None:
    ecs = cluster.ecs
    endpoints = {}
    for name in ("one", "two"):
        script = f"mkdir -p /tmp/www && echo {name} > /tmp/www/index.html && exec httpd -f -p 80 -h /tmp/www"
        made = create(cluster, name, primaryContainer=primary(command=["sh", "-c", script]))
        endpoints[name] = (made["serviceArn"], entry(made["activeConfigurations"][0]))
    (balancer,) = balancers(cluster)
    for name, (_, endpoint) in endpoints.items():
        wait_for(f"{name} answers", lambda e=endpoint, n=name: ask(cluster, e).strip() == n, 90, explain=cluster.explain)
    for name, left in (("one", [balancer]), ("two", [])):
        ecs.delete_express_gateway_service(serviceArn=endpoints[name][0])
        wait_for(
            f"{name} is INACTIVE", lambda n=name: cluster.service(n)["status"] == "INACTIVE", 60,
            explain=cluster.explain)
        assert balancers(cluster) == left
    assert cluster.control_plane.client("elbv2").describe_target_groups()["TargetGroups"] == []


def test_what_update_service_gave_it_is_there_after_the_next_change(cluster: Cluster) -> None:
    ecs = cluster.ecs
    arn = create(cluster, "given")["serviceArn"]
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


def entry(configuration: dict[str, Any]) -> str:
    """The one endpoint of a configuration, which is public."""
    (path,) = configuration["ingressPaths"]
    assert path["accessType"] == "PUBLIC"
    endpoint: str = path["endpoint"]
    return endpoint


def ask(cluster: Cluster, endpoint: str) -> str:
    """What people get there; nothing while nobody answers."""
    return cluster.control_plane.host.run("curl", "--silent", "--fail", "--max-time", "5", endpoint).stdout


def balancers(cluster: Cluster) -> list[str]:
    """The load balancers that Express services share."""
    shown = cluster.control_plane.client("elbv2").describe_load_balancers()["LoadBalancers"]
    return [each["LoadBalancerArn"] for each in shown if each["LoadBalancerName"].startswith("ecs-express-gateway")]
