"""Files of other systems: one reader each, all giving the same."""
