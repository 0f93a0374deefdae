"""What a program may leave behind on a machine, as text lines that can be compared."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from .host import Host
from .processes import namespace_of, process


@dataclass(frozen=True)
class MachineState:
    """Named sets of lines; two states of an untouched machine are equal."""

    sections: dict[str, frozenset[str]]

    def difference(self, later: "MachineState") -> str:
        """What came and what went, one line each; empty when nothing did."""
        lines = []
        for name, before in self.sections.items():
            after = later.sections.get(name, frozenset())
            lines += [f"{name}: gone: {line}" for line in sorted(before - after)]
            lines += [f"{name}: new: {line}" for line in sorted(after - before)]
        return "\n".join(lines)


def machine_state(host: Host) -> MachineState:
    """The state of the host's namespace, and of what it shares with the machine as far as it is Berth's."""
    return MachineState({
        "link": lines(host, "ip", "-o", "link"),
        "address": lines(host, "ip", "-o", "address"),
        "route": lines(host, "ip", "route", "show", "table", "all"),
        "route6": lines(host, "ip", "-6", "route", "show", "table", "all"),
        "rule": lines(host, "ip", "rule"),
        "iptables": saved(host, "iptables-save"),
        "ip6tables": saved(host, "ip6tables-save"),
        "setting": settings(host),
        "mount": frozenset(host.mounts()),
        "run directory": frozenset(run_directory(host)),
        "control group": control_groups(host),
        "process": frozenset(f"{each.pid} {each.command}" for each in host.own_processes()),
    })


def lines(host: Host, *command: str) -> frozenset[str]:
    # Ages of addresses and of routes count down by themselves.
    text = re.sub(r"(valid_lft|preferred_lft|expires) \S+", "", host.run(*command).stdout)
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


def saved(host: Host, command: str) -> frozenset[str]:
    table, found = "", set()
    for line in host.run(command).stdout.splitlines():
        line = re.sub(r"\[\d+:\d+\]", "", line).strip()
        if line.startswith("*"):
            table = line[1:]
        if line and not line.startswith("#") and line != "COMMIT":
            found.add(f"{table}: {line}")
    return frozenset(found)


def settings(host: Host) -> frozenset[str]:
    """Kernel settings of the network that forwarding, bridges and published ports touch."""
    found = set()
    with host.inside():
        paths = [Path("/proc/sys/net/ipv4/ip_forward")]
        for family in ("ipv4", "ipv6"):
            paths += Path(f"/proc/sys/net/{family}/conf").glob("*/*")
        paths += Path("/proc/sys/net/bridge").glob("*")
        for path in paths:
            try:
                found.add(f"{path}={path.read_text().strip()}")
            except OSError:
                continue  # Some may only be written.
    return frozenset(found)


def run_directory(host: Host) -> list[str]:
    """What is below `/run`, other than locks."""
    top = host.path("/run")
    found = (f"{directory}/{name}" for directory, *names in os.walk(top) for name in sum(names, []))
    return [path.removeprefix(str(top)) for path in found if not path.endswith(".lock")]


def control_groups(host: Host) -> frozenset[str]:
    """Berth's groups of the machine, but those in which processes of other installations live."""
    found = set()
    for top in Path("/sys/fs/cgroup").glob("*/*berth*"):
        groups = [Path(directory) for directory, _, _ in os.walk(top)]
        if not any(is_elsewhere(pid, host) for group in groups for pid in members(group)):
            found |= {str(group) for group in groups}
    return frozenset(found)


def members(group: Path) -> list[int]:
    try:
        return [int(pid) for pid in (group / "cgroup.procs").read_text().split()]
    except OSError:  # Removed meanwhile.
        return []


def is_elsewhere(pid: int, host: Host) -> bool:
    """Whether a process runs, outside any container, on another machine than this host."""
    mount = namespace_of(pid, "mnt")
    return "containerd" in (found.command if (found := process(pid)) else "") and mount != host.mount_namespace
