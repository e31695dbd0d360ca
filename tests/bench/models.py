"""What training gives on real leads: the newest 20 %, reported once, choice made on older data.

Needs the data folder beside the checkout; says so and goes on without it.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from scoring.dataset.options import Options
from scoring.files.export import read_export
from scoring.training.pipeline import Prepared, prepare_export
from scoring.training.train import Trained, train

DATA = Path(__file__).parents[3] / "shared" / "data"
_KNOWN_LEAKS = (
    "Tags",
    "Lead Quality",
    "Lead Profile",
    "Last Activity",
    "Last Notable Activity",
    "Asymmetrique Activity Index",
    "Asymmetrique Profile Index",
    "Asymmetrique Activity Score",
    "Asymmetrique Profile Score",
)
_LANDMARK = timedelta(days=7)


def run() -> None:
    """Train on each data set and print every candidate's figures."""
    if not DATA.is_dir():
        print("models: the data folder beside the checkout is missing; nothing to train on")
        return
    for name, trained in _trained():
        print(f"\n{name}: verdict {trained.model.verdict}, served {trained.model.kind}")
        for sentence in (trained.model.why, *trained.sentences):
            print(f"  {sentence}")
        for judged in trained.judged:
            low, high = judged.calibration_error_interval
            print(
                f"  {judged.name:<10} AUC {judged.auc:.4f}  log loss {judged.log_loss:.4f}  "
                f"calibration error {judged.calibration_error:.3f} [{low:.3f}, {high:.3f}]"
                f"{'  <- served' if judged.is_served else ''}"
            )
        if trained.choice:
            for trial in trained.choice.trials:
                losses = " ".join(f"{s.log_loss:.3f}" for s in trial.slices)
                print(f"  on older slices: {trial.name:<10} {losses}")
        for leak in trained.leaks:
            print(f"  {leak.sentence()}")


def _trained() -> Iterator[tuple[str, Trained]]:
    for name, ready in prepared():
        yield name, train(ready.data, ready.schema, notes=ready.notes, leaks=ready.leaks)


def prepared() -> Iterator[tuple[str, Prepared]]:
    """The sets, as rows to train on."""
    leads = read_export(DATA / "x_education" / "leads.csv.gz")
    x_education = Options(
        target="Converted",
        id_column="Prospect ID",
        time_column="Lead Number",
        missing=("Select",),
        drop=_KNOWN_LEAKS,
    )
    yield "x_education without the leaky columns", prepare_export(leads, x_education)
    calls = read_export(DATA / "bank" / "bank_additional_full.csv.gz")
    bank = Options(target="y", drop=("duration",))
    yield "bank without duration", prepare_export(calls, bank, file_order=True)
    trials = read_export(DATA / "splendor" / "org_features.csv")
    splendor = Options(target="converted", id_column="organization_id", time_column="trial_start")
    yield "splendor", prepare_export(trials, splendor)
    with TemporaryDirectory() as folder:
        users, logins = _relax(Path(folder))
        relax = Options(
            target="adopted",
            id_column="object_id",
            time_column="signed_up_at",
            drop=("creation_time",),
        )
        yield (
            "relax, known at day 7, adopted after it",
            prepare_export(read_export(users), relax, events=read_export(logins)),
        )


def _relax(folder: Path) -> tuple[Path, Path]:
    """Users at their seventh day, and the login days before it.

    Adopted means three login days within seven, from day 7 on: features see only what came
    before. The moment of scoring stands in the column of the sign-up.
    """
    with gzip.open(DATA / "relax" / "logins.csv.gz", "rt", encoding="latin-1") as file:
        days: dict[str, list[datetime]] = {}
        for row in csv.DictReader(file):
            at = datetime.fromisoformat(row["time_stamp"]).replace(tzinfo=UTC)
            days.setdefault(row["user_id"], []).append(at)
    users, logins = folder / "users.csv", folder / "logins.csv"
    with gzip.open(DATA / "relax" / "users.csv.gz", "rt", encoding="latin-1") as file:
        rows = list(csv.DictReader(file))
    with users.open("w", newline="") as leads, logins.open("w", newline="") as events:
        names = [n for n in rows[0] if n != "last_session_creation_time"]
        writer = csv.DictWriter(leads, [*names, "signed_up_at", "adopted"], extrasaction="ignore")
        writer.writeheader()
        login = csv.writer(events)
        login.writerow(["lead_id", "name", "at"])
        for row in rows:
            made = datetime.strptime(row["creation_time"], "%d-%m-%Y %H:%M").replace(tzinfo=UTC)
            cut = made + _LANDMARK
            seen = sorted(days.get(row["object_id"], []))
            row["signed_up_at"] = cut.isoformat()
            row["adopted"] = "yes" if _adopts([at for at in seen if at >= cut]) else "no"
            writer.writerow(row)
            for at in seen:
                if at < cut:
                    login.writerow([row["object_id"], "login", at.isoformat()])
    return users, logins


def _adopts(days: list[datetime]) -> bool:
    """Whether any three login days lie within seven."""
    counted = Counter(days)
    ordered = sorted(counted)
    return any(
        third - first < timedelta(days=7)
        for first, third in zip(ordered, ordered[2:], strict=False)
    )
