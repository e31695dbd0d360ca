"""`python -m service.cli` is `giveget`."""

from service.cli import main

main()
