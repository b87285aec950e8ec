"""Lesson 10: Explain your own model."""
