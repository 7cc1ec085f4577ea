"""Every run of the lab: the assignment to the letter, which the profile `full` runs."""

from dataclasses import replace
from typing import Any

from helpers.experiments.experiment import Experiment

# fmt: off
_1A = Experiment("task1a_plain", "1a")
_1C = Experiment("task1c_no_batch_norm", "1c", dropout=0.4, learning_rate=1e-5, epochs=80)
_2A = Experiment("task2a_no_spatial_dropout", "2a", base=32, dropout=0.4, learning_rate=1e-5,
                 epochs=150)
_4 = Experiment("task4_not_augmented", "4", size=256, base=64, dense=(128, 64), dropout=0.4,
                batch_norm=True, learning_rate=1e-5, epochs=80, threads=4)
_5 = replace(_4, name="task5_skin", task="5a", network="vgg16", dense=(64, 64, 64), augmented=True)
_7 = Experiment("task7_skin", "7a", network="dense_head", size=224, dense=(128,), dropout=0.5,
                learning_rate=1e-5, epochs=150, features="imagenet", scaled="unit")
_7_BONE = replace(_7, name="task7_bone", data="bone")
# The last block of the pretrained network fine-tuned with the head, as the step after Task 7.
_FINE_TUNED: dict[str, Any] = {"task": "7c", "network": "thawed", "epochs": 10}
_8 = replace(_5, name="task8", task="8a", data="bone", size=128, base=8, batch_norm=False,
             softmax=True, threads=1)
# The shortcut: a sign drawn into the bones follows the class in a share of them, the dose. The
# network is one whose maps can be read: its last convolution sees 34 pixels and has 32 x 32 places
# (that of VGG16 sees more than the whole image), and what follows does not know the place.
_SIGNED = replace(_8, name="", task="8b", network="alexnet_global_pool", dense=(64, 64),
                  dropout=0.0, batch_norm=True, momentum=0.9, learning_rate=1e-3, epochs=20,
                  augmented=False, seeds=3)
EVERY_DOSE = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_ROWS = (
    _1A,
    replace(_1A, name="task1a_dropout", dropout=0.4),
    replace(_1A, name="task1b_plain", task="1b", batch_norm=True),
    replace(_1A, name="task1b_dropout", task="1b", batch_norm=True, dropout=0.4),
    _1C,
    replace(_1C, name="task1c_batch_norm", batch_norm=True),
    replace(_1C, name="task1d_no_batch_norm", task="1d", epochs=150),
    replace(_1C, name="task1d_batch_norm", task="1d", batch_norm=True, epochs=150),
    _2A,
    replace(_2A, name="task2a_spatial_dropout", spatial_dropout=0.1),
    replace(_2A, name="task2b_no_spatial_dropout", task="2b", epochs=250),
    replace(_2A, name="task2b_spatial_dropout", task="2b", spatial_dropout=0.1, epochs=250),
    _4,
    replace(_4, name="task4_augmented", augmented=True),
    _5,
    replace(_5, name="task5_bone", data="bone"),
    # What each of the two is there for: task5_skin without it, for its first epochs.
    replace(_5, name="task5_no_batch_norm", task="5b", batch_norm=False, epochs=20),
    replace(_5, name="task5_no_dropout", task="5b", dropout=0.0, epochs=20),
    replace(_5, name="task5_not_augmented", task="5b", augmented=False),
    replace(_7, name="task6_skin_imagenet", task="6", scaled="imagenet"),
    replace(_7_BONE, name="task6_bone_imagenet", task="6", scaled="imagenet"),
    _7,
    _7_BONE,
    # The same heads on the features of an untrained network.
    replace(_7, name="task7_skin_random", task="7b", features="random"),
    replace(_7_BONE, name="task7_bone_random", task="7b", features="random"),
    replace(_7, name="task7_skin_thawed", starts_from=_7, **_FINE_TUNED),
    replace(_7_BONE, name="task7_bone_thawed", starts_from=_7_BONE, **_FINE_TUNED),
    _8,
    replace(_8, name="task8_batch_norm", batch_norm=True),
    *(
        replace(_SIGNED, name=f"task8_{sign}_{100 * dose:.0f}", sign=sign, dose=dose)
        for sign in ("letter", "patch", "frame")
        for dose in EVERY_DOSE
    ),
    replace(_SIGNED, name="task8_shuffled", sign="letter", dose=0.5, labels="shuffled", epochs=10),
)
# fmt: on
EXPERIMENTS = {row.name: row for row in _ROWS}
