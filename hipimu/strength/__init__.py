"""The four dimensions of hip strength."""
