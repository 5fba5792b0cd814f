"""``report.html`` of a real run: complete, self-contained, safe, and usable in a browser."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from nbtui.evidence.facts import RunFacts
from nbtui.evidence.records import Blocker, Explanation, Verdict
from nbtui.evidence.report import render
from nbtui.evidence.report.gates import used
from nbtui.evidence.report.tiles import picture, tile_map
from nbtui.run.attest import facts_in, read_journal
from tests.nbtui.evidence.browser import Page, browse, find_browser

BROWSER = find_browser()
TAB, ENTER, RIGHT = ("Tab", 9), ("Enter", 13), ("ArrowRight", 39)


@pytest.fixture(scope="module")
def facts(sealed_bundle: Path) -> RunFacts:
    return facts_in(sealed_bundle, read_journal(sealed_bundle)[1])


@pytest.fixture(scope="module")
def html(sealed_bundle: Path) -> str:
    return (sealed_bundle / "report.html").read_text("utf-8")


def page_of(facts: RunFacts) -> str:
    return b"".join(render(facts, facts.bundle)).decode()


class Outline(HTMLParser):
    """Collects what an HTML page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.anchors: set[str] = set()
        self.images_without_words = 0
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in {"meta", "img", "input", "wbr"}:
            self.open.append(tag)
        self.addresses += [str(given[n]) for n in ("src", "href", "action") if n in given]
        self.anchors.add(given.get("id") or "")
        self.images_without_words += tag == "img" and not given.get("alt")
        self.inline += [n for n in given if n == "style" or n.startswith("on")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_it_needs_nothing_from_anywhere(html: str) -> None:
    outline = Outline()
    outline.feed(html)
    assert outline.open == []
    assert outline.images_without_words == 0
    assert outline.inline == []  # the policy forbids them
    for address in outline.addresses:
        assert address.startswith(("data:image/png;base64,", "#"))
        assert not address.startswith("#") or address[1:] in outline.anchors
    assert "default-src 'none'" in html


def test_it_says_what_was_measured_and_what_was_not_checked(html: str) -> None:
    plain = html.replace("<wbr>", "")
    for words in (
        "cleared", "relative_l2", "docs/strategy.md:8", "input.md:6", "Worst tiles",
        "What was not checked", "are not kept", "forging one is laborious",
        "relative_l2 is reported, it does not block",
    ):  # fmt: skip
        assert words in plain, words


def test_texts_of_a_memo_cannot_become_markup(facts: RunFacts) -> None:
    import msgspec

    hostile = '<script>alert(1)</script>"><img src=x onerror=1>\x1b[2J'
    plan = msgspec.structs.replace(facts.plan, focus=hostile, summary=hostile)
    blocker = Blocker(kind="gate", where="01-compare", reason=hostile)
    page = page_of(replace(facts, plan=plan, blocker=blocker, verdict=Verdict.BLOCKED))
    assert "<script>alert" not in page
    assert "onerror=1>" not in page
    assert "\x1b" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_diagnosis_stands_beside_the_reason(facts: RunFacts) -> None:
    told = Explanation(
        sentence="The images differ by a factor of 1.01.",
        command="nbtui diagnose",
        earlier=("the very same figures in 2 earlier runs",),
    )
    page = page_of(replace(facts, explanation=told, verdict=Verdict.BLOCKED))
    assert "<strong>Likely cause:</strong> The images differ by a factor of 1.01." in page
    assert "<code>nbtui diagnose</code>" in page
    assert "the very same figures in 2 earlier runs" in page


def test_a_run_that_never_began_has_a_report_too(facts: RunFacts) -> None:
    nothing = tuple(type(s)(s.step) for s in facts.stages)
    page = page_of(replace(facts, stages=nothing, verdict=Verdict.BLOCKED))
    assert "No gate was held" in page
    assert "01-compare was not run" in page
    assert "Time line</h2>" not in page


def test_the_allowance_is_the_share_of_the_permitted_distance(facts: RunFacts) -> None:
    shares = {(g.gate.metric, g.gate.threshold): used(g) for s in facts.stages for g in s.gates}
    assert shares["matched_fraction", 0.95] == 0.0
    assert shares["relative_l2", 1e-3] == pytest.approx(1.758e-4, rel=1e-2)
    over = shares["relative_l2", 1e-12]
    assert over is not None
    assert over > 1


def test_the_tile_map_shows_where_the_difference_is(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    c = rng.uniform(1, 2, (130, 200)).astype("<f4")
    py = c.copy()
    py[40, 100] += 3.0
    c.tofile(tmp_path / "c")
    py.tofile(tmp_path / "py")
    tiles = tile_map(tmp_path / "c", tmp_path / "py", (130, 200))
    assert tiles.side == 4
    assert tiles.values.shape == (33, 50)
    assert np.count_nonzero(tiles.values) == 1
    value, (slow, fast) = tiles.worst(1)[0]
    assert (slow, fast) == (40, 100)
    assert value == pytest.approx(3.0 / np.linalg.norm(c[40:44, 100:104]), rel=1e-5)
    assert picture(tiles).startswith(b"\x89PNG")


def test_a_pixel_that_is_no_number_is_the_worst_tile(tmp_path: Path) -> None:
    c = np.ones((64, 64), "<f4")
    py = c.copy()
    py[10, 20] = np.nan
    c.tofile(tmp_path / "c")
    py.tofile(tmp_path / "py")
    tiles = tile_map(tmp_path / "c", tmp_path / "py", (64, 64))
    assert tiles.worst(1) == [(np.inf, (10, 20))]


@pytest.fixture(scope="module")
def shown(sealed_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The report in a browser; skips, and says so, where there is none."""
    if BROWSER is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with browse(BROWSER, tmp_path_factory.mktemp("profile")) as page:
        page.open(sealed_bundle / "report.html")
        yield page


def mode(page: Page) -> str:
    return str(page.run("document.querySelector('.viewer').dataset.mode"))


def focus(page: Page, selector: str) -> None:
    page.run(f"document.querySelector('{selector}').focus()")


def test_the_browser_fetches_nothing_and_complains_of_nothing(shown: Page) -> None:
    outside = [u for u in shown.requests if not u.startswith(("file://", "data:"))]
    assert outside == []
    assert shown.errors == []
    loaded = "[...document.images].every(i => i.complete && i.naturalWidth > 0)"
    assert shown.run(loaded)
    assert shown.run("document.images.length") == 4


def test_everything_is_reached_and_changed_with_keys(shown: Page) -> None:
    shown.run("document.activeElement.blur()")
    shown.press(*TAB)
    assert shown.run("document.activeElement.className") == "skip"
    shown.press(*ENTER)
    focus(shown, ".viewer input[type=radio]:checked")
    shown.press(*RIGHT)
    assert mode(shown) == "slide"
    shown.press(*TAB)
    assert shown.run("document.activeElement.type") == "range"
    before = shown.run("document.querySelector('.py img').style.clipPath")
    shown.press(*RIGHT)
    assert shown.run("document.querySelector('.py img').style.clipPath") != before
    focus(shown, ".viewer input[value=slide]")
    shown.press(*RIGHT)
    assert mode(shown) == "blink"
    shown.press(*TAB)
    shown.press(*ENTER)
    assert shown.run("document.activeElement.getAttribute('aria-pressed')") == "true"
    shown.press(*ENTER)
    assert shown.run("document.activeElement.getAttribute('aria-pressed')") == "false"
    focus(shown, ".viewer input[value=blink]")
    shown.press(*RIGHT)
    assert mode(shown) == "diff"
    visible = "getComputedStyle(document.querySelector('.frames .c')).display"
    assert shown.run(visible) == "none"


def test_paper_shows_all_three_pictures_whatever_was_chosen(shown: Page) -> None:
    shown.call("Emulation.setEmulatedMedia", media="print")
    style = "getComputedStyle(document.querySelector('{}')).display"
    for name in (".frames .c", ".frames .py", ".frames .diff"):
        assert shown.run(style.format(name)) != "none"
    assert shown.run(style.format("nav")) == "none"
    assert shown.run(style.format(".controls")) == "none"
    assert shown.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    pdf = shown.call("Page.printToPDF", printBackground=True)
    assert len(pdf["data"]) > 10_000
    shown.call("Emulation.setEmulatedMedia", media="")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(shown: Page, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    shown.call("Emulation.setEmulatedMedia", media="screen", features=features)
    for selector in ("body", ".verdict", ".badge.good", "figcaption", "thead th", "nav a"):
        colours = shown.run(
            "(() => { const e = document.querySelector('" + selector + "');"
            "let g = e; while (getComputedStyle(g).backgroundColor === 'rgba(0, 0, 0, 0)')"
            " g = g.parentElement;"
            "return [getComputedStyle(e).color, getComputedStyle(g).backgroundColor]; })()"
        )
        assert contrast(*colours) >= 4.5, (scheme, selector, colours)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of WCAG 2 of two CSS colours."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(n) / 255 for n in re.findall(r"\d+", colour)[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
