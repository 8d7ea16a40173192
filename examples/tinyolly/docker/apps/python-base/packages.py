"""Fetches the wheels of requirements.txt for another platform, by their hashes, and packs their files into one archive.

    python3 packages.py ARCHITECTURE PYTHON OUTPUT    e.g. arm64 3.12 python-packages.tar

Nothing is run or compiled, and names, modes and times are fixed: equal requirements give equal bytes on every machine.
"""

import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile

architecture, python, output = sys.argv[1:]
machine = {"amd64": "x86_64", "arm64": "aarch64"}[architecture]


def pip(folder: str) -> list[str]:
    """The machine's pip, or that of an environment of its own where Python came without."""
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return [sys.executable, "-m", "pip"]
    subprocess.run([sys.executable, "-m", "venv", f"{folder}/venv"], check=True)
    return [f"{folder}/venv/bin/python", "-m", "pip"]


with tempfile.TemporaryDirectory() as folder:
    wheels = f"{folder}/wheels"
    subprocess.run(
        [
            *pip(folder),
            *["download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"],
            *["--platform", f"manylinux2014_{machine}", "--platform", f"manylinux_2_17_{machine}"],
            *["--python-version", python, "--dest", wheels, "--requirement", "requirements.txt"],
        ],
        check=True,
    )
    files: dict[str, bytes] = {}
    for wheel in sorted(os.listdir(wheels)):
        with zipfile.ZipFile(f"{wheels}/{wheel}") as archive:
            for name in archive.namelist():
                if not name.endswith("/"):
                    files[name] = archive.read(name)

with tarfile.open(output, "w", format=tarfile.PAX_FORMAT) as archive:
    for name in sorted(files):
        entry = tarfile.TarInfo(name)
        entry.size = len(files[name])
        archive.addfile(entry, io.BytesIO(files[name]))
