"""From forecasts to work orders: what to do when, by whom, with which parts, and what waiting costs.

Times inside are hours since the moment of planning; costs are expected costs in the currency of the site
file. Windows are pieces of a crew's shifts; what is not worth doing within the horizon is left for later.
"""
