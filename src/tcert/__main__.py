import sys

from tcert.cli import main

sys.exit(main())
