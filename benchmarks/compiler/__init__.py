"""The compiler beside its peers: what a step costs, what it could cost at best (floors in C and BLAS), what others need.

Read `workloads.py` (what is computed), then `contestants/` (who computes it: one module for each, with one function for each workload),
then `turns.py` (how they are timed side by side). `python -m benchmarks.compiler --help` says how to run it.
"""
