"""Pure NumPy/SciPy building blocks that know nothing of sensors or runners.

All functions that the sample path uses give the same bits however their input is cut: they are
element-wise or strictly sequential, never BLAS.
"""
