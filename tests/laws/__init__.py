"""The laws of the design, one module each: what must hold whatever the code looks like."""
