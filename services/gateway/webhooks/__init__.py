"""Tells callback URLs that their task has ended."""
