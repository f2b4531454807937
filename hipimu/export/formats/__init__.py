"""Files for other programs: one writer each, all given the same."""
