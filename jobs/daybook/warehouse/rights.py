"""Who may read the warehouse file: what its owner has set stays, as the file holds what people wrote."""

import errno
import os
import stat
from pathlib import Path

from daybook.errors import UsageError
from daybook.log import log

READ_ONLY = 0o444  # nobody writes into the file: DuckDB would
_OTHERS = 0o044
_ACL = "system.posix_acl_access"  # the access list as Linux keeps it; other systems, and some disks, have none
_NO_ACL = (errno.ENODATA, errno.ENOTSUP)


def keep(old: Path, new: Path) -> None:
    """Give `new` the mode (but for writing), the group and the access list of `old`; as root the owner, too.

    Nobody else can reach `new` meanwhile: it lies in a private folder.

    Raises:
        UsageError: this account may not give them.
    """
    found = old.stat()
    try:
        if (found.st_uid, found.st_gid) != (new.stat().st_uid, new.stat().st_gid):
            os.chown(new, found.st_uid if os.geteuid() == 0 else -1, found.st_gid)
        _set_access_list(new, _access_list(old))
        new.chmod(stat.S_IMODE(found.st_mode) & 0o777 & ~0o222)
    except PermissionError:
        raise UsageError(
            f"warehouse {old}: this account may not give its group {found.st_gid} or its access list to a new file",
            then=f"take this account into that group, or: chgrp {os.getegid()} {old}",
        ) from None


def begin(new: Path, path: Path) -> None:
    """Give a file that replaces none the mode that this account's umask leaves."""
    umask = os.umask(0o077)  # it is told only to who sets another
    os.umask(umask)
    mode = READ_ONLY & ~umask
    new.chmod(mode)
    if not mode & _OTHERS:
        log.warning(
            "warehouse %s: nobody but its owner can read it (umask %03o); for analysts: chmod or chgrp it, "
            "later loads keep that",
            path, umask,
        )  # fmt: skip


def _access_list(path: Path) -> bytes | None:
    if not hasattr(os, "getxattr"):
        return None
    try:
        return os.getxattr(path, _ACL)
    except OSError as error:
        if error.errno in _NO_ACL:
            return None
        raise


def _set_access_list(path: Path, entries: bytes | None) -> None:
    if entries is not None:
        os.setxattr(path, _ACL, entries)
    elif _access_list(path) is not None:  # the folder gives one to every file made in it
        os.removexattr(path, _ACL)
