"""All instruments of a park at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.kind import F64, U32, Signal
from sim.sensors.status import BAD_SENSOR_FAILURE, UNCERTAIN_SENSOR_NOT_ACCURATE
from sim.sensors.trouble import Trouble, TroubledTag

_SEED = 0x5E4503
"""Keeps the noise of the bank apart from everything else that is drawn with the same seed."""


@dataclass(frozen=True, slots=True)
class Handle:
    """A trouble that was begun; what :meth:`SensorBank.set_strength` and :meth:`SensorBank.end` take."""

    number: int


class SensorBank:
    """Reads every tag of a park: what is true in, what is shown out.

    Where nothing is wrong a step is a draw of noise and a handful of array operations. Noise alone is never a
    reason for a status: a reading is clipped to its range silently as long as the truth is no further outside
    than the noise reaches, and is ``UncertainSensorNotAccurate`` beyond.

    Args:
        signals: of each row; counts, states and texts pass through as they are.
        seed: of all noise.

    >>> bank = SensorBank([Signal("flow", "Flow", "m³/h", 0.0, 100.0)], seed=1)
    >>> value, status = bank.measure(np.array([120.0]), 1.0)
    >>> value.tolist(), hex(int(status[0]))
    ([100.0], '0x40930000')
    """

    def __init__(self, signals: Sequence[Signal], *, seed: int) -> None:
        self.signals = tuple(signals)
        self._seed = seed
        self._rng = np.random.default_rng([seed, _SEED])
        noise = np.array([signal.sensor.noise for signal in signals], np.float64)
        step = np.array([signal.sensor.resolution for signal in signals], np.float64)
        self._noisy = np.flatnonzero(noise > 0)
        self._sigma: F64 = noise[self._noisy]
        self._stepped = np.flatnonzero(step > 0)
        self._step: F64 = step[self._stepped]
        texts = np.array([signal.data_type == "String" for signal in signals], np.bool_)
        self._low: F64 = np.where(texts, -np.inf, [signal.low for signal in signals])
        self._high: F64 = np.where(texts, np.inf, [signal.high for signal in signals])
        reach = np.maximum(5.0 * noise, step)
        self._below: F64 = self._low - reach
        self._above: F64 = self._high + reach
        self._troubles: dict[int, TroubledTag] = {}
        self._begun = 0
        self._shown: F64 = np.full(len(signals), np.nan)

    def measure(self, true: F64, dt_s: float) -> tuple[F64, U32]:
        """Read everything after a step of ``dt_s`` [s].

        Args:
            true: ``float64[N]``, in each signal's unit; not changed.
            dt_s: length of the step.

        Returns:
            ``float64[N]`` as shown, and ``uint32[N]`` status codes. With a bad status, the last value shown.
        """
        value = true.copy()
        for tag in self._troubles.values():
            value[tag.row] = tag.kind.distort(tag, float(value[tag.row]), dt_s)
        status = np.zeros(len(value), np.uint32)
        outside = (value < self._below) | (value > self._above)
        value[self._noisy] += self._sigma * self._rng.standard_normal(len(self._noisy))
        value[self._stepped] = np.rint(value[self._stepped] / self._step) * self._step
        np.clip(value, self._low, self._high, out=value)
        if outside.any():
            status[outside] = UNCERTAIN_SENSOR_NOT_ACCURATE
        missing = np.isnan(value)
        if missing.any():
            # a machine that cannot say what is true there is a machine without the instrument
            status[missing] = BAD_SENSOR_FAILURE
            value[missing] = np.where(np.isnan(self._shown[missing]), 0.0, self._shown[missing])
        for tag in self._troubles.values():
            row = tag.row
            if np.isnan(tag.held):
                tag.held = float(value[row] if np.isnan(self._shown[row]) else self._shown[row])
            tag.hours += dt_s / 3600.0
            shown, code = tag.kind.overrule(tag, float(value[row]), int(status[row]), dt_s)
            value[row], status[row] = shown, code
        self._shown = value
        return value, status

    def begin(self, row: int, kind: Trouble, strength: float, *stream: int) -> Handle:
        """Have something go wrong with a tag; more than one at a time act in the order in which they began.

        Args:
            row: of the tag.
            kind: what goes wrong.
            strength: in the unit of the kind.
            stream: more numbers for the seed of its randomness.
        """
        signal = self.signals[row]
        self._begun += 1
        # the 1 keeps row 0 from the stream of the noise: zeros at the end of a seed count for nothing
        rng = np.random.default_rng([self._seed, _SEED, 1, row, *stream])
        self._troubles[self._begun] = TroubledTag(row, kind, signal.low, signal.high, strength, rng)
        return Handle(self._begun)

    def set_strength(self, handle: Handle, strength: float) -> None:
        """Change how strong a trouble is, as long as it lasts."""
        if handle.number in self._troubles:
            self._troubles[handle.number].strength = strength

    def end(self, handle: Handle) -> None:
        """Mend it; once more does nothing."""
        self._troubles.pop(handle.number, None)

    def is_analogue(self, row: int) -> bool:
        """Whether a row is a measured quantity, no count, state, flag or text."""
        return self.signals[row].data_type in {"Double", "Float"}
