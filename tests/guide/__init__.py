"""The guide: its rows hold, and its measure can tell right from wrong."""
