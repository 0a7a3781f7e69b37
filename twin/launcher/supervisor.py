"""Keeps a set of service processes running: starts them, starts the dead again, stops all of them cleanly.

LauncherError
├── AlreadyRunningError (FileExistsError)   another launcher holds the folder
└── ServiceFailedError (RuntimeError)       a service cannot start at all
"""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from twin.contract.errors import ParkTwinError

_LOG = logging.getLogger(__name__)

STOP_GRACE_S = 10.0
"""How long a service may take to end after SIGTERM before it is killed."""
EXIT_USAGE = 2
"""Exit status of a service whose settings or park file are wrong: starting it again cannot help."""
_MAX_BACKOFF_S = 30.0
_MAX_LOG_BYTES = 16 << 20
_PR_SET_PDEATHSIG = 1


class LauncherError(ParkTwinError):
    """The services cannot be run as asked."""

    code = "launcher"


class AlreadyRunningError(LauncherError, FileExistsError):
    """Another launcher runs in this folder."""

    code = "launcher.already_running"


class ServiceFailedError(LauncherError, RuntimeError):
    """A service ended at start and would end again."""

    code = "launcher.service_failed"


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One service to run.

    Args:
        name: also the name of its folder and its log.
        module: run as ``python -m <module>``.
        environment: settings beside those of the launcher's own environment.
    """

    name: str
    module: str
    environment: Mapping[str, str]


@dataclass(slots=True)
class _Running:
    spec: ServiceSpec
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    due: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Owns the processes of one folder.

    Args:
        directory: where logs and the lock go; every service has a folder below it.
    """

    directory: Path
    _running: list[_Running] = field(default_factory=list)
    _lock: IO[str] | None = None

    def acquire(self) -> None:
        """Take the folder.

        Raises:
            AlreadyRunningError: another launcher has it.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        lock = (self.directory / "launcher.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise AlreadyRunningError(
                f"{self.directory}: another launcher runs here; stop it, or choose another folder with --dir"
            ) from error
        self._lock = lock

    def start(self, specs: Sequence[ServiceSpec]) -> None:
        """Start all services at once."""
        for spec in specs:
            self._running.append(_Running(spec, self._spawn(spec), monotonic()))

    def check(self) -> None:
        """Look at every process once; start again what has ended, later and later if it keeps ending.

        Raises:
            ServiceFailedError: a service ended saying that its settings are wrong.
        """
        now = monotonic()
        for service in self._running:
            status = service.process.poll()
            if status is None:
                if service.failures and now - service.started > _MAX_BACKOFF_S:
                    service.failures = 0
            elif service.due is None:
                self._schedule(service, status, now)
            elif now >= service.due:
                service.process, service.started, service.due = self._spawn(service.spec), now, None

    def stop(self) -> None:
        """End all services one after the other, the last started first, so that none sees the one it reads
        from go before it; kill what does not end within the grace, which is one for all.
        """
        deadline = monotonic() + STOP_GRACE_S
        for service in reversed(self._running):
            if service.process.poll() is None:
                service.process.send_signal(signal.SIGTERM)
            try:
                service.process.wait(max(0.1, deadline - monotonic()))
            except subprocess.TimeoutExpired:
                _LOG.warning("%s did not end within %.0f s; killed", service.spec.name, STOP_GRACE_S)
                service.process.kill()
                service.process.wait()
        self._running.clear()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def wait_until(self, condition_met: Sequence[Path], timeout_s: float) -> None:
        """Wait until every path exists, watching the services meanwhile.

        Raises:
            ServiceFailedError: a service failed, or the time ran out.
        """
        deadline = monotonic() + timeout_s
        while missing := [path for path in condition_met if not path.exists()]:
            self.check()
            if monotonic() > deadline:
                names = ", ".join(path.stem for path in missing)
                raise ServiceFailedError(
                    f"{names}: not ready within {timeout_s:.0f} s; see the logs in {self.directory / 'logs'}"
                )
            sleep(0.05)

    def log_path(self, name: str) -> Path:
        """Where the standard output and error of a service go."""
        return self.directory / "logs" / f"{name}.log"

    def _schedule(self, service: _Running, status: int, now: float) -> None:
        name = service.spec.name
        if status == EXIT_USAGE:
            raise ServiceFailedError(f"{name}: it refuses to start:\n{self._last_words(name)}")
        service.failures += 1
        wait = min(_MAX_BACKOFF_S, 0.5 * 2 ** (service.failures - 1))
        service.due = now + wait
        _LOG.warning("%s ended with status %d; starting it again in %.1f s", name, status, wait)

    def _last_words(self, name: str) -> str:
        lines = self.log_path(name).read_text(errors="replace").splitlines()
        return "\n".join(lines[-12:])

    def _spawn(self, spec: ServiceSpec) -> subprocess.Popen[bytes]:
        log = self.log_path(spec.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > _MAX_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as sink:
            # a session of its own: Ctrl-C reaches the launcher alone, which then ends the services in order
            return subprocess.Popen(
                [sys.executable, "-m", spec.module],
                env=os.environ | dict(spec.environment),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )


_LIBC = ctypes.CDLL(None, use_errno=True)


def _end_with_parent() -> None:
    """Ask the kernel to send SIGTERM when the launcher dies, however it dies, so that nothing is orphaned."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
