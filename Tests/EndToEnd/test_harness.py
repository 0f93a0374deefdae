"""The harness itself: what it makes, sees and removes."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import images
from harness.certificates import make_certificates
from harness.host import Host
from harness.machine_state import machine_state
from harness.namespaces import Switch
from harness.processes import is_alive, namespace_of
from harness.registry import Registry
from harness.waiting import NotInTime, wait_for

LISTENER = "import http.server as h; h.HTTPServer(('', 80), h.SimpleHTTPRequestHandler).serve_forever()"


def test_a_host_has_no_way_out(host: Host) -> None:
    assert "default" not in host.run("ip", "route").stdout
    assert "unreachable" in host.run("ip", "route", "get", "192.0.2.1").stderr


def test_hosts_reach_each_other_until_the_cable_is_cut(make_host: Callable[[], Host]) -> None:
    one, two = make_host(), make_host()
    two.start(sys.executable, "-c", LISTENER, name="listener")
    url = f"http://{two.address}/"
    wait_for("the page comes", lambda: one.fetch(url), 10)
    two.cut()
    with pytest.raises(OSError):
        one.fetch(url, timeout=1)
    two.mend()
    wait_for("the page comes again", lambda: one.fetch(url), 10)


def test_the_thread_is_back_in_its_namespace_after_an_error(host: Host) -> None:
    before = os.stat("/proc/thread-self/ns/net").st_ino
    with pytest.raises(KeyError):
        with host.inside():
            assert os.stat("/proc/thread-self/ns/net").st_ino == host.namespace.inode
            raise KeyError
    assert os.stat("/proc/thread-self/ns/net").st_ino == before


def test_a_started_program_lives_inside_and_is_found(host: Host) -> None:
    program = host.start("sleep", "1000", name="sleeper")
    wait_for("it is inside", lambda: namespace_of(program.pid, "net") == host.namespace.inode, 5)
    assert program.pid in {each.pid for each in host.own_processes()}
    program.kill9()
    assert not is_alive(program.pid)


def test_closing_a_host_ends_and_reports_what_was_left(switch: Switch) -> None:
    host = Host(switch)
    program = host.start("bash", "-c", "sleep 1000 & sleep 1000 & wait", name="parent")
    wait_for("the children are there", lambda: len(host.own_processes()) == 3, 5)
    assert host.mount_namespace != namespace_of(os.getpid(), "mnt")
    program.kill9()
    left = host.close()
    assert len(left) == 2 and all("sleep 1000" in line for line in left)
    assert not host.directory.exists()


@pytest.mark.parametrize("change, undo, shown", [
    ("ip link add probe type bridge", "ip link del probe", "link: new"),
    ("ip route add 10.77.0.0/16 dev eth0", "ip route del 10.77.0.0/16", "route: new: 10.77.0.0/16"),
    ("iptables -A INPUT -s 10.1.1.1 -j DROP", "iptables -D INPUT -s 10.1.1.1 -j DROP", "10.1.1.1/32"),
    ("sysctl -qw net.ipv4.conf.lo.rp_filter=2", "sysctl -qw net.ipv4.conf.lo.rp_filter=0", "lo/rp_filter=2"),
    ("mkdir /sys/fs/cgroup/pids/berth-probe", "rmdir /sys/fs/cgroup/pids/berth-probe", "control group: new"),
    ("mkdir -p $DIRECTORY/m; mount -t tmpfs none $DIRECTORY/m", "umount $DIRECTORY/m", "mount: new"),
], ids=["link", "route", "rule", "setting", "control group", "mount"])
def test_a_change_of_the_machine_shows_until_it_is_undone(host: Host, change: str, undo: str, shown: str) -> None:
    host.shell("iptables -A INPUT -j DROP && iptables -D INPUT -j DROP")  # The first rule makes the table, which stays.
    before = machine_state(host)
    assert host.shell(change, DIRECTORY=str(host.directory)).returncode == 0
    assert shown in before.difference(machine_state(host))
    assert host.shell(undo, DIRECTORY=str(host.directory)).returncode == 0
    assert before.difference(machine_state(host)) == ""


def test_a_registry_serves_a_pushed_image(host: Host) -> None:
    registry = Registry(host)
    reference = registry.push(images.busybox_image(), "web", "1")
    assert reference == "127.0.0.1:5000/web:1"
    assert registry.ask("GET", "/v2/web/manifests/1").status == 200
    assert registry.ask("GET", "/v2/web/manifests/2").status == 404


def test_certificates_name_the_address(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, "10.200.0.9")
    assert made.certificate.read_text().startswith("-----BEGIN CERTIFICATE")
    assert made.key.exists() and made.authority.exists()


def test_waiting_says_what_was_seen_last() -> None:
    with pytest.raises(NotInTime, match="not within 0.1 s: rain\nlast seen: 0\nclouds"):
        wait_for("rain", lambda: 0, 0.1, explain=lambda: "clouds")
