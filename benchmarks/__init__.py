"""Benchmarks: one module for each group of figures in docs/performance.md."""
