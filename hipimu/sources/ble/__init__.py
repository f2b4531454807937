"""Sensors that are heard over Bluetooth Low Energy."""
