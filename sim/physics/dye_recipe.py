"""A recipe of reactive dyeing of cotton: the phases a batch goes through, and what each bath holds when
dropped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PHASES = ("Idle", "Fill", "Scour", "Cool", "Drain", "Neutralise", "Dye", "Rinse", "Soap", "Soften")


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of the recipe.

    Args:
        name: one of :data:`PHASES`.
        minutes: how long it takes in a programme of 300 minutes.
        level: of the liquor, as a share of a full bath.
        set_c: where the bath is to go [°C]; 0 = heater and cooler shut.
        k_min: how fast [K/min].
        ph, salt_ms_cm: of the bath, conductivity [mS/cm].
        cod, tss, nh4: what the bath holds when it is dropped [mg/L].
        acid: surplus of acid in it [mol/m³]; caustic and soda ash are negative.
    """

    name: str
    minutes: float
    level: float
    set_c: float = 0.0
    k_min: float = 3.0
    ph: float = 7.3
    salt_ms_cm: float = 0.5
    cod: float = 0.0
    tss: float = 0.0
    nh4: float = 0.0
    acid: float = 0.0


# Reactive dyeing of cotton by exhaustion, liquor ratio 1:8. Loads of the baths are of the size that the
# European reference document on textiles gives (BREF, 2003, ch. 3: scouring 2 to 6 g/L COD, dye baths 1 to
# 3 g/L with 40 to 60 g/L of salt, rinses below 1 g/L). Alkali is what is left after the caustic of scouring
# and the soda ash of dyeing met flue gas in the collecting pit. A drain takes the bath of the phase before.
RECIPE = (
    Phase("Fill", 8, 1.0),
    Phase("Scour", 55, 1.0, 98.0, 3.0, 11.2, 9.0, 2500, 180, 14, -6.0),
    Phase("Cool", 8, 1.0, 78.0, 3.0, 11.2, 9.0, 2500, 180, 14, -6.0),
    Phase("Drain", 6, 0.0, 0.0, 3.0, 11.2, 9.0, 2500, 180, 14, -6.0),
    Phase("Fill", 8, 1.0),
    Phase("Neutralise", 12, 1.0, 50.0, 3.0, 6.0, 2.4, 450, 70, 6, 1.5),
    Phase("Drain", 6, 0.0, 0.0, 3.0, 6.0, 2.4, 450, 70, 6, 1.5),
    Phase("Fill", 8, 1.0),
    Phase("Dye", 85, 1.0, 60.0, 1.5, 11.0, 62.0, 1400, 110, 22, -6.5),
    Phase("Drain", 6, 0.0, 0.0, 3.0, 11.0, 62.0, 1400, 110, 22, -6.5),
    Phase("Fill", 8, 1.0),
    Phase("Rinse", 10, 1.0, 50.0, 3.0, 9.6, 11.0, 350, 50, 5, -2.0),
    Phase("Drain", 6, 0.0, 0.0, 3.0, 9.6, 11.0, 350, 50, 5, -2.0),
    Phase("Fill", 8, 1.0),
    Phase("Soap", 35, 1.0, 95.0, 3.0, 9.0, 2.6, 650, 60, 4, -1.2),
    Phase("Drain", 6, 0.0, 0.0, 3.0, 9.0, 2.6, 650, 60, 4, -1.2),
    Phase("Fill", 7, 1.0),
    Phase("Soften", 12, 1.0, 40.0, 3.0, 5.8, 0.9, 300, 40, 6, 0.8),
    Phase("Drain", 6, 0.0, 0.0, 3.0, 5.8, 0.9, 300, 40, 6, 0.8),
    Phase("Idle", 0, 0.0),
)
RECIPE_MIN = sum(phase.minutes for phase in RECIPE)

ENDS = np.cumsum([phase.minutes for phase in RECIPE])[:-1] / RECIPE_MIN
"""Where the phases end, as shares of the programme; a batch at 1 is in the last, Idle."""

TABLE = np.array(
    [
        [PHASES.index(p.name), p.level, p.set_c, p.k_min, p.ph, p.salt_ms_cm, p.cod, p.tss, p.nh4, p.acid]
        for p in RECIPE
    ]
).T
"""The recipe as columns, ``float64[10, phases]``, in the order of a phase's fields after its minutes."""
