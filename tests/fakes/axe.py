"""What axe-core finds on a page in a browser."""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
ALLOWED: dict[str, str] = {}
"""Rules that Gradio's own elements break and we cannot mend, and why."""


def found(page: Page) -> list[str]:
    """The serious and critical violations, as rule, element and what axe says."""
    page.evaluate(AXE)
    violations = page.evaluate("axe.run(document).then(r => r.violations)")
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical") and violation["id"] not in ALLOWED
        for node in violation["nodes"]
    ]
