from __future__ import annotations

import numpy as np
import pytest

from sim.physics.bearing import BAND_GAIN, FEMTO, SKF_6205, Bearing, defect_amplitude, harmonics, together


def test_frequencies_are_those_that_case_western_reserve_publishes_for_the_skf_6205() -> None:
    """Multiples of running speed from the data centre's table; a spot on a ball meets both rings in a
    turn, so that it is twice the ball's own turning."""
    assert pytest.approx(5.4152, rel=1e-3) == SKF_6205.bpfi
    assert pytest.approx(3.5848, rel=1e-3) == SKF_6205.bpfo
    assert pytest.approx(0.39828, rel=1e-3) == SKF_6205.ftf
    assert 2 * SKF_6205.bsf == pytest.approx(4.7135, rel=1e-3)


def test_the_femto_bearing_sounds_at_168_hz_at_1800_rpm() -> None:
    """Outer ring frequency of the PRONOSTIA bearing at 1800 rpm, as in the PHM 2012 challenge's papers."""
    assert FEMTO.bpfo * 1800 / 60 == pytest.approx(168.3, abs=0.1)


@pytest.mark.parametrize("bearing", [SKF_6205, FEMTO])
def test_every_ball_passes_once_a_turn_of_the_cage(bearing: Bearing) -> None:
    assert bearing.bpfo + bearing.bpfi == pytest.approx(bearing.balls)
    assert bearing.bpfo == pytest.approx(bearing.balls * bearing.ftf)


def test_the_band_holds_the_energy_of_all_harmonics() -> None:
    """RMS of the summed waveform over a whole number of periods against the closed form."""
    frequency_hz, amplitude = harmonics(40.0, 3.0)
    t = np.arange(0, 1.0, 1e-4)
    wave = (amplitude[:, None] * np.sin(2 * np.pi * frequency_hz[:, None] * t)).sum(axis=0)
    assert np.sqrt(np.mean(wave**2)) == pytest.approx(3.0 * BAND_GAIN, rel=1e-6)
    spectrum = 2.0 * np.abs(np.fft.rfft(wave)) / len(t)
    np.testing.assert_allclose(spectrum[[40, 80, 120, 160, 200]], amplitude, rtol=1e-6)


def test_a_spall_is_silent_when_new_and_loud_at_the_end() -> None:
    rising = defect_amplitude(np.linspace(0.0, 1.0, 11), 6.0)
    assert rising[0] == 0.0
    assert rising[-1] == 6.0
    assert np.all(np.diff(rising, 2) > 0)


def test_energies_of_independent_vibrations_add() -> None:
    np.testing.assert_allclose(together(np.array([1.0, 2.0]), np.array([1.0, 0.0]), 1.0), [3**0.5, 5**0.5])
