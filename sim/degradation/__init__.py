"""Laws of degradation: how severity grows from 0 (as new) to 1 (functional failure) with running time.

Every law draws the whole life of a unit when it is new, so that the true remaining life is known at any
moment. Severity never falls, is 1 exactly at the end of life, and at most 1.5 on a machine that is run
beyond it.

=====================  ======================================  ==========================================
law                    severity over a life                    for
=====================  ======================================  ==========================================
``ExponentialGrowth``  damage that feeds on itself             rolling bearings, imbalance, leaks
``ParisCrack``         long unseen, then fast                  shafts, gear teeth, structures
``ShockWear``          straight, with jumps                    tools, belts, linings, punches
``GammaWear``          straight, in small steps of chance      corrosion, abrasion, insulation
``Fouling``            fast at first, slower and slower        heat exchangers, filters, membranes
``WeibullSudden``      nothing until shortly before the end    electronics, windings, seals, contacts
``NEVER``              none                                    disturbances that a scenario brings about
=====================  ======================================  ==========================================
"""
