"""Lives of machines on a bench: many units of one kind, each worn to failure in one mode, in virtual time.

What instruments show goes into one folder, what is true into ``truth/`` beside it: who forecasts reads the
first, whoever trains or scores reads both.
"""
