"""Lesson 04: LIME."""
