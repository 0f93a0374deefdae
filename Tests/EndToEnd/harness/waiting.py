"""Waiting on conditions: never a bare sleep, always a deadline and a reason."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

Value = TypeVar("Value")


class NotInTime(AssertionError):
    """A condition did not hold before its deadline."""


def wait_for(
    what: str,
    condition: Callable[[], Value],
    deadline: float,
    every: float = 0.2,
    explain: Callable[[], str] | None = None,
) -> Value:
    """Calls `condition` until it returns something true, and returns that.

    An exception counts as "not yet". `deadline` and `every` are seconds.
    Raises NotInTime with what was seen last and, from `explain`, what the machine says.
    """
    end = time.monotonic() + deadline
    last: Any = None
    while True:
        try:
            last = condition()
            if last:
                return last
        except Exception as error:  # A server that is starting refuses connections, answers half, and so on.
            last = error
        if time.monotonic() >= end:
            break
        time.sleep(every)
    message = f"not within {deadline:g} s: {what}\nlast seen: {last!r}"
    if explain:
        try:
            message += "\n" + explain()
        except Exception as error:
            message += f"\n(no explanation: {error!r})"
    raise NotInTime(message)


def holds_for(what: str, condition: Callable[[], bool], duration: float, every: float = 0.2) -> None:
    """Checks that `condition` is true all the time for `duration` seconds."""
    end = time.monotonic() + duration
    while time.monotonic() < end:
        assert condition(), f"did not stay true: {what}"
        time.sleep(every)
