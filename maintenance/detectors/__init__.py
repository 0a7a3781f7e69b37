"""Anomaly detectors: fitted on a machine at work as it should be, scoring what comes after.

A score is zero or above and one is the threshold; no detector sees a label.
"""
