"""What lfix finds in Lightning code and how it repairs it."""
