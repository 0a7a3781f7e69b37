"""Spare parts: how many will be asked for until more can come, and what to order when."""
