"""How the simulator is worked while it runs: faults, repairs, scenarios, bad days, the clock, the truth.

HTTP on this machine, or from elsewhere with a token; ``parktwin sim`` speaks it. Everything takes effect with
the next step of the simulation, in simulated time.
"""
