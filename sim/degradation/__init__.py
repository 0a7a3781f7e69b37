"""Laws of degradation: how severity grows from 0 (as new) to 1 (functional failure) with running time.

Every law draws the whole life of a unit when it is new, so that the true remaining life is known at any moment.
"""
