"""Companion specifications, as far as the simulated equipment has something to show in them: a file each.

NodeIds and browse names of types are those of the published NodeSets; only the nodes that are used are there.
"""
