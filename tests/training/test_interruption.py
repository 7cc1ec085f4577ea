import interrupt


def test_a_killed_run_ends_with_the_numbers_of_an_unbroken_one():
    died, same = interrupt.kill_and_compare(kills=1, in_write=1)
    assert died == 2
    assert same
