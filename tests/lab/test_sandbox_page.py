"""The sandbox in the lab: what its routes refuse, and its page in a real browser where there is one."""

import asyncio
import json
from pathlib import Path

import pytest

import ganvas
from browser import FOUND, new_page
from ganvas.lab import sessions
from ganvas.lab.sessions import FRAMES, Session, messages_after
from ganvas.recipes import override, recipe
from ganvas.recipes.tiny import tiny_overrides
from serving import answer, served

JSON = {"Content_Type": "application/json"}
SMALL = {"G.network.widths": [16, 16], "D.network.widths": [16, 16], "source.samples": 5000}


def origin(address: str) -> str:
    return address.rsplit("/", 2)[0]


def test_commands_are_json_by_post_from_our_own_page(tmp_path: Path) -> None:
    with served(tmp_path) as address:
        own = {"Origin": origin(address), **JSON}
        assert answer(address, "sandbox")[0] == 405
        assert answer(address, "sandbox", "POST", "{}", **JSON)[0] == 403, "a POST without an Origin"
        assert answer(address, "sandbox", "POST", "{}", Origin="http://evil.example", **JSON)[0] == 403
        status, body, _ = answer(address, "sandbox", "POST", "{}", **own)
        assert status == 200
        session = f"sessions/{json.loads(body)['id']}"
        plain = {"Origin": origin(address), "Content_Type": "text/plain"}
        assert answer(address, session, "POST", '{"do": "play"}', **plain)[0] == 415
        for wrong in ("", "[]", "{", '{"do": 1}', "[" * 1000):
            assert answer(address, session, "POST", wrong, **own)[0] == 400, wrong
        assert answer(address, session, "POST", '{"do": "' + "x" * 2**20 + '"}', **own)[0] == 413
        assert answer(address, session, "POST", '{"do": "nothing"}', **own)[0] == 204
        assert answer(address, "sessions/0000", "POST", '{"do": "play"}', **own)[0] == 404
        assert answer(address, "sessions/0000/messages")[0] == 404
        assert answer(address, f"{session}/messages", Last_Event_Id="x")[0] == 404


def test_a_session_that_nobody_reads_is_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "LEFT_SECONDS", 0.1)
    session = Session(["cat"])  # what it is sent comes back

    async def read() -> None:
        messages = [messages_after(session, 0) for _ in range(2)]
        waiting = [asyncio.ensure_future(anext(each)) for each in messages]
        await asyncio.sleep(0.1)
        waiting[0].cancel()
        await asyncio.sleep(0.3)
        assert session.since(0) == [], "another page still reads"
        waiting[1].cancel()
        await asyncio.sleep(0.3)

    try:
        asyncio.run(read())
        assert [json.loads(text) for *_, text in session.since(0)] == [{"do": "pause"}]
    finally:
        session.end()


def frames(session: Session) -> list[int]:
    return [samples for _, kind, samples, _ in session.since(0) if kind == "frame"]


def test_a_session_keeps_what_a_page_needs_after_a_reload() -> None:
    session = Session(["cat"])
    try:
        for message in ({"kind": "ready"}, {"kind": "setup", "begun": True}):
            session.store(message, json.dumps(message))
        for place in range(1000):
            session.store({"kind": "frame", "sides": [{"samples": place}]}, str(place))
        assert len(frames(session)) <= FRAMES
        assert frames(session)[-1] == 999
        assert frames(session)[0] == 0
        number = session.since(0)[-1][0]
        session.store({"kind": "frame", "sides": [{"samples": 1000}]}, "1000")
        assert [each[3] for each in session.since(number)] == ["1000"], "a reader that comes back gets only what is new"
        there = frames(session)[len(frames(session)) // 2]
        session.store({"kind": "back", "samples": there}, "back")
        assert max(frames(session)) == there
        session.store({"kind": "setup", "begun": False}, "unseen")
        session.store({"kind": "setup", "begun": False}, "changed")
        assert frames(session)
        kinds = [(kind, text) for _, kind, _, text in session.since(0) if kind == "setup"]
        assert [text for _, text in kinds][1:] == ["changed"], "frames before a change are of the set-up before it"
        assert len(kinds) == 2
        session.store({"kind": "setup", "begun": True}, "begun")
        assert frames(session) == []
    finally:
        session.end()


if FOUND:  # .ci/run installs one

    def score(selector: str = ".score") -> str:
        return f"Number(document.querySelector('{selector}').dataset.modes)"

    def test_the_sandbox_trains_to_eight_modes_by_clicking(tmp_path: Path) -> None:
        with served(tmp_path) as address, new_page() as page:
            page.screen(1280, 900)
            page.call("Page.navigate", url=f"{address}#sandbox")
            page.until("document.querySelector('.score') !== null", 60)
            before = page.run("document.querySelector('.plane canvas').toDataURL()")
            page.choose("[aria-label^=Rounds]", "50")
            page.click("#play")
            page.until(f"{score()} === 8", 90)
            assert page.run("document.querySelector('.plane canvas').toDataURL()") != before
            page.click("#play")
            page.until("document.querySelector('#play').textContent === 'Play'")
            seen = page.run("document.querySelector('.scrub .at').textContent")
            page.call("Page.reload")
            page.until(f"document.querySelector('.scrub .at')?.textContent === '{seen}'", 30)
            back = "(s => { s.value = s.max / 2; s.dispatchEvent(new Event('input')); })"
            back += "(document.querySelector('.scrub input'))"  # again and again: a late frame moves the slider on
            page.until(f"({back}, document.querySelector('.scrub .at').textContent !== '{seen}')", 30)
            page.until("document.querySelector('.behind').innerText.includes('You see round')")
            there = page.run("document.querySelector('.scrub .at').textContent")
            page.click("#back")
            page.until("document.querySelector('.behind').hidden")
            assert page.run("document.querySelector('.scrub .at').textContent") == there, "exactly what was shown"
            samples = int("".join(filter(str.isdigit, there)))
            page.until(f"Number(document.querySelector('.scrub input').max) === {samples}")
            assert page.complaints == []
            assert page.addresses == {address.split("/")[2]}

    def test_drawing_slow_motion_settings_and_two_games(tmp_path: Path) -> None:
        setup = {"sides": [{"recipe": "ring", "changes": SMALL, "seed": 0}]}
        with served(tmp_path) as address, new_page() as page:
            page.screen(1280, 900)
            page.call("Page.navigate", url=f"{address}#sandbox=ring")
            page.until("document.querySelector('.score') !== null", 60)
            link = f"'sandbox=' + m.toLink({json.dumps(setup)})"
            page.run(f"import('./sandbox_link.js').then(m => {{ location.hash = {link}; }})")
            widths = "document.querySelector('[aria-label=\"Numbers of each hidden layer of G\"]')?.value"
            page.until(f"{widths} === '16'", 60)

            page.until("!document.querySelector('#slow').disabled")
            page.click("#slow")
            for stage in ("D.noise", "D.samples", "D.verdicts", "D.loss", "D.update", "G.noise", "G.samples"):
                page.until(f"document.querySelector('.stages .now')?.dataset.stage === '{stage}'")
                page.click("#next-stage")
            page.until("document.querySelector('.stages .now').dataset.stage === 'G.verdicts'")
            assert "mean logit" in page.run("document.querySelector('.stages .now').innerText")

            page.choose("[name=Data]", "draw")
            page.until("document.querySelector('dialog[open] .pad') !== null")
            assert page.run("document.querySelector('dialog .play').disabled")
            page.touch(".pad", [(0.3, 0.3), (0.4, 0.5), (0.7, 0.6)])  # by a finger
            page.until("!document.querySelector('dialog .play').disabled")
            page.click("dialog button:last-child")
            assert page.run("document.querySelector('[name=Data]').value") == "Ring", "cancelled"
            page.choose("[name=Data]", "draw")
            page.until("document.querySelector('dialog[open] .pad') !== null")
            page.drag(".pad", [(0.2, 0.3), (0.4, 0.35), (0.6, 0.5), (0.8, 0.7)])
            page.click("dialog .play")
            page.until("document.querySelector('#as-recipe pre')?.textContent.includes('Sketch')")
            assert "ganvas train ring" in page.run("document.querySelector('#as-recipe code').textContent")

            page.choose("[name=Data]", "csv")
            page.run(
                "(input => { const given = new DataTransfer(), text = 'x,y\\n1,2\\n3;4\\n5,6';"
                "given.items.add(new File([text], 'a.csv'));"
                "input.files = given.files; input.dispatchEvent(new Event('change')); })"
                "(document.querySelector('input[type=file]'))"
            )
            page.until("document.querySelector('#as-recipe code').textContent.includes('[[1, 2], [3, 4], [5, 6]]')")

            page.choose("[name=Loss]", "Hinge")
            page.until("document.querySelector('#as-recipe pre').textContent.includes('Hinge')")
            page.click("#compare")
            page.until("document.querySelectorAll('.score').length === 2")
            rounds = (
                "[...document.querySelectorAll('.score-table tr:first-child b')].map(each => each.textContent).join()"
            )
            page.until(f"{rounds} === '1,1'")  # both have the training of the one
            page.choose("[name=Loss]", "Wasserstein")
            page.until("document.querySelector('figure h2').textContent.startsWith('A: Loss Wasserstein')")
            page.click("#step-both")
            page.until(f"{rounds} === '2,2'")
            page.click("#slow")
            page.until("document.querySelector('.slow:not([hidden]) #slow-A[aria-pressed=true]') !== null")
            page.click("#slow-B")
            page.until("document.querySelector('#slow-B').getAttribute('aria-pressed') === 'true'")
            page.until(f"{rounds} === '3,3'")  # that of A was finished before
            for stage in ("D.noise", "D.samples", "D.verdicts", "D.loss", "D.update", "G.noise"):
                page.until(f"document.querySelector('.stages .now')?.dataset.stage === '{stage}'")
                page.click("#next-stage")
            assert page.run("document.querySelector('#slow-A').getAttribute('aria-pressed')") == "false"
            page.click("#step-both")
            page.until(f"{rounds} === '5,5'")
            page.run("window.soon = requestAnimationFrame, window.requestAnimationFrame = f => setTimeout(f, 300)")
            for seen in ("6,6", "7,7"):  # the second comes before the curves have drawn the first
                page.click("#step-both")
                page.until(f"{rounds} === '{seen}'")
            page.run("window.requestAnimationFrame = window.soon")
            page.run("scrollTo(0, 9999)")
            page.run("document.querySelector('#failure-oscillation button').click()")
            page.until("scrollY === 0")
            page.until("document.querySelectorAll('.score').length === 1")
            page.until("document.querySelector('#play').textContent === 'Pause'")
            assert page.run("document.querySelector('.guide').getBoundingClientRect().top") < 400, "beside the picture"
            page.click("#guide-cure")
            page.until("document.querySelector('#as-recipe pre').textContent.includes('kind: R1')")
            page.until("document.querySelector('.setting.changed')?.innerText.includes('was none')")
            assert "none → R1" in page.run("document.querySelector('.guide').innerText")
            assert "says for each place how likely it is real" in page.run(
                "document.querySelector('.guide details').textContent"
            )
            page.press_with_control("z")
            page.until("!document.querySelector('#as-recipe pre').textContent.includes('kind: R1')")
            page.click("#undo")
            page.until(f"document.querySelectorAll('.score').length === 2 && {rounds} === '7,7'")
            assert page.complaints == []
            assert page.addresses == {address.split("/")[2]}

    def test_a_chapter_of_the_tour_stays_and_play_is_remembered(tmp_path: Path) -> None:
        playing, place = (
            "document.querySelector('#play').textContent === 'Pause'",
            "document.querySelector('.scrub input')",
        )
        with served(tmp_path) as address, new_page() as page:
            page.screen(1280, 800)
            page.call("Page.navigate", url=f"{address}#sandbox=mode-collapse.4")
            page.until("document.querySelector('.starting:not([hidden])') !== null")
            assert page.run(f"{place}.disabled && {place}.value === '0'")
            page.click("#play")
            page.until(playing, 60)
            assert "Chapter 4 of 8" in page.run("document.querySelector('.guide').innerText")
            page.until(f"Number({place}.max) > 2000", 30)
            page.run(f"(s => {{ s.value = 0; s.dispatchEvent(new Event('input')); }})({place})")
            page.until("document.querySelector('.behind').innerText.includes('The training goes on')")
            page.click("#play")
            page.until(f"!({playing})")
            assert page.run(f"{place}.value") == "0"
            page.click("#play")  # what is trained is shown
            page.until(f"{playing} && document.querySelector('.behind').hidden")
            page.click("#play")
            page.until(f"!({playing})")
            real = "document.querySelector('.plane canvas').toDataURL()"
            page.choose("[name=Data]", "Moons")
            page.until("document.querySelector('#as-recipe pre').textContent.includes('Moons')")
            page.until("!document.querySelector('.score').innerText.includes('of 16')")  # the new data are drawn
            now = page.run(real)
            page.run(f"(s => {{ s.value = 1; s.dispatchEvent(new Event('input')); }})({place})")
            page.until(f"{real} !== {json.dumps(now)} && document.querySelector('.score').innerText.includes('of 16')")
            page.click("#next-chapter")
            page.until("document.querySelector('.guide')?.innerText.includes('Chapter 5 of 8')")
            page.until("document.querySelectorAll('th.score').length === 2", 10)
            assert page.complaints == []

    def test_a_collapse_is_one_press_away_and_what_is_drawn_is_what_is_checked(tmp_path: Path) -> None:
        heading = "document.querySelector('.graph h2').textContent"
        boxed, grey = "document.querySelector('#optimal').checked", "!document.querySelector('.grey').hidden"
        with served(tmp_path) as address, new_page() as page:
            page.screen(1280, 900)
            page.call("Page.navigate", url=f"{address}#sandbox")
            page.until("document.querySelector('#to-collapse') !== null")
            page.click("#to-collapse")  # before there is a process
            page.until("document.querySelector('#play').textContent === 'Pause'", 60)
            guide = "document.querySelector('.guide').innerText"
            assert page.run(guide).startswith("Mode collapse")
            page.click("#guide-cure")
            page.until(f"{guide}.includes('The cure:')")
            assert "Why:" in page.run(guide)
            page.click("#play")
            page.until("document.querySelector('#play').textContent === 'Play'")
            page.run("document.querySelector('#optimal').click()")
            page.until(f"{boxed} && {grey}")
            page.call("Page.reload")
            page.until(f"document.querySelector('.score') !== null && {boxed} && {grey}", 30)
            page.run("document.querySelector('#failure-oscillation button:nth-child(2)').click()")
            page.until(f"{heading} === 'The model: game A' && !({boxed} || {grey})", 30)
            page.click("#play")
            bars = "document.querySelectorAll('.bar').length"
            page.until(f"{bars} >= 2")
            page.choose("[name=Penalty]", "R1")
            page.until("document.querySelector('#as-recipe pre').textContent.includes('kind: R1')")
            assert page.run(bars) >= 2, "nothing below jumps"
            wide = "(at => { const was = at.offsetHeight; at.textContent = '1,234,567 samples';"
            assert page.run(f"{wide} return at.offsetHeight === was; }})(document.querySelector('.scrub .at'))")
            page.screen(390, 844)
            tops = "['.planes', '.numbers'].map(each => document.querySelector(each).getBoundingClientRect().top)"
            picture, numbers = page.run(tops)
            assert picture < numbers, "on a telephone the picture comes first"
            assert page.complaints == []

    def test_the_sandbox_fits_the_window_and_names_its_controls(tmp_path: Path) -> None:
        with served(tmp_path) as address, new_page() as page:
            page.screen(390, 844)
            page.call("Page.navigate", url=f"{address}#sandbox")
            page.until("document.querySelector('.score') !== null", 60)
            for width in (390, 1280):
                page.screen(width, 844)
                assert page.run("document.documentElement.scrollWidth") <= width
            unnamed = "[...document.querySelectorAll('input, select, canvas')].filter(e => !e.closest('label') && "
            assert page.run(unnamed + "!e.getAttribute('aria-label')).length") == 0

    def test_a_models_latents_are_explored(tmp_path: Path) -> None:
        changes = {**tiny_overrides("cgan"), "scores": [], "precision": "fp32", "threads": 1}
        ganvas.train(override(recipe("cgan"), changes), out=tmp_path / "runs" / "digits")
        with served(tmp_path / "runs" / "digits") as address, new_page() as page:
            page.screen(1280, 900)
            page.call("Page.navigate", url=address)
            page.until("document.querySelector('.explore:not([hidden])') !== null")
            page.run("document.querySelector('#reals').click()")
            page.until("document.querySelector('.sheet.real img').naturalWidth === 560", 60)
            page.click(".explore")
            shown = "document.querySelector('.main img')?.src"
            page.until("document.querySelector('.main img')?.naturalWidth > 0", 60)
            first = page.run(shown)
            page.drag(".latents", [(0.5, 0.5), (0.7, 0.3), (0.9, 0.2)])
            page.until(f"{shown} !== '{first}'")
            assert float(page.run("document.querySelector('.dot').style.left").rstrip("%")) == pytest.approx(90, abs=1)
            for what, count in (("walk", 9), ("neighbours", 4), ("change", 3)):
                page.run(f"document.querySelector('#ask-{what}').click()")
                page.until(f"document.querySelectorAll('.strip img').length >= {count}", 30)
            assert page.run("document.querySelector('[aria-label=Class]').options.length") == 10
            assert page.complaints == []
            assert page.addresses == {address.split("/")[2]}
