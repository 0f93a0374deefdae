"""Access logs of load balancers: off until asked for, then a line in AWS's form for each request, kept on this machine."""

import re
import shlex

import pytest

from harness.balancing import Balancer
from harness.berth import ControlPlane, binary
from harness.waiting import wait_for

ON = [{"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": "logs"},
      {"Key": "access_logs.s3.prefix", "Value": "shop"}]
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


def fields(line: str) -> list[str]:
    return shlex.split(line)


def test_requests_are_written_down(server: ControlPlane) -> None:
    balancer = Balancer.make(server)
    name = balancer.arn.split("/")[2]
    group = balancer.group()
    listener = balancer.listen(8070, group)
    page = server.host.start("busybox", "httpd", "-f", "-p", f"{server.host.address}:8071", "-h", "/etc", name="page")
    try:
        balancer.elb.register_targets(TargetGroupArn=group, Targets=[{"Id": server.host.address, "Port": 8071}])
        rule = balancer.elb.create_rule(
            ListenerArn=listener, Priority=7, Conditions=[{"Field": "path-pattern", "Values": ["/old*"]}],
            Actions=[{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Path": "/new"}}])["Rules"][0]
        with pytest.raises(balancer.elb.exceptions.InvalidConfigurationRequestException) as refused:
            balancer.elb.modify_load_balancer_attributes(LoadBalancerArn=balancer.arn, Attributes=ON[:1])
        assert "access_logs.s3.bucket" in str(refused.value)
        host = server.host

        def ask(path: str, *more: str) -> str:
            done = host.run(
                "curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", *more,
                f"http://{balancer.name}:8070{path}")
            return done.stdout

        wait_for("the page is served", lambda: ask("/hostname") in ("200", "404"), 20)
        assert server.tool("logs", "--load-balancer", name).returncode == 1
        balancer.elb.modify_load_balancer_attributes(LoadBalancerArn=balancer.arn, Attributes=ON)
        # A listener that logs is another than the one that did not: HAProxy is loaded anew.

        def lines() -> list[str]:
            done = server.tool("logs", "--load-balancer", name)
            return done.stdout.splitlines() if done.returncode == 0 else []

        wait_for("lines come", lambda: ask("/first") and lines(), 20)
        follower = host.start(
            binary(), "logs", "--load-balancer", name, "--follow", "--data-dir", str(server.data), name="follow")
        assert ask("/passwd?a=%22b", "--user-agent", 'who "am" i') == "200"
        assert ask("/old/page") == "301"
        wait_for("both are written", lambda: len([each for each in lines() if "/old/page" in each]) == 1, 10)
        (forwarded,) = (fields(each) for each in lines() if "/passwd" in each)
        (redirected,) = (fields(each) for each in lines() if "/old/page" in each)
        assert len(forwarded) == len(redirected) == 30
        assert forwarded[0] == "http" and re.fullmatch(TIME, forwarded[1]) and re.fullmatch(TIME, forwarded[21])
        assert forwarded[2] == balancer.arn.partition("loadbalancer/")[2]
        assert forwarded[3].startswith("127.0.0.1:") and forwarded[4] == f"{host.address}:8071"
        assert all(re.fullmatch(r"\d+\.\d{3}", each) for each in forwarded[5:8])
        assert forwarded[8:10] == ["200", "200"] and int(forwarded[10]) > 50 and int(forwarded[11]) > 100
        assert forwarded[12] == f"GET http://{balancer.name}:8070/passwd?a=%22b HTTP/1.1"
        assert forwarded[13] == r'who \x22am\x22 i' and forwarded[14:16] == ["-", "-"]
        assert forwarded[16] == group and re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", forwarded[17])
        assert forwarded[18:21] == ["-", "-", "0"] and forwarded[22:25] == ["forward", "-", "-"]
        assert forwarded[25:27] == [f"{host.address}:8071", "200"]
        assert redirected[4] == "-" and redirected[8:10] == ["301", "-"] and redirected[16] == "-"
        assert redirected[20] == "7" and redirected[22:24] == ["redirect", f"http://{balancer.name}:8070/new"]
        wait_for("the follower shows it", lambda: "/old/page" in follower.stdout, 10)
        balancer.elb.delete_rule(RuleArn=rule["RuleArn"])
        balancer.elb.modify_load_balancer_attributes(
            LoadBalancerArn=balancer.arn, Attributes=[{"Key": "access_logs.s3.enabled", "Value": "false"}])
        asked: list[str] = []

        def is_off() -> bool:
            """Whether none of the newest requests is written, of which the first was long enough ago to be."""
            asked.append(f"/unseen-{len(asked)}.")
            assert ask(asked[-1]) == "404"
            text = "\n".join(lines())
            return len(asked) > 8 and not any(path in text for path in asked[-8:])

        wait_for("it is off", is_off, 20)
    finally:
        page.close()
        balancer.remove()
    wait_for("its log goes with it", lambda: server.tool("logs", "--load-balancer", name).returncode == 1, 20)
    wait_for("the follower ends", lambda: follower.exit_code == 0, 20)
