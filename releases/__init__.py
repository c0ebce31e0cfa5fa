"""What each release of Lightning offers, mined from its wheels: ``python -m releases``."""
