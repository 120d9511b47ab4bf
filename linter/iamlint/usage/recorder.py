"""Recording the AWS calls of a command: SDK client-side monitoring, heard on the loopback.

AWS SDKs and the aws CLI tell of each call by UDP if the environment asks them to (AWS SDKs and
Tools Reference, feature-sdk-metrics).  Heard are service, operation, region and error, no
resources: so a recording proves use, on resources that are not told, and no disuse.
"""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from functools import cache
from typing import Union

import msgspec

from iamlint import data
from iamlint.usage import event as events
from iamlint.usage.mapping import map_event
from iamlint.usage.profile import (
    ActionUse,
    Categories,
    Coverage,
    DeniedUse,
    PossibleUse,
    PrincipalUsage,
    UsageProfile,
)

SOURCE = "sdk-monitoring"
UNNAMED = "recorded"
"""Key of a recording whose principal was not told."""

_QUIET_SECONDS = 0.3
_LARGEST = 65_535


class _Message(msgspec.Struct):
    Type: str
    Service: str
    Api: str
    Timestamp: Union[int, None] = None
    Region: Union[str, None] = None
    FinalAwsException: Union[str, None] = None
    FinalAwsExceptionMessage: Union[str, None] = None


class _Table(msgspec.Struct):
    services: dict[str, str]


_decode = msgspec.json.Decoder(_Message).decode


class Recording(msgspec.Struct, frozen=True):
    """What a command did: its exit code, the profile of its calls, datagrams that were no calls."""

    exit_code: int
    profile: UsageProfile
    rejected: int = 0


class Listener:
    """Hears SDKs on a loopback port while it is entered; counts what they say."""

    def __init__(self) -> None:
        self.rejected = 0
        self.calls: dict[tuple[str, str, str, bool], list[str]] = {}
        """Days of the calls, by service id, operation, region and whether they were denied."""
        self._heard = time.monotonic()
        self._open = True

    def __enter__(self) -> Listener:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open = False
        self._thread.join()
        self._socket.close()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make an SDK tell of its calls."""
        return {
            "AWS_CSM_ENABLED": "true",
            "AWS_CSM_HOST": "127.0.0.1",
            "AWS_CSM_PORT": str(self._socket.getsockname()[1]),
            "AWS_CSM_CLIENT_ID": "iamlint",
        }

    def wait(self) -> None:
        """Return once nothing was heard for a moment."""
        while time.monotonic() - self._heard < _QUIET_SECONDS:
            time.sleep(0.05)

    def hear(self, datagram: bytes) -> None:
        """Count one datagram.  Attempts of a call are no calls of their own."""
        try:
            message = _decode(datagram)
        except events.DECODE_ERRORS:
            self.rejected += 1
            return
        if message.Type != "ApiCall":
            return
        refused = events.outcome(message.FinalAwsException, message.FinalAwsExceptionMessage)
        key = (message.Service, message.Api, message.Region or "", refused == "denied")
        at = (message.Timestamp or 0) / 1000 or time.time()
        try:
            day = datetime.fromtimestamp(at, timezone.utc).date().isoformat()
        except (OverflowError, OSError, ValueError):
            self.rejected += 1
            return
        self.calls.setdefault(key, []).append(day)

    def _listen(self) -> None:
        while self._open:
            try:
                datagram = self._socket.recv(_LARGEST)
            except TimeoutError:
                continue
            except OSError:
                return
            self._heard = time.monotonic()
            self.hear(datagram)


def record(
    command: Sequence[str], environment: Mapping[str, str], principal: str | None = None
) -> Recording:
    """Run a command with monitoring on and answer what it called.

    Its output goes where ours goes.  Raises OSError if it cannot be run.
    """
    with Listener() as listener:
        done = subprocess.run(command, env={**environment, **listener.environment}, check=False)
        listener.wait()
    return Recording(done.returncode, profile_of(listener, principal), listener.rejected)


def profile_of(listener: Listener, principal: str | None = None) -> UsageProfile:
    """The profile of what was heard, as positive evidence only."""
    usage = PrincipalUsage(kind="user" if principal and ":user/" in principal else "role")
    unmapped: dict[tuple[str, str], int] = {}
    days: list[str] = []
    for (service, operation, region, denied), when in sorted(listener.calls.items()):
        days += when
        prefix = _services().get(service)
        source = f"{prefix}.amazonaws.com" if prefix else service
        mapping = map_event(source, operation)
        if mapping.unmapped:
            key = (source, operation)
            unmapped[key] = unmapped.get(key, 0) + len(when)
            continue
        for name in mapping.required:
            if denied:
                known = usage.denied.setdefault(name, DeniedUse(n=0, last=""))
                known.n, known.last = known.n + len(when), max(known.last, *when)
                continue
            use = usage.actions.setdefault(
                name,
                ActionUse(n=0, first=when[0], last=when[0], resources_complete=False, src=[SOURCE]),
            )
            use.n += len(when)
            use.first, use.last = min(use.first, *when), max(use.last, *when)
            use.regions = sorted({*use.regions, *([region] if region else [])})
        if denied:
            continue
        told = (name for part in (mapping.when, mapping.may, mapping.unless) for name, _ in part)
        for name in (*mapping.optional, *told):
            extra = usage.possible.setdefault(name, PossibleUse(n=0, last=""))
            extra.n, extra.last = extra.n + len(when), max(extra.last, *when)
            extra.by = sorted({*extra.by, *(mapping.required or (f"{prefix}:{operation}",))})
    for name in usage.actions:
        usage.possible.pop(name, None)
    usage.unmapped = [(*key, count) for key, count in sorted(unmapped.items())]
    entry = Coverage(
        source=SOURCE,
        regions=sorted({region for _, _, region, _ in listener.calls if region}),
        since=min(days, default=""),
        until=max(days, default=""),
        categories=Categories(),
        events=len(days),
        rejected=listener.rejected,
        positive_only=True,
    )
    return UsageProfile(
        generated=entry.until, coverage=[entry], principals={principal or UNNAMED: usage}
    )


@cache
def _services() -> dict[str, str]:
    """Service id of the SDKs -> IAM prefix."""
    return msgspec.json.decode(data.read_bytes("sdk.json"), type=_Table).services
