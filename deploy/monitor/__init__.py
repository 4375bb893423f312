"""A live view of the running suite on a terminal, from what its door tells."""
