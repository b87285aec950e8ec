"""Lesson 08: Test an explanation."""
