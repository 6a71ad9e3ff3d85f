"""The sources that come with the zoo, registered through the same hook as a stranger's."""

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
        summary="synthetic H&E-like tiles drawn by the zoo: for trying things, not for any claim",
        options={"seed": Option(default=0, help="another seed draws other patients")},
        licence="CC0-1.0",
        size="30 patients, about 360 tiles of 350x230, drawn into the cache",
        takes="nothing",
        synthetic=True,
        recipe="quick",
    ),
    Source(
        name="breakhis",
        read="zoo.data.sources.breakhis:read",
        recognise="zoo.data.sources.breakhis:recognise",
        summary="BreakHis: breast tumours, benign and malignant, at four magnifications",
        options={
            "magnification": Option(
                default="all", help="keep one magnification", choices=("40", "100", "200", "400", "all")
            ),
            "labels": Option(
                default="class", help="benign and malignant, or the eight subtypes", choices=("class", "subtype")
            ),
        },
        licence="CC-BY-4.0, as kaiko-ai/eva states it; see the data set's own page",
        home="https://web.inf.ufpr.br/vri/databases/breast-cancer-histopathological-database-breakhis/",
        size="7,909 images of 82 patients, 700x460",
        archive=BREAKHIS,
    ),
    Source(
        name="lung",
        read="zoo.data.sources.lung:read",
        recognise="zoo.data.sources.lung:recognise",
        summary="Kim and Kang's tree of lung cells: good and bad pictures of cancer and non-cancer",
        licence="a hospital's, not public; any tree of the same four folders",
        size="35,769 images, 1280x960",
    ),
    Source(
        name="csv",
        read="zoo.data.sources.csv:read",
        recognise="zoo.data.sources.csv:recognise",
        summary="a table with the columns path and label, and group and split where there are any",
        licence="your own",
        takes="file",
    ),
    Source(
        name="folder",
        read="zoo.data.sources.folder:read",
        summary="a folder with one folder of images a class, or train, val and test folders of those",
        licence="your own",
    ),
)


@hookimpl
def zoo_register_sources(register: Callable[[Source], None]) -> None:
    """Register what lists samples without a plugin package of its own."""
    for source in SOURCES:
        register(source)
