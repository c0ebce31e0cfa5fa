"""The command line: choices in, reports out. No logic of its own."""
