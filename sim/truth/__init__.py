"""What is really the matter in the simulated park: kept aside, and read by nothing but scoring.

The servers never show it, and no part of the twin reads it; ``parktwin sim truth`` prints it for whoever
scores detection and forecasts.
"""
