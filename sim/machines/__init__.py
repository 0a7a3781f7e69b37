"""The simulated machines, one file each; :mod:`sim.models` is the table of them.

Conventions: every output is within its signal's range while its status is not Bad; first-order dynamics are
advanced by their exact exponential, so a large step is as right as many small ones.
"""
