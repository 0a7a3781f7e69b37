"""The simulated park: machines with physics or replayed real data, served over real OPC UA.

It imports nothing of the twin but the contract, and speaks only what a plant speaks, so that a connector
cannot tell it from one. Values it serves are marked as simulated in the park file, never here.
"""
