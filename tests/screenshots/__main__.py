"""Every page of the console as a picture: light, dark, phone. `make screenshots` writes them into
`screenshots/`, from the simulated trials of the demo played through a real server.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from scoring.simulate import simulate
from service.demo.caller import Caller
from service.demo.clock import StoryClock
from service.demo.stage import Stage, running_server, train_demo_model, work, write_export
from service.demo.story import REPS, Story
from service.routes.console_pages import PAGES
from tests.browser.conftest import DESK, PHONE

OUT = Path("screenshots")
LOOKS = {
    "light": {"viewport": DESK, "color_scheme": "light"},
    "dark": {"viewport": DESK, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light"},
}


def main() -> None:
    """Play twelve days, then look at every page as a rep and as a manager."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("no Chromium: install Debian's package `chromium`")
    OUT.mkdir(exist_ok=True)
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    start = now - timedelta(days=12)
    with tempfile.TemporaryDirectory() as folder:
        leads, model = Path(folder) / "leads.csv", Path(folder) / "model"
        past = simulate(1000, seed=20, start=start - timedelta(days=200), days=150)
        train_demo_model(leads, write_export(past, leads), model, print)
        clock = StoryClock(start)
        with running_server(Path(folder), model, clock, list(REPS), port=0) as stage:
            caller = Caller(stage.url, stage.ingest, clock)
            for rep, desk in REPS.items():
                caller.person("PUT", f"/v1/reps/{rep}", stage.manager, desk)
            trials = simulate(360, seed=21, start=start, days=12)
            story = Story(caller, clock, trials, stage.reps, lambda: work(stage.parts))
            story.play(start, now, lambda at, counts: None)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=["--no-sandbox"]
                )
                for look in LOOKS:
                    _look(browser, stage, look)
                browser.close()
    print(f"{len(list(OUT.glob('*.png')))} pictures are in {OUT}/")


def _look(browser: Browser, stage: Stage, look: str) -> None:
    for name, paths in (
        ("Ben Carter", {"queue": "/"}),
        ("Vera Lindt", {key: path for key, (_, path) in PAGES.items() if key != "queue"}),
    ):
        context = browser.new_context(**LOOKS[look])  # type: ignore[arg-type]  # Playwright's names
        page = context.new_page()
        page.goto(stage.entrances[name])
        for key, path in paths.items():
            page.goto(f"{stage.url}{path}")
            page.screenshot(path=OUT / f"{key}-{look}.png", full_page=True)
            link = page.locator(f"td a[href^='{path}/']").first
            if key in ("leads", "offers", "mail") and link.count():
                link.click()
                page.screenshot(path=OUT / f"{key}-one-{look}.png", full_page=True)
        context.close()


if __name__ == "__main__":
    main()
