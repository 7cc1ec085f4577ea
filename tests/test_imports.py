"""What can be used without waiting for TensorFlow, whose import takes seconds."""

import processes
import pytest


@pytest.mark.parametrize(
    "module",
    ["settings", "experiments", "evidence", "records", "datasets", "results", "plotting"],
)
def test_it_loads_no_tensorflow(module):
    code = f"""
import sys
import helpers.{module}
print(sorted({{"tensorflow", "keras", "tf_keras", "helpers.runtime"}} & {{*sys.modules}}))
"""
    assert processes.outputs(processes.start(code)) == ["[]\n"]
