"""Measures, on a schedule, whether the secrets of app clients are rotated when they should be."""
