"""The sources that come with the zoo, registered through the same hook as a stranger's."""

from __future__ import annotations

from collections.abc import Callable

from zoo.hooks import hookimpl
from zoo.spec import Option, Source

SOURCES = (
    Source(
        name="sample",
        read="zoo.data.sources.sample:read",
        summary="synthetic H&E-like tiles drawn by the zoo: for trying things, not for any claim",
        options={"seed": Option(default=0, help="another seed draws other patients")},
        licence="CC0-1.0",
        size="30 patients, about 360 tiles of 350x230, drawn into the cache",
        needs_root=False,
        synthetic=True,
        recipe="quick",
    ),
    Source(
        name="breakhis",
        read="zoo.data.sources.breakhis:read",
        summary="BreakHis: breast tumours, benign and malignant, at four magnifications",
        options={
            "magnification": Option(
                default="all", help="keep one magnification", choices=("40", "100", "200", "400", "all")
            )
        },
        licence="see the data set's page; for research",
        home="https://web.inf.ufpr.br/vri/databases/breast-cancer-histopathological-database-breakhis/",
        size="7,909 images of 82 patients, 700x460",
    ),
    Source(
        name="folder",
        read="zoo.data.sources.folder:read",
        summary="any folder with one folder of images a class",
        licence="your own",
    ),
)


@hookimpl
def zoo_register_sources(register: Callable[[Source], None]) -> None:
    """Register what lists samples without a plugin package of its own."""
    for source in SOURCES:
        register(source)
