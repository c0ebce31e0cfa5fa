"""The miner: what it reads out of sources, and that it reads the same twice."""
