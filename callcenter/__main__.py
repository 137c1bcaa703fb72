"""`python -m callcenter` is the same as `callcenter`."""

from callcenter.cli import main

main()
