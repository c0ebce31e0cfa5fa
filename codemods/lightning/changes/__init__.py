"""What changed for user code from release to release, as typed rows."""
