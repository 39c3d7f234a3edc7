"""``python -m bot`` is ``ipbot``."""

import sys

from bot.cli import main

sys.exit(main())
