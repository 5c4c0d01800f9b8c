"""Which web pages may look at our bodies: browsers let any page connect to this machine, and say whose page it is.

Programs that are not browsers say nothing, and are let in. Pages are let in if they come from this machine, from the
very address that they connect to (so from us), or from an origin that the user has named. A name is not believed, only
an address, for anybody may let a name of their own point to this machine.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_allowed(origin: str | None, host: str | None, named: Collection[str]) -> bool:
    """Whether a page may connect.

    Parameters
    ----------
    origin : str, optional
        The header ``Origin``: scheme, host and port of the page, or ``null`` for one from a file or a sandbox.
    host : str, optional
        The header ``Host``: what the page connects to.
    named : collection of str
        Origins that the user has allowed.

    >>> is_allowed("http://localhost:8000", "127.0.0.1:8765", ())
    True
    >>> is_allowed("https://example.org", "127.0.0.1:8765", ())
    False
    """
    if origin is None or origin in named:
        return True
    try:
        page = urlsplit(origin)
        name = page.hostname or ""
    except ValueError:
        return False
    if name in LOCAL_NAMES:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return page.netloc == host
