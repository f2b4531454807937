"""Make the virtual machine: Debian's kernel and BlueZ, and the first program it runs.

The machine has no disk. It sees this machine's file tree, read-only with changes kept in memory,
and so has the same Python, the same packages and this checkout.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

TOOLS = ("qemu-system-x86", "busybox-static", "cpio", "kmod", "dbus")
"""Debian packages that are installed here."""

APPLETS = ("sh", "mount", "mkdir", "insmod", "chroot", "poweroff")
MODULES = (
    *("virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio-rng", "virtio_console"),
    *("ecb", "cmac", "algif_hash", "algif_skcipher", "bluetooth", "hci_vhci", "uhid"),
)
"""Kernel modules: what the machine is made of, and what Bluetooth without a radio needs."""

INIT = """#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in {modules}; do
    insmod /modules/$module || echo "insmod $module failed"
done
share="trans=virtio,version=9p2000.L,msize=512000"
mount -t 9p -o $share,ro,cache=loose host /host
mount -t tmpfs tmpfs /changes
mkdir /changes/upper /changes/work
mount -t overlay -o lowerdir=/host,upperdir=/changes/upper,workdir=/changes/work root /root
mount -t proc proc /root/proc
mount -t sysfs sysfs /root/sys
mount -t devtmpfs dev /root/dev
mount -t tmpfs tmpfs /root/run
mount -t 9p -o $share,rw out /root{out}
chroot /root /bin/sh {job}
poweroff -f
"""


class Stage:
    """The folder that everything of the machine is kept in.

    Parameters
    ----------
    folder : Path
        Made if need be; about 150 MB.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.debs = self.folder / "debs"
        self.kernel = self.folder / "kernel"
        self.bluez = self.folder / "bluez"
        self.initramfs = self.folder / "initramfs.gz"
        self.out = self.folder / "out"
        """What the guest writes here stays."""
        self.job = self.folder / "job.sh"
        self.socket = self.folder / "hci.sock"

    @property
    def vmlinuz(self) -> Path:
        """The kernel's image."""
        return next(self.kernel.glob("boot/vmlinuz-*"))

    @property
    def libraries(self) -> list[Path]:
        """Folders of the shared libraries that came with BlueZ."""
        return sorted({path.parent for path in self.bluez.glob("usr/lib/**/*.so*")})

    def build(self) -> None:
        """Fetch and put together what is missing."""
        _check_machine()
        self.out.mkdir(parents=True, exist_ok=True)
        _install_tools()
        kernel = _kernel_package()
        stamp, made = self.folder / "stamp", _fingerprint(kernel, str(self.folder))
        if stamp.exists() and stamp.read_text() == made:
            return
        for folder in (self.debs, self.kernel, self.bluez):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        (self.debs / "partial").mkdir()
        self._fetch(kernel)
        self._write_initramfs()
        stamp.write_text(made)

    def _fetch(self, kernel: str) -> None:
        _run("apt-get", "-q", "download", kernel, cwd=self.debs)
        # BlueZ with what it needs and is not installed here.
        _run(
            *("apt-get", "-q", "-y", "--download-only", "--no-install-recommends", "--reinstall"),
            *("-o", f"Dir::Cache::archives={self.debs}", "install", "bluez"),
        )
        for deb in self.debs.glob("*.deb"):
            into = self.kernel if deb.name.startswith("linux-image") else self.bluez
            _run("dpkg-deb", "-x", str(deb), str(into))

    def _write_initramfs(self) -> None:
        root = self.folder / "initramfs"
        shutil.rmtree(root, ignore_errors=True)
        for name in ("bin", "modules", "proc", "sys", "dev", "host", "changes", "root"):
            (root / name).mkdir(parents=True)
        busybox = shutil.which("busybox") or "/bin/busybox"
        shutil.copy(busybox, root / "bin/busybox")
        for applet in APPLETS:
            (root / "bin" / applet).symlink_to("busybox")
        modules = self._modules()
        for module in modules:
            shutil.copy(module, root / "modules")
        names = " ".join(module.name for module in modules)
        init = root / "init"
        init.write_text(INIT.format(modules=names, out=self.out, job=self.job))
        init.chmod(0o755)
        files = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
        packed = subprocess.run(
            ["cpio", "-o", "-H", "newc", "--quiet"],
            cwd=root,
            input=files.encode(),
            stdout=subprocess.PIPE,
            check=True,
        )
        self.initramfs.write_bytes(gzip.compress(packed.stdout, 1))

    def _modules(self) -> list[Path]:
        """List the modules in the order in which they have to be loaded."""
        version = next(self.kernel.glob("lib/modules/*")).name
        _run("depmod", "-b", str(self.kernel), version)
        found: dict[str, Path] = {}
        for module in MODULES:
            shown = _run(
                "modprobe", "-d", str(self.kernel), "-S", version, "--show-depends", module
            )
            for line in shown.splitlines():
                if match := re.match(r"insmod (\S+)", line):
                    path = Path(match[1])
                    found.setdefault(path.name, path)
        return list(found.values())


def _check_machine() -> None:
    problem = None
    if platform.machine() != "x86_64":
        problem = "the machine's kernel is for x86-64"
    elif shutil.which("apt-get") is None:
        problem = "kernel and BlueZ are Debian's, and come with apt-get"
    elif os.geteuid() != 0:
        problem = "packages are installed, and the guest's file tree is root's"
    if problem:
        raise SystemExit(f"test-bluez needs Debian on x86-64, as root: {problem}.")


def _install_tools() -> None:
    installed = subprocess.run(["dpkg", "-s", *TOOLS], capture_output=True, check=False)
    if installed.returncode != 0:
        _run("apt-get", "-q", "update")
        _run("apt-get", "-q", "-y", "--no-install-recommends", "install", *TOOLS)


def _kernel_package() -> str:
    shown = _run("apt-cache", "depends", "linux-image-amd64")
    match = re.search(r"Depends: (linux-image-\S+)", shown)
    if match is None:
        raise SystemExit("Debian's kernel is not on offer: run 'apt-get update' first.")
    return match[1]


def _fingerprint(*facts: str) -> str:
    text = "\n".join((*facts, Path(__file__).read_text()))
    return hashlib.sha256(text.encode()).hexdigest()


def _run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
