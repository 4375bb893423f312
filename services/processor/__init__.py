"""Draws faces: checks submissions, queues them, and turns them into SVG in workers."""
