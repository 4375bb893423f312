"""The web pages beside the API: the playground, the documentation, and what they are made of."""
