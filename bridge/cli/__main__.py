"""``python -m bridge.cli``, the same as ``bodycast``."""

import sys

from bridge.cli import main

sys.exit(main())
