"""How fast data become batches, and how much memory they take.

python benchmarks/data.py              store built and reused, images/s against PIL and torchvision, memory
python benchmarks/data.py --images 2000

Real BreakHis images where ZOO_TEST_DATA names a folder that holds breakhis/BreaKHis_v1, else tiles of the synthetic
sample; either is repeated under other names (hard links) until there are enough. Memory is measured in processes of
their own, on tiny synthetic images that all differ: from listing them to a batch of each, as training reads them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

SIDE = 224
BATCH = 32
FEW, MANY = 1_000, 100_000
TINY = 8


def main() -> None:
    """Run the benchmark and print a table of the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1000, help="for the speeds")
    parser.add_argument("--reuse", type=int, default=8000, help="small images, for the second run")
    parser.add_argument("--memory", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.memory:
        _measure_memory(given.memory)
        return
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["ZOO_CACHE"] = str(Path(scratch, "cache"))
        print(
            f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        )
        _speeds(Path(scratch), given.images)
        _reuse(Path(scratch), given.reuse)
        _memory(Path(scratch))


def _speeds(scratch: Path, count: int) -> None:
    from zoo.data.pixels.prepare import prepare
    from zoo.data.source_lookup import read_manifest
    from zoo.progress import Silent
    from zoo.registry import registry
    from zoo.spec import Preprocessing

    originals, what = _originals()
    root = scratch / "images"
    for number in range(count):
        path = root / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.hardlink_to(originals[number % len(originals)]) if number >= len(originals) else _copied(
            originals[number], path
        )
        if number < len(originals):
            originals[number] = path
    time.sleep(0.1)
    manifest = read_manifest(registry().source("folder"), root=root)
    size = Preprocessing(height=SIDE, width=SIDE)
    print(f"\n{count} {what}, to {SIDE}x{SIDE}, batches of {BATCH}")
    began, computed = time.perf_counter(), time.process_time()
    store = prepare(manifest, size, Silent())
    took = time.perf_counter() - began
    _row("store, built (hashing, decoding, writing)", count, took, time.process_time() - computed)
    began = time.perf_counter()
    store = prepare(manifest, size, Silent())
    print(f"{'store, opened again':48} {time.perf_counter() - began:8.2f} s")
    paths = [sample.path for sample in manifest.samples]
    order = np.random.default_rng(0).permutation(count)
    batches = [order[start : start + BATCH] for start in range(0, count, BATCH)]
    for name in ("store, first epoch (checksums compared)", "store, later epochs"):
        _timed(name, count, batches, store.pixels.read)
    streamed = prepare(manifest, size, Silent(), store=False)
    _timed("files each time (--no-store)", count, batches, streamed.pixels.read)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        decoders: dict[str, Callable[[Path], object]] = {"PIL": _by_pil, "torchvision": _by_torchvision}
        for name, decode in decoders.items():
            read = partial(_decode, decode, paths)
            _timed(f"{name}, one thread", count, batches, read)
            _timed(f"{name}, {os.cpu_count()} threads", count, batches, partial(read, pool=pool))


def _reuse(scratch: Path, count: int) -> None:
    from zoo.data.pixels.prepare import prepare
    from zoo.data.source_lookup import read_manifest
    from zoo.data.split.policy import SplitPolicy
    from zoo.progress import Silent
    from zoo.registry import registry
    from zoo.spec import Preprocessing

    root = _tiny(scratch / str(count), count)
    time.sleep(0.1)
    print(f"\n{count} tiny images: listing, finding the store, splitting")
    for name in ("first run, which builds the store", "second run", "third run"):
        began = time.perf_counter()
        manifest = read_manifest(registry().source("folder"), root=root)
        SplitPolicy().split(prepare(manifest, Preprocessing(height=TINY, width=TINY), Silent()).manifest)
        print(f"{name:48} {time.perf_counter() - began:8.2f} s")


def _memory(scratch: Path) -> None:
    print(f"\nresident memory, {TINY}x{TINY} images, batches of {BATCH}, torch loaded")
    print(f"{'':32}{'building the store':>24}{'reusing it':>24}")
    print(f"{'images':32}{'at the end':>12}{'at most':>12}{'at the end':>12}{'at most':>12}")
    found: dict[int, list[float]] = {}
    for count in (FEW, MANY):
        root = _tiny(scratch / str(count), count)
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, __file__, "--memory", root], check=True, capture_output=True, text=True
            )
            found.setdefault(count, []).extend(json.loads(done.stdout))
        print(f"{count:<32,}" + "".join(f"{value / 1e6:9.1f} MB" for value in found[count]))
    growth = [many / few - 1 for few, many in zip(found[FEW], found[MANY], strict=True)]
    print(f"{'growth':32}" + "".join(f"{value:11.1%} " for value in growth))


def _measure_memory(root: Path) -> None:
    """What a training does with its data, from the list to the last batch of an epoch."""
    import torch

    import zoo.training.train  # noqa: F401 - everything that a training loads
    from zoo.data.pixels.prepare import prepare
    from zoo.data.sampler import epoch_order
    from zoo.data.source_lookup import read_manifest
    from zoo.data.split.leakage import find_leak
    from zoo.data.split.policy import SplitPolicy
    from zoo.data.split.split_file import write_split
    from zoo.progress import Silent
    from zoo.registry import registry
    from zoo.spec import Preprocessing

    manifest = read_manifest(registry().source("folder"), root=root)
    found = prepare(manifest, Preprocessing(height=TINY, width=TINY), Silent())
    split = SplitPolicy().split(found.manifest)
    find_leak(found.manifest, split)
    write_split(root / "split.csv", found.manifest, split)
    labels = np.array(found.manifest.labels)
    order = epoch_order(np.asarray(split.train), labels, sampling="balanced", seed=0, epoch=1)
    total = torch.zeros(())
    for start in range(0, len(order), BATCH):
        total += torch.from_numpy(found.pixels.read(order[start : start + BATCH])).float().mean()
    (root / "split.csv").unlink()
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(json.dumps([int(status[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM")]))


def _timed(name: str, count: int, batches: list[np.ndarray], read: Callable[[np.ndarray], object]) -> None:
    began, computed = time.perf_counter(), time.process_time()
    for batch in batches:
        read(batch)
    _row(name, count, time.perf_counter() - began, time.process_time() - computed)


def _row(name: str, count: int, seconds: float, processor: float) -> None:
    rate = f"{seconds:8.2f} s {count / seconds:10,.0f} images/s"
    print(f"{name:48} {rate} {1000 * processor / count:8.2f} ms of processor time for each")


def _decode(
    decode: Callable[[Path], object], paths: list[Path], some: np.ndarray, *, pool: ThreadPoolExecutor | None = None
) -> list[object]:
    """Decode some of the files, one after another or in the threads of a pool."""
    chosen = [paths[index] for index in some]
    return list(pool.map(decode, chosen) if pool else map(decode, chosen))


def _by_pil(path: Path) -> np.ndarray:
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def _by_torchvision(path: Path) -> object:
    from torchvision.io import ImageReadMode, decode_image
    from torchvision.transforms.v2.functional import resize

    return resize(decode_image(str(path), ImageReadMode.RGB), [SIDE, SIDE], antialias=True)


def _originals() -> tuple[list[Path], str]:
    from zoo.data.source_lookup import read_manifest
    from zoo.registry import registry

    place = os.environ.get("ZOO_TEST_DATA")
    if place and Path(place, "breakhis", "BreaKHis_v1").is_dir():
        found = read_manifest(registry().source("breakhis"), root=Path(place, "breakhis", "BreaKHis_v1"))
        what = f"files of {len(found.samples)} BreakHis images (700x460)"
    else:
        found = read_manifest(registry().source("sample"))
        what = f"files of {len(found.samples)} synthetic tiles (350x230)"
    return [sample.path for sample in found.samples], what


def _copied(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes())


def _tiny(root: Path, count: int) -> Path:
    """Images of noise, each different, as fast as they can be written."""
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    side = TINY.to_bytes(4, "big")
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", side + side + bytes([8, 2, 0, 0, 0]))
    for number in range(count):
        path = root / "ab"[number % 2] / f"patient-{number // 40:05d}-tile-{number:06d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = b"".join(b"\0" + os.urandom(3 * TINY) for _ in range(TINY))
        path.write_bytes(head + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))
    return root


if __name__ == "__main__":
    main()
