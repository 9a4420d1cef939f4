"""Where domains come from: the folders of `glider_core.domains`, and packages of other people.

A domain is a package. Its name is the last part of the package's; its `__init__` defines `DOMAIN`, its module `payload`
the record that its picture needs. The picture is `glider_core.drawings.<name>` or the package's own module `drawing`,
the page `pages/<name>.py` or the package's own file `page.py`. Nothing else has to be told of it.
"""

from __future__ import annotations

import importlib.util
import os
import pkgutil
from functools import cache
from importlib.metadata import entry_points

VARIABLE = "GLIDER_DOMAINS"  # more packages, separated by commas
GROUP = "glider.domains"  # entry points of installed packages


@cache
def domain_packages() -> dict[str, str]:
    """Every domain's package by the domain's name: ours first, then the configured and the installed ones."""
    home = "glider_core.domains"
    search = importlib.util.find_spec(home)
    folders = list(search.submodule_search_locations or []) if search else []
    packages = {module.name: f"{home}.{module.name}" for module in pkgutil.iter_modules(folders) if module.ispkg}
    named = [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]
    for package in (*named, *(point.value for point in entry_points(group=GROUP))):
        packages.setdefault(package.rpartition(".")[2], package)
    return packages
