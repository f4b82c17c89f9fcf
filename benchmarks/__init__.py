"""Measures what the worker does, at what cost, and against what people would use instead.

``python -m benchmarks`` (or ``make bench``) runs the measures of `benchmarks.measures`, each on
real servers and processes of its own (`stage`).  It is no part of the product.
"""
