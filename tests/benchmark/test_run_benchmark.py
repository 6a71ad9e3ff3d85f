from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmark.conftest import Bench
from tests.installed_packages import Answer
from tests.listening import Listener
from zoo.benchmark.benchmark_figures import DIFFERENCES, QUALITY, benchmark_figures
from zoo.benchmark.benchmark_results import read_benchmark_results
from zoo.benchmark.benchmark_tables import cost_table, splits_table
from zoo.benchmark.benchmark_text import benchmark_markdown
from zoo.benchmark.protocol import read_protocol
from zoo.benchmark.published_split import publish_split, published_parts
from zoo.benchmark.results_page import main, write_page
from zoo.benchmark.run_benchmark import run_benchmark
from zoo.benchmark.sentences import answer, baseline_sentence
from zoo.config.plain import plain
from zoo.data.source_lookup import read_manifest
from zoo.data.split.split_file import read_split_file
from zoo.errors import DataError, RunError, UnknownNameError, UsageError
from zoo.files import read_json, sha256
from zoo.progress import Silent
from zoo.registry import registry
from zoo.runs.grid_folder import GridFolder

DOCS = Path(__file__).parents[2] / "docs"


def test_a_benchmark_answers_every_question_and_its_results_are_read_back(finished: Bench) -> None:
    found = read_benchmark_results(finished.out)
    assert plain(found) == read_json(finished.out / "results.json", at_most=10**6)
    assert [(part.name, part.runs, part.of) for part in found.parts] == [("attention", 6, 6), ("leakage", 2, 2)]
    pairs = {pair.name: pair for pair in found.pairs}
    assert set(pairs) == {"senet20 minus resnet20", "cbam20 minus resnet20", "resnet20: leakage minus attention"}
    main_difference = pairs["cbam20 minus resnet20"].differences["balanced_accuracy"]
    assert main_difference.value == pytest.approx(-0.6, abs=0.15)
    assert pairs["cbam20 minus resnet20"].corrected_p == pytest.approx(min(2 * (main_difference.p or 0), 1)), (
        "corrected for the two pairs that are asked for, not for all three"
    )
    assert "found in 1 of 2 pairs: cbam20 is worse than resnet20; in balanced accuracy, on 48" in found.parts[0].answer
    assert "could not have been seen" in found.parts[0].answer
    assert "resnet20 has better results in leakage than in attention; in balanced" in found.parts[1].answer
    assert "that both parts test: resnet20: leakage minus attention" in found.parts[1].answer
    model = found.models[0]
    assert model.measures["balanced_accuracy"].mean == pytest.approx(0.905)
    assert model.measures["balanced_accuracy"].deviation == pytest.approx(0.00707, abs=1e-4)
    assert model.beside_baseline is not None
    assert model.extras.cost is not None
    assert model.error_before is not None


def test_a_pair_that_two_parts_ask_about_is_in_the_figure_twice_and_points_have_the_numbers_of_the_table(
    finished: Bench,
) -> None:
    found = read_benchmark_results(finished.out)
    again = replace(found.pairs[0], part="folds")
    figures = benchmark_figures(replace(found, pairs=(*found.pairs, again)))
    shown = figures[DIFFERENCES].description
    assert f"{again.name}, attention: " in shown
    assert f"{again.name}, folds: " in shown
    first, *others = found.models
    unmeasured = replace(first, measures={})
    figure = benchmark_figures(replace(found, models=(unmeasured, first, *others)))[QUALITY]
    assert ">2<" in figure.svg
    assert ">1<" not in figure.svg


def test_trainings_that_name_one_class_are_said_to_do_so(finished: Bench) -> None:
    found = read_benchmark_results(finished.out)
    assert "the same class" not in benchmark_markdown(found)
    first, *others = found.models
    text = benchmark_markdown(replace(found, models=(replace(first, one_class=1), *others)))
    assert f"- attention: 1 of 2 trainings of {first.model} gave all test images the same class." in text


def test_models_that_were_trained_once_are_said_to_be_so_only_in_the_parts_where_they_were(finished: Bench) -> None:
    found = read_benchmark_results(finished.out)
    assert "trained once" not in benchmark_markdown(found)
    attention, leakage = found.parts
    text = benchmark_markdown(replace(found, seeds=1, parts=(replace(attention, of=3), leakage)))
    assert "; 1 to 2 trainings of each model." in text
    assert "- Each model was trained once in attention: the intervals do not" in text
    text = benchmark_markdown(replace(found, seeds=1, parts=(replace(attention, of=3), replace(leakage, of=1))))
    assert "; 1 training of each model." in text
    assert "- Each model was trained once: the intervals do not" in text


def test_a_network_whose_test_patients_were_in_training_is_not_counted_beside_the_simple_model(finished: Bench) -> None:
    found = read_benchmark_results(finished.out)
    assert (
        "Of 4 comparisons with the logistic regression on colors and textures (3 networks, 2 parts), "
        in baseline_sentence(found)
    )
    parts = tuple(replace(part, shared_patients=2 if part.name == "leakage" else 0) for part in found.parts)
    assert "(3 networks, 1 part)" in baseline_sentence(replace(found, parts=parts))


def test_a_report_trains_nothing_and_compares_runs_whose_weights_were_deleted_without_their_cost(bench: Bench) -> None:
    bench.finish({"attention": {"resnet20": 0.9, "senet20": 0.8}})
    for path in bench.out.glob("attention/resnet20-seed*/bundle/model.safetensors"):
        path.unlink()
    listener = Listener()
    found = run_benchmark(bench.config(report=True), progress=listener).results
    assert [model.extras.cost is None for model in found.models] == [True, False]
    assert any("attention/resnet20-seed0: no cost and no degraded images" in line for line in listener.heard)
    assert [(part.runs, part.of) for part in found.parts] == [(4, 6), (0, 2)]
    assert all(model.seconds is not None for model in found.models)
    assert [pair.name for pair in found.pairs] == ["senet20 minus resnet20"]


def test_the_cost_of_a_model_is_that_of_its_first_run_also_if_that_is_finished_last(bench: Bench) -> None:
    bench.finish({"attention": {"resnet20": 0.9}})
    folder = GridFolder(bench.out / "attention")
    first = folder.run(folder.config.cells[0]).path
    first.rename(bench.out.parent / "later")
    run_benchmark(bench.config(report=True), progress=False)
    assert [path.stem for path in (bench.out / "extras" / "attention").iterdir()] == ["resnet20-seed1"]
    (bench.out.parent / "later").rename(first)
    found = run_benchmark(bench.config(report=True), progress=False).results
    measured = read_json(bench.out / "extras" / "attention" / "resnet20-seed0.json", at_most=10**6)
    assert found.models[0].extras.cost is not None
    assert plain(found.models[0].extras.cost) == measured["cost"]


def test_what_was_measured_of_a_run_is_not_taken_for_that_of_one_trained_anew_in_its_place(bench: Bench) -> None:
    bench.finish({"attention": {"resnet20": 0.9}})
    run_benchmark(bench.config(report=True), progress=False)
    file = bench.out / "extras" / "attention" / "resnet20-seed0.json"
    measured = read_json(file, at_most=10**6)
    measured["cost"]["parameters"] += 1
    for started, added in ((measured["started"], 1), ("2001-02-03T04:05:06+00:00", 0)):
        file.write_text(json.dumps({**measured, "started": started}))
        found = run_benchmark(bench.config(report=True), progress=False).results.models[0].extras.cost
        assert found is not None
        assert found.parameters == measured["cost"]["parameters"] - 1 + added


def test_runs_on_several_devices_have_no_mean_time_and_each_device_is_named(bench: Bench) -> None:
    bench.finish({"attention": {"resnet20": 0.9}})
    run = GridFolder(bench.out / "attention").run(bench.planned()["attention"].config.cells[0])
    run.update(resolved=replace(run.record.resolved, device="cuda", computing="cuda: bfloat16"))
    found = run_benchmark(bench.config(report=True), progress=False).results
    assert (found.models[0].seconds, found.models[0].images_per_second) == (None, None)
    assert "cpu: " in found.parts[0].computing
    assert "cuda: bfloat16" in found.parts[0].computing
    part = replace(found.parts[0], computing="cpu: float32; cuda: bfloat16")
    text = benchmark_markdown(replace(found, parts=(part, replace(found.parts[1], computing="cpu: float32"))))
    assert "Trained cpu: float32; cuda: bfloat16." in text, "each once, however many parts it trained"


def test_a_setting_of_the_device_is_named_once_whatever_memory_was_free(finished: Bench) -> None:
    found = read_benchmark_results(finished.out)
    cpu = "cpu: float32, images read from the store"
    computing = [f"{cpu}; cuda: bfloat16, images on the GPU (0.0 GB of {free} free), compiled" for free in (114, 119)]
    parts = tuple(replace(part, computing=text) for part, text in zip(found.parts, computing, strict=True))
    text = " ".join(cost_table(replace(found, parts=parts)))
    assert f"Trained {cpu}; cuda: bfloat16, images on the GPU, compiled." in text


def test_addresses_of_the_data_are_links(finished: Bench) -> None:
    found = read_benchmark_results(finished.out)
    obtain = "Images, from https://example.org/a_b/c-d; a <table> of (https://example.org)."
    text, _ = splits_table(replace(found, obtain=obtain), "")
    assert text == "Images, from <https://example.org/a_b/c-d>; a \\<table\\> of (<https://example.org>)."


def test_a_failed_run_is_named_with_its_error_and_the_command_fails(
    bench: Bench, command: Callable[..., Answer]
) -> None:
    bench.finish({"attention": {"resnet20": 0.9, "senet20": 0.8}})
    folder = GridFolder(bench.out / "attention")
    failed = next(cell for cell in folder.config.cells if cell.model == "cbam20")
    folder.error_file(failed).write_text("the GPU's memory is full\n")
    said = command("benchmark", bench.protocol, "--root", bench.data, "--out", bench.out, "--device", "cpu", "--report")
    assert said.status == 1
    assert "the GPU's memory is full" in said.out
    assert f"attention/{failed.name}: the GPU's memory is full" in (bench.out / "results.md").read_text(
        encoding="utf-8"
    )
    assert "senet20 minus resnet20" in said.out


def test_the_command_prints_the_answers_and_the_text_names_what_is_missing(
    bench: Bench, command: Callable[..., Answer]
) -> None:
    bench.finish({"attention": {"resnet20": 0.9, "senet20": 0.8, "cbam20": 0.8}})
    options = ("--root", bench.data, "--out", bench.out, "--device", "cpu", "--no-stress", "--parts", "attention")
    said = command("benchmark", bench.protocol, *options)
    assert said.status == 0, said.err
    assert "No difference was found in any of 2 pairs" in " ".join(said.out.split())
    assert "2 runs missing" in said.out
    text = (bench.out / "results.md").read_text(encoding="utf-8")
    assert "Dark and \\<bright\\> tiles" in text
    assert "Not finished: 6 of 8 runs are" in text
    limits, _, rest = text.partition("## What this does not show")[2].partition("## Not finished")
    assert "resnet20-seed" not in limits
    assert "- leakage: resnet20-seed0, resnet20-seed1" in rest
    assert "No answer yet: its runs are not finished." in text
    assert "Noise is not tissue." in text
    for name in ("models.svg", "quality.svg", "differences.svg"):
        assert f"({name})" in text
        assert (bench.out / name).read_text().startswith('<svg xmlns="http://www.w3.org/2000/svg"')


def test_the_split_is_published_with_hashes_and_no_other_images_are_trained_on_it(
    finished: Bench, hard_tiles: Path, tmp_path: Path
) -> None:
    text = (finished.out / "splits" / "attention.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    assert set(rows[0]) == {"key", "label", "sha256", "part"}
    assert len(rows) == 160
    assert rows[0]["sha256"] == sha256(hard_tiles.parent / rows[0]["key"])
    assert {row["part"] for row in rows} == {"train", "val", "test"}
    (tmp_path / "attention.csv").write_text(text.replace(rows[0]["sha256"], "0" * 64))
    with pytest.raises(DataError, match="1 of its 160 images are other files"):
        run_benchmark(finished.config(splits=tmp_path, out=tmp_path / "again"), progress=False)
    with pytest.raises(DataError, match="cannot be read"):
        run_benchmark(finished.config(splits=tmp_path / "none", out=tmp_path / "again"), progress=False)
    assert not (tmp_path / "again").exists()
    (tmp_path / "attention.csv").write_text(text.replace(",val\n", ",test\n"))
    with pytest.raises(RunError, match="another split"):
        run_benchmark(finished.config(splits=tmp_path, parts=("attention",)), progress=False)


def test_a_published_split_leaves_out_the_images_that_it_does_not_name(finished: Bench, tmp_path: Path) -> None:
    rows = (finished.out / "splits" / "attention.csv").read_text().splitlines()
    (tmp_path / "attention.csv").write_text("\n".join(rows[:-4]) + "\n")
    manifest = read_manifest(registry().source("csv"), root=finished.data)
    parts = published_parts(tmp_path / "attention.csv", manifest, Silent())
    assert len(parts) == 156
    publish_split(tmp_path / "own.csv", manifest, parts, Silent())
    assert len(read_split_file(tmp_path / "own.csv", manifest).excluded) == 4
    other = re.sub(r",\w+$", ",val" if rows[1].endswith(",train") else ",train", rows[1])
    (tmp_path / "attention.csv").write_text("\n".join([*rows, other]) + "\n")
    with pytest.raises(DataError, match="is in two parts"):
        published_parts(tmp_path / "attention.csv", manifest, Silent())
    (tmp_path / "attention.csv").write_text("\n".join([*rows, "gone.png,dark,,test"]) + "\n")
    with pytest.raises(DataError, match=r"1 of its 161 images are missing from the data: 'gone.png'"):
        published_parts(tmp_path / "attention.csv", manifest, Silent())


def test_a_folder_with_other_settings_is_not_continued(finished: Bench) -> None:
    with pytest.raises(RunError, match="seeds: 2 then, 3 now"):
        run_benchmark(finished.config(seeds=3), progress=False)
    with pytest.raises(RunError, match="seeds: 2 then, 1 now"):
        run_benchmark(finished.config(seeds=1, parts=("leakage",)), progress=False)
    with pytest.raises(RunError, match="epochs: 2 then, 1 now"):
        run_benchmark(finished.config(budget="smoke"), progress=False)


def test_mistakes_are_refused_before_a_folder_is_made(bench: Bench) -> None:
    with pytest.raises(UnknownNameError, match="did you mean leakage"):
        run_benchmark(bench.config(parts=("leak",)), progress=False)
    with pytest.raises(UsageError, match="root"):
        run_benchmark(bench.config(root=None), progress=False)
    with pytest.raises(UsageError, match="no effect on a smoke run"):
        bench.config(splits=bench.out, budget="smoke")
    with pytest.raises(UnknownNameError, match="did you mean models"):
        bench.config(model=("resnet20",))
    assert not bench.out.exists()


def test_a_folder_with_other_files_is_refused_and_keeps_them(bench: Bench) -> None:
    notes = bench.out / "attention" / "notes.txt"
    notes.parent.mkdir(parents=True)
    notes.write_text("mine")
    for report in (False, True):
        with pytest.raises(RunError, match="not empty"):
            run_benchmark(bench.config(report=report), progress=False)
    assert [path.name for path in bench.out.rglob("*")] == ["attention", "notes.txt"]


def test_the_page_is_made_again_from_the_small_files_that_are_kept(
    finished: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    main([str(finished.out), "--docs", str(docs)])
    page = (docs / "results.md").read_text(encoding="utf-8")
    assert "(results/tiles/quality.svg)" in page
    kept = {path.name for path in (docs / "results").rglob("*") if path.is_file()}
    assert kept == {
        *("results.json", "metrics.json", "history.jsonl", "attention.csv", "leakage.csv"),
        *("models.svg", "quality.svg", "differences.svg"),
    }
    (docs / "results.md").unlink()
    main([str(docs / "results" / "tiles"), "--docs", str(docs)])
    assert (docs / "results.md").read_text(encoding="utf-8") == page
    results = docs / "results" / "tiles" / "results.json"
    results.write_text(results.read_text().replace('"protocol"', '"protokol"'))
    with pytest.raises(SystemExit):
        main([str(results.parent), "--docs", str(docs)])
    assert "protokol is unknown" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["idc", "lung", "recipes"])
def test_the_answers_in_the_documentation_follow_from_the_numbers_there(name: str) -> None:
    found, protocol = read_benchmark_results(DOCS / "results" / name), read_protocol(name)
    for part in found.parts:
        pairs = [pair for pair in found.pairs if pair.part == part.name]
        models = [model for model in found.models if model.part == part.name]
        assert answer(protocol.part(part.name), pairs, models, found.unit) == part.answer
    page = (DOCS / "results.md").read_text(encoding="utf-8")
    assert benchmark_markdown(found, level=2, files=f"results/{name}/") in page


def test_without_a_name_the_protocols_are_listed(command: Callable[..., Answer]) -> None:
    listed = command("benchmark")
    assert listed.status == 0
    assert "Does attention help at equal depth?" in listed.out
    assert any(line.split()[:1] == ["idc"] and line.split()[-1] == "49" for line in listed.out.splitlines())


@pytest.mark.slow
@pytest.mark.usefixtures("warm_runs")
def test_a_smoke_run_trains_all_parts_and_degrades_images(bench: Bench) -> None:
    found = run_benchmark(bench.config(budget="smoke", models=("resnet20",), stress=True), progress=False).results
    assert not found.failures
    assert [part.images for part in found.parts] == [{"train": 16, "val": 8, "test": 40}] * 2
    assert found.models[0].extras.stress is not None
    text = (bench.out / "results.md").read_text(encoding="utf-8")
    assert "smoke run" in text
    with pytest.raises(UsageError, match="smoke run"):
        write_page([bench.out], bench.out)
