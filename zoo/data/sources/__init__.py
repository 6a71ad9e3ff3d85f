"""The built-in data sources, registered through the same hook as those of other packages."""

from __future__ import annotations

from collections.abc import Callable

from zoo.plugins import hookimpl
from zoo.spec import Archive, Option, Source

BREAKHIS = Archive(
    url="https://www.inf.ufpr.br/vri/databases/BreaKHis_v1.tar.gz",
    folder="BreaKHis_v1",
    by="magnification",
    # the data set's page prints 652 for benign at 40X; only 625 agrees with that page's own sums, 1,995 and 2,480
    images={
        "benign": {"40": 625, "100": 644, "200": 623, "400": 588},
        "malignant": {"40": 1370, "100": 1437, "200": 1390, "400": 1232},
    },
    most_files=50_000,
    most_bytes=20_000_000_000,
)

SOURCES = (
    Source(
        name="sample",
        read="zoo.data.sources.synthetic_sample:read",
        summary="synthetic H&E-like tiles drawn by the zoo: for trying it out, not for results",
        options={"seed": Option(default=0, help="draws other patients")},
        license="CC0-1.0",
        size="30 patients, about 360 tiles of 350x230, drawn to the cache",
        takes="nothing",
        synthetic=True,
        recipe="quick",
    ),
    Source(
        name="breakhis",
        read="zoo.data.sources.breakhis:read",
        recognize="zoo.data.sources.breakhis:recognize",
        summary="BreakHis: breast tumors, benign and malignant, at four magnifications",
        options={
            "magnification": Option(
                default="all", help="use the images of one magnification", choices=("40", "100", "200", "400", "all")
            ),
            "labels": Option(
                default="class", help="benign and malignant, or the eight subtypes", choices=("class", "subtype")
            ),
            "patient": Option(
                default="case",
                help="a patient is a case, whatever the letters of the slide (70), or a folder of a slide (82)",
                choices=("case", "folder"),
                names_patients=True,
            ),
        },
        license="CC-BY-4.0, as kaiko-ai/eva states it; see the data set's own page",
        home="https://web.inf.ufpr.br/vri/databases/breast-cancer-histopathological-database-breakhis/",
        size="7,909 images of 82 patients by folder, 70 by case number, 700x460",
        archive=BREAKHIS,
    ),
    Source(
        name="lung",
        read="zoo.data.sources.lung:read",
        recognize="zoo.data.sources.lung:recognize",
        summary="Kim and Kang's lung cells: good and bad images of cancer and non-cancer",
        license="not public, of a hospital; any folder with the same four subfolders works",
        size="35,769 images, 1280x960",
    ),
    Source(
        name="csv",
        read="zoo.data.sources.csv:read",
        recognize="zoo.data.sources.csv:recognize",
        summary="a table with the columns path and label, and optionally group and split",
        license="your own",
        takes="file",
        any_data=True,
    ),
    Source(
        name="folder",
        read="zoo.data.sources.folder:read",
        summary="a folder with one folder of images per class, or train, val and test folders of these",
        license="your own",
        any_data=True,
    ),
)


@hookimpl
def zoo_register_sources(register: Callable[[Source], None]) -> None:
    """Register the built-in sources."""
    for source in SOURCES:
        register(source)
