"""Doses of a sign, see `heatmaps.dose`, as tables and in words."""

from collections.abc import Sequence

import pandas as pd

from helpers.evidence import Dose, Limits


def dose_table(doses: Sequence[Dose]) -> pd.DataFrame:
    """All that was measured: a row for each sign and dose, shares with their 95 % intervals."""
    return pd.DataFrame(
        {
            "sign": seen.sign,
            "dose": f"{seen.dose:.0%}",
            "accuracy with its own sign": str(seen.own),
            "without a sign": str(seen.absent),
            "with another's": str(seen.other),
            "right answers turned": str(seen.turned),
        }
        | {f"{method} on the sign": str(share) for method, share in seen.pointing.items()}
        for seen in doses
    ).set_index(["sign", "dose"])


def limits_table(found: Sequence[Limits]) -> pd.DataFrame:
    """The limits: a row a sign."""

    def shown(dose: float | None) -> str:
        return "never" if dose is None else f"from {dose:.0%}"

    return pd.DataFrame(
        {
            "sign": row.sign,
            "sways the answers": shown(row.swayed),
            "decides them": shown(row.switched),
        }
        | {f"{method} notices": shown(dose) for method, dose in row.noticed.items()}
        for row in found
    ).set_index("sign")


def limit_in_words(row: Limits) -> str:
    """What the limits of a sign mean, in two sentences."""
    said = f"The {row.sign} sways the answers"
    if row.swayed is None:
        return f"{said} at no dose: there is no shortcut for a map to notice."
    said += f" from a dose of {row.swayed:.0%} on and decides them "
    said += "at none." if row.switched is None else f"from {row.switched:.0%}."
    told = [
        f"{method} {'at no dose' if dose is None else f'from {dose:.0%}'}"
        for method, dose in row.noticed.items()
    ]
    in_time = [name for name, dose in row.noticed.items() if dose and dose <= row.swayed]
    return (
        f"{said} More maps than at the lowest dose point to it with {_joined(told)}: "
        f"{_joined(in_time) if in_time else 'none'} in time."
    )


def _joined(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
