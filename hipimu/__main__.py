"""`python -m hipimu` is the same as `hipimu`."""

from hipimu.cli import main

main()
