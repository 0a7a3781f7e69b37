"""The simulated machines, one file a kind or a small family; :func:`sim.kinds.machine_kinds` finds them.

Conventions: a fleet gives what is true, in the unit of the signal, within its range; sensors come after it.
First-order dynamics are advanced by their exact exponential, so a large step is as right as many small ones.
What passes to neighbours is a flow: ``active_kw`` and ``reactive_kvar`` are what it takes from its supply,
``pace``, ``reject_share`` and ``ready`` what its line is told.
"""
