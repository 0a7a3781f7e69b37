"""Prognosis: from the table of a machine's history to the cycles it has left.

Remaining life is in cycles, capped at the model's ``cap``: beyond it a machine is healthy and the number says
nothing. Every member has ``predict(table) -> [rows]``; sets of members are joined by non-negative weights.
"""
