"""Lesson 05: Occlusion."""
