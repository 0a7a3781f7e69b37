"""Benchmarks on published data sets, as ``parktwin rul benchmark NAME DIR`` runs them.

Each module trains on what its set gives for training and returns a plain result; the truth of a test set is
looked at only to score.
"""
