"""Readers of a report: each turns the same findings into text, a diff or JSON."""
