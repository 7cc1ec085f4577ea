"""Records read back: damage of any kind is noticed, and what is whole is read."""

import json
import shutil
import zipfile

import numpy as np
import pytest
from runs import BASE, count_trainings, same

from helpers import records, training
from helpers.records import store


def test_a_record_cut_short_is_noticed_and_made_again(recorded, monkeypatch):
    run = recorded
    for name in (*records.FILES, "run.json"):
        path = run.folder / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-20])
        with pytest.warns(records.RecordWarning, match=f"{run.folder}: the record is damaged"):
            assert records.read(run.folder) is None
        path.write_bytes(whole)
    assert same(records.read(run.folder), run)
    (run.folder / "validation.npz").unlink()
    trained = count_trainings(monkeypatch)
    with pytest.warns(records.RecordWarning, match="validation"):
        assert same(training.run(BASE), run)
    assert trained == [None]


def test_every_changed_bit_of_run_json_is_noticed(recorded):
    run = recorded
    path = run.folder / "run.json"
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    bits = rng.choice(8 * len(whole), 400, replace=False)
    for bit in (*bits, *range(8 * whole.index(b'"checksum"'), 8 * len(whole))):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        assert records.read(run.folder, warn=False) is None, (
            bit,
            bytes(changed[bit // 8 - 9 :][:19]),
        )
    path.write_bytes(whole)
    assert same(records.read(run.folder), run)


def rewrite(run, info):
    """Write run.json as the store does, with a checksum that is right."""
    (run.folder / "run.json").write_text(store.signed(info))


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda info: info.update(seed=1), "the seed"),
        (lambda info: info["experiment"].update(dropout=0.3), "the settings"),
        (lambda info: info.update(epochs=2), "the epochs"),
        (lambda info: info["kept"].update(best=info["kept"]["best"] % 3 + 1), "the best epoch"),
        (lambda info: info["data"]["validation"].update(Mel=3), "the labels"),
        (lambda info: info["identity"].update(train="0" * 16), "not those of its folder"),
        (lambda info: info.pop("kept"), "kept"),
    ],
)
def test_a_record_whose_parts_disagree_is_damaged(recorded, change, wrong):
    run = recorded
    info = json.loads(json.dumps(run.info))
    rewrite(run, info)
    assert same(records.read(run.folder), run)
    change(info)
    rewrite(run, info)
    with pytest.warns(records.RecordWarning, match=wrong):
        assert records.read(run.folder) is None


def test_answers_that_claim_far_more_than_they_should_are_not_unpacked(recorded, monkeypatch):
    """Zeros that take a thousandth of their size on disk, in a record that fits together."""
    info = json.loads(json.dumps(recorded.info))
    path = recorded.folder / "validation.npz"
    np.savez_compressed(path, labels=recorded.labels, probabilities=np.zeros(2**20))
    info["files"]["validation.npz"] = store.checksum(path)
    rewrite(recorded, info)
    monkeypatch.setattr(np, "load", lambda path: pytest.fail(f"{path} was unpacked"))
    with pytest.warns(records.RecordWarning, match=r"validation.npz claims to hold 8,\d+,\d+ byt"):
        assert records.read(recorded.folder) is None


def test_a_network_that_claims_far_more_than_its_file_has_is_not_opened(recorded):
    path = recorded.folder / "best.keras"
    recorded.model("best")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("more", bytes(2**23))
    with pytest.raises(ValueError, match=r"best.keras claims to hold [89],\d+,\d+ bytes"):
        recorded.model("best")


def test_a_record_copied_to_another_seed_is_no_second_seed(recorded):
    run = recorded
    shutil.copytree(run.folder, run.folder.with_name("seed1"))
    assert training.recorded(BASE, seed=1) is None


def test_a_run_json_of_brackets_is_damaged(recorded):
    run = recorded
    (run.folder / "run.json").write_text("[" * 100_000)
    with pytest.warns(records.RecordWarning, match="the record is damaged"):
        assert records.read(run.folder) is None
