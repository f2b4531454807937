"""Any table of samples, told what is where by a ``mapping.toml``."""
