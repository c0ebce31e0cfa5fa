"""What Lightning's releases accept. Stands on nothing else in lfix."""
