"""Lesson 02: Look inside."""
