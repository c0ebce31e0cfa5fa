"""Files of a project that are not Python, and the run over all of them."""

from __future__ import annotations
