"""hipimu: hip range of motion from pelvis and thigh IMUs, and whether its end tires first."""
