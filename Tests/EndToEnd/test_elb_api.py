"""The API of Elastic Load Balancing, from boto3: every operation that is built, and the errors clients match on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.api import Client
from harness.berth import ControlPlane
from harness.certificates import make_certificates

SUBNETS = ["subnet-1", "subnet-2"]
NOT_FOUND: dict[str, Any] = {"Type": "fixed-response", "FixedResponseConfig": {
    "StatusCode": "404", "ContentType": "text/plain", "MessageBody": "none\n"}}


def forward(*groups: str) -> list[dict[str, Any]]:
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn} for arn in groups]}}]


def path(value: str) -> list[dict[str, Any]]:
    return [{"Field": "path-pattern", "Values": [value]}]


class Balancing:
    """What the tests make; all of it goes after each."""

    def __init__(self, elb: Client) -> None:
        self.elb = elb

    def balancer(self, name: str = "web", **more: Any) -> str:
        made = self.elb.create_load_balancer(Name=name, Subnets=SUBNETS, **more)
        return made["LoadBalancers"][0]["LoadBalancerArn"]

    def group(self, name: str, **more: Any) -> str:
        given = {"Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip"} | more
        return self.elb.create_target_group(Name=name, **given)["TargetGroups"][0]["TargetGroupArn"]

    def listener(self, balancer: str, actions: list[dict[str, Any]], port: int = 80, protocol: str = "HTTP", **more: Any) -> str:
        made = self.elb.create_listener(
            LoadBalancerArn=balancer, Protocol=protocol, Port=port, DefaultActions=actions, **more)
        return made["Listeners"][0]["ListenerArn"]

    def rule(self, listener: str, priority: int, conditions: list[dict[str, Any]], actions: list[dict[str, Any]]) -> str:
        made = self.elb.create_rule(ListenerArn=listener, Priority=priority, Conditions=conditions, Actions=actions)
        return made["Rules"][0]["RuleArn"]

    def refused(self, code: str, method: str, **request: Any) -> str:
        with pytest.raises(self.elb.exceptions.ClientError) as caught:
            getattr(self.elb, method)(**request)
        answer = caught.value.response
        assert answer["Error"]["Code"] == code, caught.value
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
        return answer["Error"]["Message"]

    def clear(self) -> None:
        for each in self.elb.describe_load_balancers()["LoadBalancers"]:
            self.elb.delete_load_balancer(LoadBalancerArn=each["LoadBalancerArn"])
        for each in self.elb.describe_target_groups()["TargetGroups"]:
            self.elb.delete_target_group(TargetGroupArn=each["TargetGroupArn"])


@pytest.fixture
def elb(server: ControlPlane) -> Iterator[Balancing]:
    balancing = Balancing(server.client("elbv2"))
    yield balancing
    balancing.clear()


def values(attributes: list[dict[str, str]]) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in attributes}


def test_load_balancers_are_made_shown_changed_and_deleted(elb: Balancing) -> None:
    made = elb.elb.create_load_balancer(
        Name="web", Subnets=SUBNETS, SecurityGroups=["sg-1"], Scheme="internal", Tags=[{"Key": "k", "Value": "v"}])
    shown = made["LoadBalancers"][0]
    arn = shown["LoadBalancerArn"]
    assert (shown["Type"], shown["Scheme"], shown["IpAddressType"]) == ("application", "internal", "ipv4")
    assert shown["State"]["Code"] in ("provisioning", "active")
    assert shown["DNSName"].startswith("internal-web-") and shown["DNSName"].endswith(".localhost")
    assert [zone["SubnetId"] for zone in shown["AvailabilityZones"]] == SUBNETS
    assert shown["SecurityGroups"] == ["sg-1"] and shown["CreatedTime"] and shown["CanonicalHostedZoneId"]
    again = elb.elb.create_load_balancer(
        Name="web", Subnets=SUBNETS, SecurityGroups=["sg-1"], Scheme="internal", Tags=[{"Key": "k", "Value": "v"}])
    assert again["LoadBalancers"][0]["LoadBalancerArn"] == arn
    assert "different settings" in elb.refused(
        "DuplicateLoadBalancerName", "create_load_balancer", Name="web", Subnets=SUBNETS)
    net = elb.balancer("net", Type="network")
    assert "/net/net/" in net
    pages = elb.elb.pages("describe_load_balancers", PaginationConfig={"PageSize": 1})
    assert [each["LoadBalancerName"] for page in pages for each in page["LoadBalancers"]] == ["net", "web"]
    assert len(elb.elb.describe_load_balancers(Names=["web"])["LoadBalancers"]) == 1
    assert len(elb.elb.describe_load_balancers(LoadBalancerArns=[net])["LoadBalancers"]) == 1
    assert elb.refused("LoadBalancerNotFound", "describe_load_balancers", Names=["none"]) == (
        "Load balancers '[none]' not found")
    elb.refused("ValidationError", "describe_load_balancers", Names=["web"], LoadBalancerArns=[net])

    assert elb.elb.set_security_groups(LoadBalancerArn=arn, SecurityGroups=["sg-2"])["SecurityGroupIds"] == ["sg-2"]
    zones = elb.elb.set_subnets(LoadBalancerArn=arn, Subnets=["subnet-2", "subnet-3"])["AvailabilityZones"]
    assert [zone["SubnetId"] for zone in zones] == ["subnet-2", "subnet-3"]
    assert elb.elb.set_ip_address_type(LoadBalancerArn=arn, IpAddressType="ipv4")["IpAddressType"] == "ipv4"
    elb.refused("UnsupportedFeature", "set_ip_address_type", LoadBalancerArn=arn, IpAddressType="dualstack")
    now = elb.elb.describe_load_balancers(Names=["web"])["LoadBalancers"][0]
    assert now["SecurityGroups"] == ["sg-2"] and len(now["AvailabilityZones"]) == 2
    assert elb.elb.describe_capacity_reservation(LoadBalancerArn=arn)["CapacityReservationState"] == []

    modified = elb.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
        {"Key": "deletion_protection.enabled", "Value": "true"}, {"Key": "idle_timeout.timeout_seconds", "Value": "30"}])
    attributes = values(elb.elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"])
    assert attributes == values(modified["Attributes"])
    assert attributes["idle_timeout.timeout_seconds"] == "30" and attributes["routing.http2.enabled"] == "true"
    elb.refused("OperationNotPermitted", "delete_load_balancer", LoadBalancerArn=arn)
    elb.refused("UnsupportedFeature", "modify_load_balancer_attributes", LoadBalancerArn=arn, Attributes=[
        {"Key": "connection_logs.s3.enabled", "Value": "true"}])
    elb.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
        {"Key": "deletion_protection.enabled", "Value": "false"}])
    elb.elb.delete_load_balancer(LoadBalancerArn=arn)
    elb.elb.delete_load_balancer(LoadBalancerArn=arn)
    elb.refused("LoadBalancerNotFound", "describe_load_balancers", LoadBalancerArns=[arn])


def test_listeners_and_their_attributes(elb: Balancing) -> None:
    arn, group = elb.balancer(), elb.group("blue")
    listener = elb.listener(arn, forward(group))
    shown = elb.elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]
    assert (shown["Port"], shown["Protocol"], shown["LoadBalancerArn"]) == (80, "HTTP", arn)
    action = shown["DefaultActions"][0]
    assert action["TargetGroupArn"] == group and action["ForwardConfig"]["TargetGroups"] == [
        {"TargetGroupArn": group, "Weight": 1}]
    assert elb.elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]["LoadBalancerArns"] == [arn]
    elb.refused("DuplicateListener", "create_listener", LoadBalancerArn=arn, Protocol="HTTP", Port=80,
                DefaultActions=[NOT_FOUND])
    elb.refused("ResourceInUse", "delete_target_group", TargetGroupArn=group)
    other = elb.listener(arn, [NOT_FOUND], port=8080)
    pages = elb.elb.pages("describe_listeners", LoadBalancerArn=arn, PaginationConfig={"PageSize": 1})
    assert {each["ListenerArn"] for page in pages for each in page["Listeners"]} == {listener, other}
    modified = elb.elb.modify_listener(ListenerArn=other, Port=8081, DefaultActions=[{
        "Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}])
    assert modified["Listeners"][0]["Port"] == 8081
    assert modified["Listeners"][0]["DefaultActions"][0]["RedirectConfig"] == {
        "Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}",
        "StatusCode": "HTTP_301"}
    server = "routing.http.response.server.enabled"
    elb.elb.modify_listener_attributes(ListenerArn=listener, Attributes=[{"Key": server, "Value": "true"}])
    elb.refused("UnsupportedFeature", "modify_listener_attributes", ListenerArn=listener, Attributes=[
        {"Key": server, "Value": "false"}])
    assert values(elb.elb.describe_listener_attributes(ListenerArn=listener)["Attributes"])[server] == "true"
    elb.refused("ValidationError", "create_listener", LoadBalancerArn=arn, Protocol="TCP", Port=81, DefaultActions=[NOT_FOUND])
    elb.refused("ValidationError", "create_listener", LoadBalancerArn=arn, Protocol="HTTPS", Port=443,
                DefaultActions=[NOT_FOUND])
    elb.refused("CertificateNotFound", "create_listener", LoadBalancerArn=arn, Protocol="HTTPS", Port=443,
                DefaultActions=[NOT_FOUND], Certificates=[{"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/x"}])
    elb.refused("UnsupportedFeature", "create_listener", LoadBalancerArn=arn, Protocol="HTTP", Port=81, DefaultActions=[
        {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {
            "Issuer": "i", "AuthorizationEndpoint": "a", "TokenEndpoint": "t", "UserInfoEndpoint": "u", "ClientId": "c"}},
        NOT_FOUND | {"Order": 2}])
    net = elb.balancer("net", Type="network")
    elb.refused("UnsupportedFeature", "create_listener", LoadBalancerArn=net, Protocol="UDP", Port=53,
                DefaultActions=forward(group))
    elb.refused("IncompatibleProtocols", "create_listener", LoadBalancerArn=net, Protocol="TCP", Port=80,
                DefaultActions=forward(group))
    tcp = elb.listener(net, forward(elb.group("tcp", Protocol="TCP")), protocol="TCP")
    assert values(elb.elb.describe_listener_attributes(ListenerArn=tcp)["Attributes"]) == {"tcp.idle_timeout.seconds": "350"}
    elb.elb.delete_listener(ListenerArn=other)
    elb.refused("ListenerNotFound", "describe_listeners", ListenerArns=[other])
    assert elb.elb.describe_listener_certificates(ListenerArn=listener)["Certificates"] == []
    for change in (elb.elb.add_listener_certificates, elb.elb.remove_listener_certificates):
        with pytest.raises(elb.elb.exceptions.ClientError, match="has no certificates"):
            change(ListenerArn=listener, Certificates=[{"CertificateArn": "arn"}])


def test_rules_of_every_kind_and_their_order(elb: Balancing) -> None:
    arn, group = elb.balancer(), elb.group("blue")
    listener = elb.listener(arn, forward(group))
    conditions = [
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Beta", "Values": ["yes"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2"}]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}]
    first = elb.rule(listener, 10, conditions, [NOT_FOUND])
    second = elb.rule(listener, 20, path("/a/*"), forward(group))
    shown = elb.elb.describe_rules(RuleArns=[first])["Rules"][0]
    assert shown["Priority"] == "10" and shown["IsDefault"] is False
    assert [each["Field"] for each in shown["Conditions"]] == [each["Field"] for each in conditions]
    assert shown["Conditions"][0]["Values"] == ["*.example.com"]
    assert shown["Actions"] == [NOT_FOUND]
    pages = elb.elb.pages("describe_rules", ListenerArn=listener, PaginationConfig={"PageSize": 1})
    rules = [each for page in pages for each in page["Rules"]]
    assert [each["Priority"] for each in rules] == ["10", "20", "default"] and rules[2]["IsDefault"]
    elb.refused("PriorityInUse", "create_rule", ListenerArn=listener, Priority=10, Conditions=path("/"), Actions=[NOT_FOUND])
    elb.refused("ValidationError", "create_rule", ListenerArn=listener, Priority=30, Actions=[NOT_FOUND], Conditions=[
        {"Field": "path-pattern", "PathPatternConfig": {"Values": [f"/{number}" for number in range(6)]}}])
    elb.refused("TargetGroupNotFound", "create_rule", ListenerArn=listener, Priority=30, Conditions=path("/"),
                Actions=forward(group.replace("blue", "none")))
    modified = elb.elb.modify_rule(RuleArn=second, Conditions=path("/b"))["Rules"][0]
    assert modified["Conditions"][0]["Values"] == ["/b"] and modified["Actions"][0]["TargetGroupArn"] == group
    changed = elb.elb.set_rule_priorities(RulePriorities=[
        {"RuleArn": first, "Priority": 20}, {"RuleArn": second, "Priority": 10}])["Rules"]
    assert {each["RuleArn"]: each["Priority"] for each in changed} == {first: "20", second: "10"}
    for method in ("delete_rule", "modify_rule"):
        elb.refused("OperationNotPermitted", method, RuleArn=rules[2]["RuleArn"])
    elb.elb.delete_rule(RuleArn=first)
    elb.refused("RuleNotFound", "delete_rule", RuleArn=first)
    elb.refused("RuleNotFound", "describe_rules", RuleArns=[first])


def test_target_groups_and_their_health_checks(elb: Balancing) -> None:
    group = elb.group("blue", HealthCheckPath="/up", Matcher={"HttpCode": "200-299"}, HealthCheckIntervalSeconds=10)
    shown = elb.elb.describe_target_groups(Names=["blue"])["TargetGroups"][0]
    assert shown | {
        "HealthCheckPath": "/up", "HealthCheckIntervalSeconds": 10, "HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2, "Matcher": {"HttpCode": "200-299"}, "HealthCheckPort": "traffic-port",
        "HealthCheckProtocol": "HTTP", "HealthCheckEnabled": True, "ProtocolVersion": "HTTP1", "IpAddressType": "ipv4",
        "TargetType": "ip", "LoadBalancerArns": []} == shown
    assert elb.group("blue", HealthCheckPath="/up", Matcher={"HttpCode": "200-299"}, HealthCheckIntervalSeconds=10) == group
    elb.refused("DuplicateTargetGroupName", "create_target_group", Name="blue", Protocol="HTTP", Port=81, VpcId="vpc-1")
    elb.group("green", Protocol="TCP")
    pages = elb.elb.pages("describe_target_groups", PaginationConfig={"PageSize": 1})
    assert [each["TargetGroupName"] for page in pages for each in page["TargetGroups"]] == ["blue", "green"]
    modified = elb.elb.modify_target_group(TargetGroupArn=group, HealthCheckPort="8080", UnhealthyThresholdCount=3)
    assert modified["TargetGroups"][0]["HealthCheckPort"] == "8080"
    assert "greater than the timeout" in elb.refused(
        "ValidationError", "modify_target_group", TargetGroupArn=group, HealthCheckIntervalSeconds=5)
    elb.elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[
        {"Key": "deregistration_delay.timeout_seconds", "Value": "5"}, {"Key": "stickiness.enabled", "Value": "true"}])
    attributes = values(elb.elb.describe_target_group_attributes(TargetGroupArn=group)["Attributes"])
    assert attributes["deregistration_delay.timeout_seconds"] == "5" and attributes["stickiness.type"] == "lb_cookie"
    elb.refused("ValidationError", "modify_target_group_attributes", TargetGroupArn=group, Attributes=[
        {"Key": "slow_start.duration_seconds", "Value": "10"}])
    for protocol in ("UDP", "TCP_UDP", "QUIC", "GENEVE"):
        elb.refused("UnsupportedFeature", "create_target_group", Name="x", Protocol=protocol, Port=53, VpcId="vpc-1")
    for kind in ("lambda", "alb"):
        elb.refused("UnsupportedFeature", "create_target_group", Name="x", TargetType=kind)
    elb.elb.delete_target_group(TargetGroupArn=group)
    elb.elb.delete_target_group(TargetGroupArn=group)
    elb.refused("TargetGroupNotFound", "describe_target_groups", TargetGroupArns=[group])


def test_targets_are_registered_shown_and_deregistered(elb: Balancing, server: ControlPlane) -> None:
    arn, group = elb.balancer(), elb.group("blue")

    def health() -> dict[tuple[str, int], tuple[str, str]]:
        shown = elb.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return {
            (each["Target"]["Id"], each["Target"]["Port"]): (each["TargetHealth"]["State"], each["TargetHealth"]["Reason"])
            for each in shown}

    elb.elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.1.0.1"}, {"Id": "10.1.0.1", "Port": 81}])
    unused = ("unused", "Target.NotInUse")
    assert health() == {("10.1.0.1", 80): unused, ("10.1.0.1", 81): unused}
    elb.elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": "10.1.0.1", "Port": 81}])
    assert health() == {("10.1.0.1", 80): unused}
    elb.listener(arn, forward(group))
    assert health()[("10.1.0.1", 80)][0] in ("initial", "unhealthy")
    server.program.kill9()
    server.restart()
    elb.elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": "10.1.0.1"}, {"Id": "10.1.0.9"}])
    assert health() == {("10.1.0.1", 80): ("draining", "Target.DeregistrationInProgress")}
    asked = elb.elb.describe_target_health(TargetGroupArn=group, Targets=[{"Id": "10.1.0.9"}], Include=["AnomalyDetection"])
    assert asked["TargetHealthDescriptions"][0]["TargetHealth"]["Reason"] == "Target.NotRegistered"
    elb.refused("ValidationError", "register_targets", TargetGroupArn=group, Targets=[{"Id": "i-1"}])
    hosts = elb.group("hosts", TargetType="instance")
    elb.refused("InvalidTarget", "register_targets", TargetGroupArn=hosts, Targets=[{"Id": "i-0123456789abcdef0"}])


def test_tags_policies_and_limits(elb: Balancing) -> None:
    arn, group = elb.balancer(), elb.group("blue")
    listener = elb.listener(arn, forward(group), Tags=[{"Key": "a", "Value": "b"}])
    rule = elb.rule(listener, 1, path("/"), [NOT_FOUND])
    everything = [arn, group, listener, rule]
    elb.elb.add_tags(ResourceArns=everything, Tags=[{"Key": "k", "Value": "v"}])
    elb.elb.remove_tags(ResourceArns=[listener], TagKeys=["a"])
    tags = elb.elb.describe_tags(ResourceArns=everything)["TagDescriptions"]
    assert [(each["ResourceArn"], each["Tags"]) for each in tags] == [
        (arn, [{"Key": "k", "Value": "v"}]) for arn in everything]
    elb.refused("DuplicateTagKeys", "add_tags", ResourceArns=[arn], Tags=[{"Key": "k", "Value": "v"}, {"Key": "k", "Value": "w"}])
    elb.refused("TooManyTags", "add_tags", ResourceArns=[arn], Tags=[{"Key": str(n), "Value": ""} for n in range(51)])
    elb.refused("TargetGroupNotFound", "describe_tags", ResourceArns=[group.replace("blue", "none")])
    policy = elb.elb.describe_ssl_policies(Names=["ELBSecurityPolicy-TLS13-1-2-2021-06"])["SslPolicies"][0]
    assert policy["SslProtocols"] == ["TLSv1.3", "TLSv1.2"] and policy["Ciphers"][0]["Priority"] == 1
    elb.refused("SSLPolicyNotFound", "describe_ssl_policies", Names=["none"])
    limits = elb.elb.describe_account_limits()["Limits"]
    assert {"Name": "rules-per-application-load-balancer", "Max": "100"} in limits
    assert "not built" in elb.refused("UnsupportedFeature", "describe_trust_stores")


def test_certificates_are_imported_and_serve_listeners(elb: Balancing, server: ControlPlane, tmp_path: Path) -> None:
    acm = server.client("acm")

    def parts(name: str) -> dict[str, Any]:
        made = make_certificates(tmp_path / name, name)
        return {"Certificate": made.certificate.read_bytes(), "PrivateKey": made.key.read_bytes(),
                "CertificateChain": made.authority.read_bytes()}

    for name in ("10.0.0.1", "10.0.0.2"):
        (tmp_path / name).mkdir()
    first = acm.import_certificate(**parts("10.0.0.1"), Tags=[{"Key": "k", "Value": "v"}])["CertificateArn"]
    second = acm.import_certificate(**parts("10.0.0.2"))["CertificateArn"]
    with pytest.raises(acm.exceptions.ClientError, match="does not match"):
        acm.import_certificate(Certificate=parts("10.0.0.1")["Certificate"], PrivateKey=parts("10.0.0.2")["PrivateKey"])
    assert acm.describe_certificate(CertificateArn=first)["Certificate"]["DomainName"] == "10.0.0.1"
    got = acm.get_certificate(CertificateArn=second)
    assert got["Certificate"].startswith("-----BEGIN CERTIFICATE-----") and "PRIVATE" not in str(got)
    keys = {"keyTypes": ["EC_prime256v1", "RSA_2048"]}
    pages = acm.pages("list_certificates", Includes=keys, PaginationConfig={"PageSize": 1})
    assert {each["CertificateArn"] for page in pages for each in page["CertificateSummaryList"]} == {first, second}
    acm.add_tags_to_certificate(CertificateArn=first, Tags=[{"Key": "l", "Value": "w"}])
    acm.remove_tags_from_certificate(CertificateArn=first, Tags=[{"Key": "k"}])
    assert acm.list_tags_for_certificate(CertificateArn=first)["Tags"] == [{"Key": "l", "Value": "w"}]

    arn = elb.balancer()
    listener = elb.listener(arn, [NOT_FOUND], port=443, protocol="HTTPS", Certificates=[{"CertificateArn": first}])
    shown = elb.elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]
    assert shown["SslPolicy"] == "ELBSecurityPolicy-2016-08" and shown["Certificates"] == [{"CertificateArn": first}]
    elb.elb.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": second}])
    pages = elb.elb.pages("describe_listener_certificates", ListenerArn=listener, PaginationConfig={"PageSize": 1})
    listed = {each["CertificateArn"]: each["IsDefault"] for page in pages for each in page["Certificates"]}
    assert listed == {first: True, second: False}
    with pytest.raises(acm.exceptions.ResourceInUseException):
        acm.delete_certificate(CertificateArn=second)
    elb.refused("OperationNotPermitted", "remove_listener_certificates", ListenerArn=listener,
                Certificates=[{"CertificateArn": first}])
    elb.elb.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": second}])
    elb.refused("SSLPolicyNotFound", "modify_listener", ListenerArn=listener, SslPolicy="none")
    back = elb.elb.modify_listener(ListenerArn=listener, Protocol="HTTP", Port=80)["Listeners"][0]
    assert "SslPolicy" not in back and not back.get("Certificates")
    for each in (first, second):
        acm.delete_certificate(CertificateArn=each)
    with pytest.raises(acm.exceptions.ResourceNotFoundException):
        acm.describe_certificate(CertificateArn=first)
