"""Label maps: pictures whose pixels say what is there."""
