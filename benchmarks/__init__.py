"""Benchmarks: programs that print ratios. Nothing here is imported by the package, and no test asserts a time."""
