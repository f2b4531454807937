"""The REST API of the coach's server: what the pages show, for programs."""
