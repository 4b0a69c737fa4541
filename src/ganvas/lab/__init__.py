"""The lab: runs in a browser on the same machine. It reads run directories, live or finished, and never trains."""

from ..serve import check_installed

check_installed()
