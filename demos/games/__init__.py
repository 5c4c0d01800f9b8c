"""Games that are played with the whole body: ``bodycast play``.

Rules and the people who play are pure and know only time that is given to them (``*_rules``, `players`); what is drawn
and heard follows from them (``*_view``, `scenes`). The stage is 1280 x 720 pixels, with its origin at the top left.
"""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
