"""Packs an sdist again without the times and owners of its build: normalize.py FILE"""

import gzip
import io
import os
import sys
import tarfile


def normalize(path: str, time: int) -> None:
    with tarfile.open(path) as sdist:
        members = [
            (member, sdist.extractfile(member).read() if member.isfile() else b"")
            for member in sorted(sdist.getmembers(), key=lambda member: member.name)
        ]
    with open(path, "wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=time) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as sdist:
            for member, content in members:
                member.mtime, member.uid, member.gid, member.uname, member.gname = time, 0, 0, "", ""
                member.pax_headers = {}
                sdist.addfile(member, io.BytesIO(content))


if __name__ == "__main__":
    normalize(sys.argv[1], int(os.environ["SOURCE_DATE_EPOCH"]))
