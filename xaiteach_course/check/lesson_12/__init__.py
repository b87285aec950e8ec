"""Lesson 12: Report on a model."""
