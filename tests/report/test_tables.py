"""The report's table of images, on made-up runs."""

from runs import made_up

from report.builder import tables


def test_what_is_wrong_with_a_set_stands_beside_it_and_older_records_say_nothing():
    old = made_up()
    assert "wrong with them" not in tables.images([old])
    said = "12 of 76 validation pictures are in train"
    copied = made_up(data=old.info["data"] | {"findings": said})
    assert tables.images([old, copied])["wrong with them"].tolist() == ["", said]
