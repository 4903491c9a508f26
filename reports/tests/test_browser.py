"""The page in a real browser: what it shows, what it does, and what hostile words cannot make it do."""

from collections.abc import Iterator
from typing import Any

import pytest

from reports import gate, page, results

from . import browser, sample

pytestmark = pytest.mark.skipif(not browser.PROGRAM, reason="no Chromium here: apt install chromium")
VISIBLE = "[...document.querySelectorAll('.document details.row')].filter(row => row.checkVisibility())"
IDS = f"{VISIBLE}.map(row => row.querySelector('.evidence').id)"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("page")
    run = results.read(sample.write(folder / "results.jsonl", sample.run(*sample.TESTS)))
    page.write(run, folder / "report.html", gate.judge(run))
    return (folder / "report.html").as_uri()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Browser]:
    with browser.launched(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def tab(chromium: browser.Browser) -> Iterator[browser.Tab]:
    with chromium.tab() as opened:
        yield opened


def test_hostile_words_stay_words(tab: browser.Tab, address: str) -> None:
    tab.go(address)

    assert tab.see("document.title") == "/usr/sbin/runc · OCI runtime conformance"
    assert tab.see("document.scripts.length") == 1
    assert tab.see("document.querySelectorAll('img, iframe, object, embed, base, svg').length") == 0
    assert (
        tab.see("[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames().filter(n => /^on/.test(n)))")
        == []
    )
    assert "<script>document.title='owned'</script>" in tab.see("document.getElementById('masked.file').textContent")


def test_a_script_that_got_in_would_not_run(tab: browser.Tab, address: str) -> None:
    tab.go(address)

    tab.see("document.body.append(Object.assign(document.createElement('script'), {text: 'document.title = 1'}))")

    assert tab.see("document.title") != "1"


def test_the_page_asks_nobody_for_anything(tab: browser.Tab, address: str) -> None:
    tab.go(address)

    asked = [event["request"]["url"] for event in tab.happened("Network.requestWillBeSent")]

    assert [url for url in asked if not url.startswith("data:")] == [address]
    assert tab.happened("Runtime.exceptionThrown") == []


def test_a_verdict_is_filtered_by_its_box(tab: browser.Tab, address: str) -> None:
    tab.go(address)

    tab.see("document.querySelector('input[value=failed]').click()")

    assert tab.see(IDS) == ["ns.uts.duplicate", "masked.file", "escape.proc-self-exe"]
    assert tab.see("document.querySelector('output.shown').textContent") == f"3 of {len(sample.CATALOGUE)}"
    assert not tab.see("document.getElementById('bundle.md').checkVisibility()")


def test_a_level_is_filtered_by_the_list(tab: browser.Tab, address: str) -> None:
    tab.go(address)

    tab.see(
        "(s => { s.value = 'SHOULD'; s.dispatchEvent(new Event('input', {bubbles: true})) })(document.forms[0].level)"
    )

    assert tab.see(IDS) == ["kill.unknown", "warn.unknown"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("uts second", ["ns.uts.duplicate"]),
        ("NS.TIME", ["ns.time.new"]),
        ("config.md hostname", ["hostname.seen"]),
        ("nothing of the kind", []),
    ],
)
def test_the_search_finds_words_in_any_order(tab: browser.Tab, address: str, words: str, found: list[str]) -> None:
    tab.go(address)

    tab.press("/", "/")
    tab.call("Input.insertText", text=words)

    assert tab.see(IDS) == found
    assert tab.see("document.querySelector('.nothing').checkVisibility()") is (not found)


def opened(tab: browser.Tab) -> list[str]:
    return tab.see("[...document.querySelectorAll('.document details.row[open] > .evidence')].map(e => e.id)")


def test_a_deep_link_opens_its_requirement(tab: browser.Tab, address: str) -> None:
    tab.go(f"{address}#ns.uts.duplicate")

    assert opened(tab) == ["ns.uts.duplicate"]
    assert tab.see("document.activeElement.matches('details.row > summary')")
    assert 0 <= tab.see("document.activeElement.getBoundingClientRect().top") < 400


def test_a_deep_link_opens_what_a_filter_hides(tab: browser.Tab, address: str) -> None:
    tab.go(address)
    tab.see("document.querySelector('input[value=passed]').click()")

    moved = "new Promise(done => addEventListener('hashchange', done, {once: true}))"
    tab.call("Runtime.evaluate", expression=f"location.hash = '#ns.uts.duplicate'; {moved}", awaitPromise=True)

    assert opened(tab) == ["ns.uts.duplicate"]
    assert "ns.uts.duplicate" in tab.see(IDS)


def test_a_section_is_linked_by_the_specifications_anchor(tab: browser.Tab, address: str) -> None:
    tab.go(f"{address}#configLinuxNamespaces")

    assert tab.see("document.querySelector(':target').textContent").startswith("Namespaces")
    assert 0 <= tab.see("document.querySelector(':target').getBoundingClientRect().top") < 400


def test_without_script_the_page_is_whole_and_deep_links_open(tab: browser.Tab, address: str) -> None:
    tab.call("Emulation.setScriptExecutionDisabled", value=True)

    tab.go(f"{address}#ns.uts.duplicate")

    assert tab.see(f"{VISIBLE}.length") == len(sample.CATALOGUE)
    assert opened(tab) == ["ns.uts.duplicate"]
    assert not tab.see("document.querySelector('form.filters, .copy').checkVisibility()")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_window(tab: browser.Tab, address: str, width: int) -> None:
    tab.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500)
    tab.go(address)

    tab.see("for (const box of document.querySelectorAll('details')) box.open = true")

    assert tab.see("document.documentElement.scrollWidth") <= width


#: Texts whose contrast with what is behind them is below 4.5 to 1 (WCAG AA).
FAINT = """(() => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => numbers(colour).slice(0, 3).map(c => c / 255)
    .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (!c.endsWith(', 0)')) return c; } return 'rgb(255, 255, 255)'; };
  for (const box of document.querySelectorAll('details')) box.open = true;
  return [...document.querySelectorAll('body *')]
    .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => { const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
      return [(a + .05) / (b + .05), e.className, e.textContent.slice(0, 30)]; })
    .filter(([ratio]) => ratio < 4.5);
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(tab: browser.Tab, address: str, scheme: str) -> None:
    tab.media(prefers_color_scheme=scheme)
    tab.go(address)

    assert tab.see(FAINT) == []


def test_dark_mode_is_dark(tab: browser.Tab, address: str) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    tab.go(address)

    seen: dict[str, Any] = {}
    for scheme in ("light", "dark"):
        tab.media(prefers_color_scheme=scheme)
        seen[scheme] = tab.see(background)

    assert seen == {"light": "rgb(251, 250, 247)", "dark": "rgb(21, 23, 26)"}


def test_paper_shows_the_evidence_of_failures_and_no_controls(tab: browser.Tab, address: str) -> None:
    tab.go(address)
    tab.media("print")

    shown = "document.getElementById('{}').querySelector('.test').checkVisibility()"

    assert tab.see(shown.format("ns.uts.duplicate"))
    assert not tab.see(shown.format("ns.uts.new"))
    assert not tab.see("document.querySelector('form.filters').checkVisibility()")


def test_the_keyboard_reaches_everything(tab: browser.Tab, address: str) -> None:
    tab.go(address)

    tab.press("Tab")
    first = tab.see("document.activeElement.className")
    tab.press("Enter", "\r")
    target = tab.see("location.hash")
    tab.see("document.querySelector('details.row summary').focus()")
    tab.press("Enter", "\r")

    assert (first, target) == ("skip", "#page-findings")
    assert tab.see("document.querySelector('details.row').open")


def test_what_has_the_focus_is_seen(tab: browser.Tab, address: str) -> None:
    tab.go(address)

    tab.press("Tab")

    assert tab.see("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert tab.see("document.activeElement.getBoundingClientRect().width") > 50


def test_a_replay_is_copied_by_its_button(tab: browser.Tab, address: str) -> None:
    tab.go(f"{address}#ns.uts.duplicate")

    # It is said for a moment only: who would ask again and again may come too late.
    heard = """new Promise(done => {
      const said = document.querySelector('.announce');
      new MutationObserver(() => done(said.textContent)).observe(said, {childList: true});
      document.getElementById('ns.uts.duplicate').querySelector('.copy').click();
    })"""
    answer = tab.call("Runtime.evaluate", expression=heard, awaitPromise=True, userGesture=True)

    assert answer["result"]["value"] == "copied"
