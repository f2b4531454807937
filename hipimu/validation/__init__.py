"""How accurate hipimu is: simulated sessions with known truth, and references from elsewhere."""
