"""Bytes: files written whole, fetched and unpacked within limits, and errors in one line."""
