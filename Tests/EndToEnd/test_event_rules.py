"""EventBridge's rules: events and schedules that reach addresses and run tasks, over kills of the control plane."""

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.berth import ControlPlane
from harness.cluster import QUICK, Cluster, container
from harness.host import Host
from harness.waiting import wait_for

# Answers with what a file says, and writes each request it took for good as a line of JSON.
RECEIVER = """
import http.server, json, pathlib, sys
directory = pathlib.Path(sys.argv[1])
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        status = int((directory / "status").read_text())
        if status == 200:
            with (directory / "got").open("a") as got:
                got.write(json.dumps({"path": self.path, "headers": dict(self.headers), "body": body}) + "\\n")
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *arguments):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", 8099), Handler).serve_forever()
"""
PATTERN = {"source": ["aws.ecs"], "detail-type": ["ECS Task State Change"]}


# One element to a page.
SHORT = {"PageSize": 1}


def listed(pages: list[Any], member: str) -> list[Any]:
    """What all pages of a list hold."""
    return [each for page in pages for each in page[member]]


class Receiver:
    """An HTTP server on the host that takes events."""

    address = "http://127.0.0.1:8099"

    def __init__(self, host: Host) -> None:
        self.host = host
        self.directory = host.directory / "receiver"
        self.directory.mkdir()
        self.answer(200)
        (self.directory / "got").touch()
        self.launch()

    def launch(self) -> None:
        self.program = self.host.start(
            sys.executable, "-c", RECEIVER, str(self.directory), name=f"receiver-{len(self.host.programs)}")

    def answer(self, status: int) -> None:
        (self.directory / "status").write_text(str(status))

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.directory / "got").read_text().splitlines()]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(each["body"]) for each in self.requests]


def told(control_plane: ControlPlane, source: str = "aws.ecs") -> list[dict[str, Any]]:
    events = [json.loads(line) for line in control_plane.must("events").splitlines()]
    return [event for event in events if event["source"] == source]


def test_what_happens_to_tasks_reaches_an_address_over_kills(make_host: Callable[[], Host], archive: Path) -> None:
    host = make_host()
    control_plane = ControlPlane(host).ready()
    control_plane.must("image", "import", str(archive))
    receiver = Receiver(host)
    cluster = Cluster(control_plane, "rules")
    events = control_plane.client("events")
    events.put_rule(Name="tasks", EventPattern=json.dumps(PATTERN))
    events.put_targets(Rule="tasks", Targets=[{
        "Id": "all", "Arn": f"{receiver.address}/*/tasks", "HttpParameters": {
            "PathParameterValues": ["a b"], "HeaderParameters": {"X-Team": "blue"}, "QueryStringParameters": {"q": "1 2"}}}])
    events.put_rule(Name="mine", EventPattern=json.dumps({"source": ["mine"], "detail": {"size": [{"numeric": [">", 5]}]}}))
    events.put_targets(Rule="mine", Targets=[{"Id": "some", "Arn": receiver.address, "InputTransformer": {
        "InputPathsMap": {"size": "$.detail.size", "id": "$.id"}, "InputTemplate": '{"size": <size>, "id": <id>}'}}])

    arn = cluster.run(cluster.register(container(script=QUICK)))["taskArn"]
    wait_for("the first event arrives", lambda: receiver.events, 20, explain=control_plane.program.tail)
    first = receiver.requests[0]
    assert first["path"] == "/a%20b/tasks?q=1%202"
    assert first["headers"]["X-Team"] == "blue" and first["headers"]["Content-Type"].startswith("application/json")
    assert first["headers"]["X-Berth-Event-Id"] == json.loads(first["body"])["id"]

    cluster.wait_for_status(arn, "RUNNING")
    receiver.answer(503)
    control_plane.program.kill9()
    control_plane.restart()
    # Nobody listens while these happen, and the control plane dies after each of them was acknowledged.
    answer = events.put_events(Entries=[
        {"Source": "mine", "DetailType": "Sized", "Detail": json.dumps({"size": size})} for size in (3, 7)])
    assert answer["FailedEntryCount"] == 0
    control_plane.program.kill9()
    receiver.program.kill9()
    control_plane.restart()
    cluster.ecs.stop_task(cluster=cluster.name, task=arn)
    control_plane.program.kill9()
    control_plane.restart()
    cluster.wait_for_status(arn, "STOPPED")
    receiver.answer(200)
    receiver.launch()

    mine = {"size": 7, "id": answer["Entries"][1]["EventId"]}
    wait_for("what was put arrives", lambda: mine in receiver.events, 60, explain=control_plane.program.tail)
    assert [event["id"] for event in told(control_plane, "mine")] == [each["EventId"] for each in answer["Entries"]]
    wanted = {event["id"]: event for event in told(control_plane)}

    def all_arrived() -> bool:
        return {event["id"] for event in receiver.events if "detail" in event} == set(wanted)

    wait_for("every event of the task arrives", all_arrived, 60, explain=control_plane.program.tail)
    assert all(event == wanted[event["id"]] for event in receiver.events if "detail" in event)
    assert {event["detail"]["lastStatus"] for event in wanted.values()} >= {"PROVISIONING", "RUNNING", "STOPPED"}
    assert [event for event in receiver.events if event.get("size") == 3] == []
    receiver.answer(400)
    events.put_events(Entries=[{"Source": "mine", "DetailType": "Sized", "Detail": '{"size": 9}'}])
    wait_for(
        "what is refused for good is counted",
        lambda: re.search(r"^ +mine +ENABLED +1 +0 +1 ", control_plane.must("status"), re.M), 20,
        explain=lambda: control_plane.must("status"))
    events.remove_targets(Rule="mine", Ids=["some"])
    events.delete_rule(Name="mine")
    cluster.clear()
    control_plane.down()


def test_an_event_runs_a_task_with_what_it_says(cluster: Cluster) -> None:
    events = cluster.control_plane.client("events")
    definition = cluster.register(container(name="app", script=QUICK))
    arn = cluster.ecs.describe_clusters(clusters=[cluster.name])["clusters"][0]["clusterArn"]
    events.put_rule(Name="run.it", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="run.it", Targets=[{
        "Id": "task", "Arn": arn, "RoleArn": "arn:aws:iam::000000000000:role/events",
        "EcsParameters": {
            "TaskDefinitionArn": definition, "TaskCount": 2, "LaunchType": "FARGATE", "Group": "shop",
            "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["subnet-1"]}},
            "Tags": [{"Key": "team", "Value": "blue"}]},
        "InputTransformer": {
            "InputPathsMap": {"code": "$.detail.code"},
            "InputTemplate": '{"containerOverrides": [{"name": "app", "command": ["sh", "-c", "exit <code>"]}]}'}}])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "Sold", "Detail": '{"code": 7}'}])

    def ended() -> list[dict[str, Any]] | None:
        tasks = cluster.tasks(status="STOPPED")
        return tasks if len(tasks) == 2 and all(task["lastStatus"] == "STOPPED" for task in tasks) else None

    tasks = wait_for("both tasks end", ended, 60, explain=cluster.explain)
    assert [task["containers"][0]["exitCode"] for task in tasks] == [7, 7]
    assert {task["startedBy"] for task in tasks} == {"events-rule/run.it"}
    assert {task["group"] for task in tasks} == {"shop"}
    tagged = cluster.ecs.describe_tasks(cluster=cluster.name, tasks=[tasks[0]["taskArn"]], include=["TAGS"])
    assert tagged["tasks"][0]["tags"] == [{"key": "team", "value": "blue"}]
    events.remove_targets(Rule="run.it", Ids=["task"])
    events.delete_rule(Name="run.it")


def test_a_schedule_runs_its_task_once_a_time_over_kills(make_host: Callable[[], Host], archive: Path) -> None:
    host = make_host()
    control_plane = ControlPlane(host).ready()
    control_plane.must("image", "import", str(archive))
    cluster = Cluster(control_plane, "timed")
    events = control_plane.client("events")
    arn = cluster.ecs.describe_clusters(clusters=[cluster.name])["clusters"][0]["clusterArn"]
    parameters = {
        "TaskDefinitionArn": cluster.register(container(script="exit 0")), "LaunchType": "FARGATE",
        "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["subnet-1"]}}}
    events.put_rule(Name="every-minute", ScheduleExpression="rate(1 minute)")
    began = time.time()
    events.put_targets(Rule="every-minute", Targets=[{"Id": "task", "Arn": arn, "EcsParameters": parameters}])

    def tasks() -> list[dict[str, Any]]:
        return cluster.tasks(status="STOPPED") + cluster.tasks()

    # Killed around each time at which it is due: before it, and as soon as the task is there.
    for count in (1, 2):
        due = began + 60 * count
        wait_for("it is nearly due", lambda due=due: time.time() > due - 1, 70)
        assert len(tasks()) == count - 1
        control_plane.program.kill9()
        control_plane.restart()
        wait_for(
            f"task {count} runs", lambda count=count: len(tasks()) >= count, 30, every=0.05,
            explain=control_plane.program.tail)
        control_plane.program.kill9()
        control_plane.restart()
    events.disable_rule(Name="every-minute")
    wait_for("they end", lambda: len(cluster.tasks(status="STOPPED")) == len(tasks()), 40, explain=cluster.explain)
    made = sorted(task["createdAt"].timestamp() - began for task in tasks())
    assert len(made) == 2, made
    assert 59 < made[0] < 90 and 119 < made[1] < 150, made
    assert {task["startedBy"] for task in tasks()} == {"events-rule/every-minute"}
    cluster.clear()
    control_plane.down()


def test_rules_and_targets_are_kept_as_they_were_put(server: ControlPlane) -> None:
    events = server.client("events")
    bus = events.describe_event_bus()
    assert bus["Name"] == "default" and bus["Arn"].endswith(":event-bus/default")
    assert [each["Name"] for each in events.list_event_buses()["EventBuses"]] == ["default"]
    arn = events.put_rule(
        Name="a", ScheduleExpression="cron(0 20 ? * MON-FRI *)", State="DISABLED", Description="nightly",
        Tags=[{"Key": "k", "Value": "v"}])["RuleArn"]
    events.put_rule(Name="b", EventPattern='{"source": ["x"]}')
    events.put_rule(Name="c", EventPattern='{"source": ["x"]}', EventBusName=bus["Arn"])
    rule = events.describe_rule(Name="a")
    assert rule["Arn"] == arn and rule["State"] == "DISABLED" and rule["Description"] == "nightly"
    assert rule["ScheduleExpression"] == "cron(0 20 ? * MON-FRI *)" and "EventPattern" not in rule
    events.enable_rule(Name="a")
    assert events.describe_rule(Name="a")["State"] == "ENABLED"
    events.disable_rule(Name="a")
    assert [each["Name"] for each in listed(events.pages("list_rules", PaginationConfig=SHORT), "Rules")] == ["a", "b", "c"]
    assert [each["Name"] for each in events.list_rules(NamePrefix="b")["Rules"]] == ["b"]

    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "l", "Value": "w"}])
    events.untag_resource(ResourceARN=arn, TagKeys=["k"])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "l", "Value": "w"}]

    targets = [
        {"Id": "one", "Arn": "https://a.example/x", "InputPath": "$.detail", "RetryPolicy": {
            "MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60}},
        {"Id": "two", "Arn": "http://b.example", "Input": '{"a": 1}'}]
    assert events.put_targets(Rule="b", Targets=targets)["FailedEntryCount"] == 0
    found = listed(events.pages("list_targets_by_rule", Rule="b", PaginationConfig=SHORT), "Targets")
    assert found == targets
    names = events.pages("list_rule_names_by_target", TargetArn="http://b.example", PaginationConfig=SHORT)
    assert listed(names, "RuleNames") == ["b"]
    with pytest.raises(events.exceptions.ClientError) as caught:
        events.delete_rule(Name="b")
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert events.remove_targets(Rule="b", Ids=["one", "none"])["FailedEntries"][0]["TargetId"] == "none"
    events.remove_targets(Rule="b", Ids=["two"])
    for name in "abc":
        events.delete_rule(Name=name)
    events.delete_rule(Name="a")


def test_wrong_requests_are_refused_in_eventbridges_words(server: ControlPlane) -> None:
    events = server.client("events")

    def refused(code: str, method: str, **request: Any) -> str:
        with pytest.raises(events.exceptions.ClientError) as caught:
            getattr(events, method)(**request)
        assert caught.value.response["Error"]["Code"] == code, caught.value
        return caught.value.response["Error"]["Message"]

    assert refused("InvalidEventPatternException", "put_rule", Name="r", EventPattern='{"source": "x"}') == (
        'Event pattern is not valid. Reason: "source" must be an object or an array')
    for schedule in ("rate(1 minutes)", "cron(* * * * * *)"):
        assert "ScheduleExpression" in refused("ValidationException", "put_rule", Name="r", ScheduleExpression=schedule)
    refused("ValidationException", "put_rule", Name="r")
    refused("ResourceNotFoundException", "put_rule", Name="r", EventPattern="{}", EventBusName="other")
    refused("ResourceNotFoundException", "describe_rule", Name="none")
    events.put_rule(Name="r", EventPattern='{"source": ["x"]}')
    for arn in ("nothing", "arn:aws:sns:us-east-1:000000000000:topic", "arn:aws:ecs:us-east-1:000000000000:cluster/c"):
        refused("ValidationException", "put_targets", Rule="r", Targets=[{"Id": "t", "Arn": arn}])
    refused("LimitExceededException", "put_targets", Rule="r", Targets=[
        {"Id": str(number), "Arn": "http://a"} for number in range(6)])
    events.delete_rule(Name="r")
    answer = events.put_events(Entries=[
        {"Source": "a", "DetailType": "b", "Detail": "{}"}, {"Source": "a", "DetailType": "b", "Detail": "no"},
        {"Source": "aws.ecs", "DetailType": "b", "Detail": "{}"}, {"Source": "a", "Detail": "{}"}])
    assert [each.get("ErrorCode") for each in answer["Entries"]] == [
        None, "MalformedDetail", "NotAuthorizedForSourceException", "InvalidArgument"]
    assert answer["FailedEntryCount"] == 3 and answer["Entries"][0]["EventId"]


def test_patterns_are_tried(server: ControlPlane) -> None:
    events = server.client("events")
    event = {
        "id": "1", "account": "000000000000", "source": "aws.ecs", "time": "2026-01-01T00:00:00Z", "region": "us-east-1",
        "resources": [], "detail-type": "ECS Task State Change", "detail": {"lastStatus": "STOPPED"}}
    for status, matches in (("STOPPED", True), ("RUNNING", False)):
        pattern = json.dumps(PATTERN | {"detail": {"lastStatus": [status]}})
        assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"] is matches


def test_the_command_line_knows_rules(server: ControlPlane) -> None:
    aws = Path(__file__).parents[2] / ".venv" / "bin" / "aws"
    keys = server.keys

    def cli(*arguments: str) -> Any:
        done = server.host.run(
            str(aws), "events", *arguments, "--endpoint-url", keys.endpoint, "--region", keys.region, "--output", "json",
            AWS_ACCESS_KEY_ID=keys.access_key, AWS_SECRET_ACCESS_KEY=keys.secret_key)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    assert cli("put-rule", "--name", "nightly", "--schedule-expression", "rate(1 day)")["RuleArn"].endswith("rule/nightly")
    assert cli("put-targets", "--rule", "nightly", "--targets", "Id=t,Arn=http://a.example")["FailedEntryCount"] == 0
    assert [each["Name"] for each in cli("list-rules")["Rules"]] == ["nightly"]
    cli("remove-targets", "--rule", "nightly", "--ids", "t")
    assert cli("delete-rule", "--name", "nightly") is None
