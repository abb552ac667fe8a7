"""`python -m textmine` is the command `textmine`."""

import sys

from textmine.cli import main

sys.exit(main())
