"""Fees, time limits, Nice classes and numbers worked out: pure functions over tables that are read from content."""
