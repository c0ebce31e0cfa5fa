"""Measures lfix beside similar tools: ``make bench``."""
