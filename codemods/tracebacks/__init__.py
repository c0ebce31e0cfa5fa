"""From a pasted traceback to the rule that knows the fault."""

from __future__ import annotations
