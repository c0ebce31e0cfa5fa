"""The proofs: programs of golden cases, run under the Lightning releases they were written for."""
