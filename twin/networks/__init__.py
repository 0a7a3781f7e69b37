"""The networks of a park as models: electricity, water, wastewater, and what hangs on what.

Powers are in kW and kvar towards the load, flows in m³/h, pressures in bar, levels in metres. A model is
built once from the park's rows and solved on :class:`twin.networks.readings.Readings`, a copy of the live
state at one moment. pandapower and WNTR are imported by the first solve, not with this package: a service
that never asks does not pay for them.
"""
