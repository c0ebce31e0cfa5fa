"""The golden cases: their parser, and the tests that run them through the engine."""
