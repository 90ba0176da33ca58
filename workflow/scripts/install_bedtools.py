"""Put the bedtools binary where pybedtools finds it, or say in one line how to get it."""

import os
import shutil
import subprocess
import sys


def main() -> None:
    """Try Debian's package as root or with a password-less sudo; never fail a set-up over it."""
    if shutil.which("bedtools"):
        return
    become = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get"):
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "bedtools"]):
            try:
                subprocess.run([*become, *command], check=True, capture_output=True)
            except (OSError, subprocess.CalledProcessError):
                break
        else:
            print("bedtools: installed from Debian's package", file=sys.stderr)
            return
    print("bedtools is missing; get it with `conda install -c bioconda bedtools` or from your system", file=sys.stderr)


if __name__ == "__main__":
    main()
