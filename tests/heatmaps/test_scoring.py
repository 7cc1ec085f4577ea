"""Scores of methods and baselines beside each other."""

import numpy as np
import pytest

from helpers.evidence import Estimate
from helpers.heatmaps import audit, localization, scoring


def test_methods_that_find_the_square_beat_all_baselines(found):
    table = scoring.against_baselines(found)
    for method in ("HiResCAM", "occlusion"):
        for measure in ("pointing", "energy inside"):
            assert table.loc[(measure, method), "verdict"] == "beats all"
    assert table.loc[("deletion", "occlusion"), "verdict"] == "beats all"
    assert "near the border" not in table.index.get_level_values("measure")


def test_baselines_are_held_against_nobody(found):
    table = scoring.against_baselines(found)
    assert set(table.index.get_level_values("method")) == set(scoring.METHODS)
    assert "occlusion" not in table.loc["agreement with occlusion"].index


def test_a_method_that_ignores_the_image_beats_nothing(network, scene):
    """Noise; and a spot that is where the square mostly is, as a map of no image."""
    images, masks = scene
    maps = audit.maps_of(network, images, masks=masks)
    spot = np.broadcast_to(masks.mean(axis=0), masks.shape).astype(np.float32)
    for ignoring in (np.random.default_rng(5).random(masks.shape), spot):
        maps |= {"Grad-CAM": ignoring}
        maps[scoring.mean_of("Grad-CAM")] = localization.means_of_others(ignoring)
        table = scoring.against_baselines(scoring.scores(maps, {}, masks)).xs(
            "Grad-CAM", level="method"
        )
        assert (table["verdict"] != "beats all").all()


def test_how_many_baselines_are_beaten_is_counted():
    values = {"random": 0.0, "edges": 0.5, "centre": 1.0, "mean occlusion": 1.0, "occlusion": 0.6}
    rng = np.random.default_rng(0)
    found = {"pointing": {name: v + 0.01 * rng.normal(size=50) for name, v in values.items()}}
    assert scoring.against_baselines(found)["verdict"].tolist() == ["beats 2 of 4"]
    found["pointing"]["occlusion"] -= 5
    assert scoring.against_baselines(found)["verdict"].tolist() == ["beats none"]


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.96, "cannot tell whether a map looks at the image"),
        (0.5, "is to be held against that spot"),
        (0.1, "a map that points right more often looks at the image"),
    ],
)
def test_it_is_said_whether_masks_can_tell(share, said):
    hits = (np.arange(100) < 100 * share).astype(float)
    sentence = scoring.about_masks({"pointing": {"centre": hits}})
    assert sentence.endswith(f"{said}.") and f"points right in {share:.3f} [" in sentence
    assert scoring.about_masks({"near the border": {"centre": hits}}) == ""


def test_the_table_has_a_row_a_method_and_intervals(found):
    table = scoring.score_table(found)
    methods = ["Grad-CAM", "HiResCAM", "occlusion"]
    means = [f"mean {method}" for method in methods]
    assert list(table.index) == [*methods, *means, "random", "edges", "centre"]
    assert table.loc["HiResCAM", "pointing"] == "1.000 [0.912, 1.000]"
    assert table.loc["occlusion", "agreement with occlusion"] == ""


def test_without_masks_nothing_is_said_of_them(network, scene):
    images, _ = scene
    maps = audit.maps_of(network, images[:4])
    del maps["occlusion"]
    found = scoring.scores(maps, audit.curves_of(network, images[:4], maps, steps=4))
    assert list(found) == ["near the border", "deletion", "insertion"]


def test_better_depends_on_the_measure():
    rise, fall = Estimate(0.2, 0.1, 0.3), Estimate(-0.2, -0.3, -0.1)
    assert scoring.is_better("pointing", rise) and not scoring.is_better("pointing", fall)
    assert scoring.is_better("deletion", fall) and not scoring.is_better("deletion", rise)
    assert not scoring.is_better("pointing", Estimate(0.1, -0.1, 0.3))


def scored(pointing, precision):
    """Scores of three networks on 60 images, each near its value."""
    rng = np.random.default_rng(0)
    names = [*scoring.BASELINES, *scoring.METHODS, *map(scoring.mean_of, scoring.METHODS)]
    return {
        measure: {n: 0.02 * rng.normal(size=(3, 60)) + (by.get(n, 0.3)) for n in names}
        for measure, by in (("pointing", pointing), ("average precision", precision))
    }


@pytest.mark.parametrize(
    ("pointing", "precision", "said"),
    [
        ({"Grad-CAM": 0.6}, {"Grad-CAM": 0.1}, "by pointing it tells more than any map that"),
        ({"Grad-CAM": 0.1}, {"Grad-CAM": 0.6}, "by average precision it tells more than any"),
        ({"Grad-CAM": 0.6}, {"Grad-CAM": 0.6}, "by pointing and by average precision it tells"),
        (
            {"Grad-CAM": 0.6, "edges": 0.7},
            {"Grad-CAM": 0.6, "centre": 0.7},
            "every map that knows nothing (centre, edges), so it does not show where these 3 netw",
        ),
    ],
)
def test_where_networks_look_is_said_against_every_baseline(pointing, precision, said):
    sentence = scoring.where_they_look(scored(pointing, precision))
    assert said in sentence.partition(" HiResCAM points")[0]
    assert sentence.count("points into the outline in 0.") == 3


def test_where_there_is_no_interval_nothing_is_shown():
    one = {k: {n: v[:1, :1] for n, v in rows.items()} for k, rows in scored({}, {}).items()}
    assert scoring.where_they_look(one).count("it does not show where this network looks") == 3


def test_a_map_that_knows_nothing_shows_nothing():
    sentence = scoring.where_they_look(scored({}, {}))
    assert sentence.count("so it does not show where these 3 networks look") == 3
    assert "There are no masks" in scoring.where_they_look({"deletion": {}})


def test_over_seeds_intervals_cover_other_networks(found):
    """Three networks that agree, and three that do not."""
    values = found["energy inside"]["occlusion"]
    one, alike = scoring.mean(values), scoring.mean(np.stack([values] * 3))
    assert (alike.value, alike.low, alike.high) == pytest.approx(
        (one.value, one.low, one.high), abs=0.003
    )
    apart = np.stack([values - 0.2, values, values + 0.2])
    assert scoring.mean(apart).value == pytest.approx(values.mean())
    assert scoring.mean(apart).high - scoring.mean(apart).low > 0.5
    assert scoring.mean_difference(np.stack([values] * 3), apart).side() == 0
