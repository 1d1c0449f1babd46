"""Profiles: where the time of a compiled function goes, and how near the machine's own limits that is.

Floor 4, beside the back ends. `recording.py` counts and times, `report.py` says what was found, `table.py` and `chart.py` show it.
"""
