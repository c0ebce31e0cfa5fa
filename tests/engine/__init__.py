"""The words of the engine, one by one."""
