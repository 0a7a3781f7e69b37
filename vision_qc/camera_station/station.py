"""One camera station: a thread that takes pictures, a thread that has them judged and works the gate."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import Final

from twin.contract.clock import Clock
from twin.contract.inspection import Verdict
from twin.service.logging import ConditionLog
from vision_qc.camera_station.camera import Camera, Gate, Samples, Taken
from vision_qc.camera_station.spool import Spool
from vision_qc.camera_station.teacher import Teacher
from vision_qc.client import QcClient
from vision_qc.errors import AnswerError, CameraAwayError, NotEnoughImagesError, ServiceAwayError

LISTEN_S: Final = 5.0
FIRST_RETRY_S: Final = 0.25
LAST_RETRY_S: Final = 5.0
TEACH_AGAIN_S: Final = 60.0

_LOG = logging.getLogger(__name__)


class CameraStation:
    """Runs from its making until it is closed.

    Args:
        station: equipment id.
        camera: takes its pictures.
        gate: hears of verdicts; None where there is none.
        client: makes a client of the service, wherever it is now.
        spool: where pictures wait.
        teaching: teacher, and the good pieces, of products that have no recipe; None = people teach.
        simulated: the camera is a simulator's.
        clock: ns since the epoch.
    """

    def __init__(
        self,
        station: str,
        camera: Camera,
        gate: Gate | None,
        client: Callable[[], QcClient],
        spool: Spool,
        teaching: tuple[Teacher, Samples] | None,
        *,
        simulated: bool,
        clock: Clock,
    ) -> None:
        self.station = station
        self.spool = spool
        self.counts: Counter[str] = Counter()
        """Verdicts by name; ``refused``: pictures that the service does not take; ``in_time`` and ``late``:
        verdicts that the gate heard before and after the product had gone."""
        self.away: dict[str, str] = {}
        """What does not answer now: ``camera``, ``qc``, ``recipe``, with the reason."""
        self._camera = camera
        self._client = client
        self._gate = gate
        self._teaching = teaching
        self._simulated = simulated
        self._conditions = ConditionLog(_LOG, clock)
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._take, name=f"take-{station}", daemon=True),
            threading.Thread(target=self._judge, name=f"judge-{station}", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin to stop, and do not wait for it."""
        self._stop.set()
        self.spool.arrived.set()
        if self._teaching is not None:
            self._teaching[0].close()

    def close(self) -> None:
        """Stop; what waits in the spool is sent after the next start."""
        self.stop()
        for thread in self._threads:
            thread.join(LISTEN_S + 2)
        self._camera.close()

    def _take(self) -> None:
        retry_s = FIRST_RETRY_S
        while not self._stop.is_set():
            try:
                taken = self._camera.next(LISTEN_S)
                if taken is not None:
                    self.spool.put(taken)
                    self._camera.taken()
            except (CameraAwayError, OSError) as error:
                self._miss("camera", str(error))
                self._stop.wait(retry_s)
                retry_s = min(2 * retry_s, LAST_RETRY_S)
                continue
            retry_s = FIRST_RETRY_S
            self._found("camera")

    def _judge(self) -> None:
        retry_s = FIRST_RETRY_S
        while not self._stop.is_set():
            self.spool.arrived.clear()
            oldest = self.spool.oldest()
            if oldest is None:
                self.spool.arrived.wait(LISTEN_S)
                continue
            try:
                with self._client() as client:
                    self._send(client, *oldest)
            except (ServiceAwayError, OSError) as error:
                self._miss("qc", str(error))
                self._stop.wait(retry_s)
                retry_s = min(2 * retry_s, LAST_RETRY_S)
                continue
            retry_s = FIRST_RETRY_S
            self._found("qc")

    def _send(self, client: QcClient, number: int, taken: Taken) -> None:
        try:
            answer = client.inspect(
                self.station,
                taken.picture,
                taken.serial,
                product=taken.product,
                captured=taken.captured,
                simulated=self._simulated,
            )
        except AnswerError as error:
            if taken.product is not None and self._teach(client, taken.product):
                return
            self.counts["refused"] += 1
            _LOG.warning("%s: %s is not judged: %s", self.station, taken.serial, error)
        else:
            verdict = Verdict(answer["verdict"])
            self.counts[verdict.value] += 1
            self._tell_gate(taken.serial, verdict)
        self.spool.remove(number)

    def _tell_gate(self, serial: str, verdict: Verdict) -> None:
        """Rejects go out; what a person must look at goes on, and waits in the review queue."""
        if self._gate is None:
            return
        try:
            in_time = self._gate.tell_gate(serial, goes_on=verdict is not Verdict.REJECT)
        except CameraAwayError as error:
            _LOG.debug("%s: the gate does not hear of %s: %s", self.station, serial, error)
            in_time = False
        self.counts["in_time" if in_time else "late"] += 1

    def _teach(self, client: QcClient, product: str) -> bool:
        """Teach a product that has no recipe; True if the picture should be sent again."""
        if self._teaching is None or product in client.stations().get(self.station, {}):
            return False
        teacher, samples = self._teaching
        try:
            teacher.teach(samples, client, self.station, product)
        except (CameraAwayError, NotEnoughImagesError, AnswerError) as error:
            self._miss("recipe", str(error))
            self._stop.wait(TEACH_AGAIN_S)
        else:
            self._found("recipe")
        return True

    def _miss(self, what: str, why: str) -> None:
        self.away[what] = why
        self._conditions.begin(what, f"{self.station}: {what} is away, pictures wait: {why}")

    def _found(self, what: str) -> None:
        if self.away.pop(what, None) is not None:
            self._conditions.end(what, f"{self.station}: {what} is back")
