"""The candidate's text between keyboard, this computer and the server (lib/answers.js), with time moved by hand.

`desk` opens real IndexedDB and a small server that can misbehave: be away, refuse, or save and lose the
acknowledgement.
"""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

pytestmark = pytest.mark.browser

DESK = """async () => {
  const { Answers } = await import("/lib/answers.js");
  const { openStore } = await import("/lib/store.js");
  const store = await openStore("test");
  const settle = async () => { // a read waits for the writes before it; what follows from one may write again
    for (let round = 0; round < 6; round += 1) {
      await store.get("answer", "r/c");
      await new Promise((resolve) => setTimeout(resolve));
    }
  };
  const desk = {
    time: 0, timers: [], sent: [], server: { revision: 0, text: "" }, fault: null,
    async open() {
      const timers = {
        set: (act, ms) => { const timer = { act, at: desk.time + ms }; desk.timers.push(timer); return timer; },
        clear: (timer) => { desk.timers = desk.timers.filter((one) => one !== timer); },
      };
      const save = async ({ base_revision: base, text }) => {
        desk.sent.push([desk.time, base, text]);
        if (desk.fault === "away") throw { code: "network", isNetwork: true };
        if (desk.fault && desk.fault !== "lost") throw { code: desk.fault };
        if (text !== desk.server.text) {
          if (base !== desk.server.revision) throw { code: "stale_revision", details: { ...desk.server } };
          desk.server = { revision: base + 1, text };
        }
        if (desk.fault === "lost") throw { code: "timeout", isNetwork: true };
        return { revision: desk.server.revision, sha256: "", saved_at: "at " + desk.time };
      };
      const tabs = new BroadcastChannel("answer/r/c");
      desk.answers = new Answers({ store, key: "r/c", save, tabs, timers, now: () => desk.time });
      await desk.answers.load();
    },
    async pass(ms) {
      const end = desk.time + ms;
      for (;;) {
        const next = desk.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        desk.timers = desk.timers.filter((one) => one !== next);
        desk.time = Math.max(desk.time, next.at);
        next.act();
        await settle();
      }
      desk.time = end;
    },
    kept: () => store.get("answer", "r/c"),
    settle,
  };
  await desk.open();
  window.desk = desk;
}"""


OFFERED = "desk.answers.offer({ sha256: 'd1', text: 'một, ba' });"
BEGUN = "await desk.answers.meet({ ...desk.server }); desk.answers.edit('một, hai'); await desk.pass(3000);"


@pytest_asyncio.fixture(loop_scope="session")
async def desk(module_page: Page) -> Page:
    await module_page.evaluate(DESK)
    return module_page


async def run(page: Page, body: str) -> Any:
    return await page.evaluate(f"async () => {{ {body} }}")


async def test_a_keystroke_is_on_this_computer_within_300_ms(desk: Page):
    kept = await run(desk, "desk.answers.edit('a'); await desk.pass(300); return (await desk.kept()).text;")
    assert kept == "a"


async def test_the_server_has_the_text_within_five_seconds_of_the_last_keystroke(desk: Page):
    sent = await run(
        desk,
        """await desk.answers.meet({ revision: 0, text: "" });
        desk.answers.edit("x"); await desk.pass(5000);
        return [desk.sent, desk.server, desk.answers.state.dirty, desk.answers.state.serverAt];""",
    )
    assert sent == [[[2000, 0, "x"]], {"revision": 1, "text": "x"}, False, "at 2000"]


async def test_while_typing_goes_on_the_server_is_told_at_least_every_ten_seconds(desk: Page):
    times = await run(
        desk,
        """await desk.answers.meet({ revision: 0, text: "" });
        for (let i = 1; i <= 40; i += 1) { desk.answers.edit("x".repeat(i)); await desk.pass(500); }
        return desk.sent.map(([at]) => at);""",
    )
    assert len(times) >= 2
    assert times[0] <= 10_000
    assert all(later - earlier <= 10_000 for earlier, later in pairwise(times))


async def test_a_text_beyond_the_limit_stays_here_whole_until_it_is_shortened(desk: Page):
    excess, sent, kept, after = await run(
        desk,
        """await desk.answers.meet({ revision: 0, text: "" });
        desk.answers.edit("😀".repeat(200_003)); await desk.pass(20_000);
        const { excess } = desk.answers.state, sent = desk.sent.length, kept = (await desk.kept()).text.length;
        desk.answers.edit("😀".repeat(200_000)); await desk.pass(5000);
        return [excess, sent, kept, [desk.answers.state.excess, desk.server.text.length, desk.answers.state.dirty]];""",
    )
    assert (excess, sent, kept) == (3, 0, 400_006)
    assert after == [0, 400_000, False]


async def test_work_done_offline_survives_a_reload_and_goes_out_when_the_connection_is_back(desk: Page):
    server = await run(
        desk,
        """await desk.answers.meet({ revision: 0, text: "" });
        desk.answers.away(); desk.answers.edit("offline work"); await desk.pass(3000);
        const silent = desk.sent.length;
        await desk.open();
        const shown = desk.answers.state.text;
        await desk.answers.meet({ revision: 0, text: "" }); await desk.pass(100);
        return [silent, shown, desk.server.text, desk.answers.state.dirty];""",
    )
    assert server == [0, "offline work", "offline work", False]


async def test_a_save_that_fails_is_tried_again_until_it_is_there(desk: Page):
    told = await run(
        desk,
        """await desk.answers.meet({ revision: 0, text: "" });
        desk.fault = "away"; desk.answers.edit("x"); await desk.pass(7000);
        const tries = desk.sent.length; desk.fault = null; await desk.pass(2500);
        return [tries >= 3, desk.server.text, desk.answers.state.dirty];""",
    )
    assert told == [True, "x", False]


async def test_a_lost_acknowledgement_is_not_taken_for_a_difference(desk: Page):
    told = await run(
        desk,
        """await desk.answers.meet({ revision: 0, text: "" });
        desk.fault = "lost"; desk.answers.edit("A"); await desk.pass(2100);
        desk.answers.away(); desk.answers.edit("AB"); await desk.pass(300);
        desk.fault = null; await desk.open();
        await desk.answers.meet(desk.server); await desk.pass(100);
        return [desk.answers.state.conflict, desk.server];""",
    )
    assert told == [None, {"revision": 2, "text": "AB"}]


async def test_text_from_another_device_is_adopted_when_nothing_is_unsaved_here(desk: Page):
    told = await run(
        desk,
        """await desk.answers.meet({ revision: 4, text: "from the phone" });
        return [desk.answers.state.text, desk.answers.revision, desk.answers.state.dirty];""",
    )
    assert told == ["from the phone", 4, False]


DIFFER = """await desk.answers.meet({ revision: 0, text: "" });
  desk.answers.edit("mine"); desk.server = { revision: 3, text: "theirs" }; await desk.pass(2100);"""


async def test_two_different_texts_are_both_shown_and_editing_waits(desk: Page):
    told = await run(
        desk,
        DIFFER
        + """desk.answers.edit("more");
        return [desk.answers.state.conflict, desk.answers.state.text, desk.server.text];""",
    )
    assert told == [{"mine": "mine", "theirs": "theirs", "revision": 3}, "mine", "theirs"]


async def test_keeping_mine_saves_it_and_sets_the_other_aside(desk: Page):
    told = await run(
        desk,
        DIFFER
        + """await desk.answers.choose("mine"); await desk.pass(100); await desk.open();
        return [desk.server, desk.answers.state.setAside.map(({ text, origin }) => [text, origin])];""",
    )
    assert told == [{"revision": 4, "text": "mine"}, [["theirs", "server"]]]


async def test_keeping_theirs_shows_it_and_sets_mine_aside(desk: Page):
    told = await run(
        desk,
        DIFFER
        + """await desk.answers.choose("theirs"); await desk.pass(5000);
        return [desk.answers.state.text, desk.server, desk.answers.state.setAside.map(({ text }) => text)];""",
    )
    assert told == ["theirs", {"revision": 3, "text": "theirs"}, ["mine"]]


async def test_a_difference_ends_with_the_time_and_both_texts_stay(desk: Page):
    over, reloaded, again, chosen = await run(desk, """
      const stands = ({ text, dirty, conflict, setAside }) => [
        text, dirty, conflict?.theirs ?? null, setAside.map((one) => [one.text, one.origin, Boolean(one.undecided)]),
      ];
      const told = [];
      desk.server = { revision: 7, text: "của máy chủ" };
      desk.answers.edit("viết ở đây");
      await desk.answers.meet({ ...desk.server });
      desk.answers.close("after_submit_by");
      told.push(stands(desk.answers.state));
      await desk.settle();
      await desk.open();
      desk.answers.close("after_submit_by");
      await desk.answers.meet({ ...desk.server });
      told.push(stands(desk.answers.state));
      await desk.answers.reopen(); // time was given yet: what was not chosen can be
      await desk.pass(3000);
      told.push(stands(desk.answers.state));
      await desk.answers.choose("mine");
      await desk.pass(3000);
      return [...told, stands(desk.answers.state)];
    """)
    assert over == reloaded == ["viết ở đây", True, None, [["của máy chủ", "server", True]]]
    assert again[2] == "của máy chủ"
    assert chosen == ["viết ở đây", False, None, [["của máy chủ", "server", False]]]


async def test_words_of_another_device_are_set_aside_where_the_time_is_over_before_one_chose(desk: Page):
    told = await run(desk, f"""
      {BEGUN}
      {OFFERED}
      desk.answers.close("suspended");
      const waits = desk.answers.state.conflict.theirs;
      desk.answers.close("after_submit_by");
      return [waits, desk.answers.state.conflict, desk.answers.state.setAside.map((one) => [one.text, one.origin])];
    """)
    assert told == ["một, ba", None, [["một, ba", "device"]]]


@pytest.mark.parametrize("code", ["superseded", "after_submit_by", "already_submitted"])
async def test_a_refusal_for_good_makes_the_text_read_only_and_keeps_it(desk: Page, code: str):
    told = await run(
        desk,
        f"""await desk.answers.meet({{ revision: 0, text: "" }});
        desk.fault = "{code}"; desk.answers.edit("late"); await desk.pass(9000); desk.answers.edit("later");
        return [desk.answers.state.readOnly, desk.answers.state.text, desk.sent.length, (await desk.kept()).text];""",
    )
    assert told == [code, "late", 1, "late"]


async def test_flush_says_whether_everything_reached_the_server(desk: Page):
    told = await run(
        desk,
        """await desk.answers.meet({ revision: 0, text: "" });
        desk.answers.edit("x"); const online = await desk.answers.flush();
        desk.answers.away(); desk.answers.edit("xy"); return [online, await desk.answers.flush()];""",
    )
    assert told == [True, False]


async def test_what_came_after_the_deadline_is_handed_over_once_and_is_work_again_when_time_is_given(desk: Page):
    late, kept, after, reloaded, again, server = await run(
        desk,
        """await desk.answers.meet({ revision: 0, text: "" });
        desk.answers.edit("x"); await desk.pass(2100); desk.answers.away();
        desk.answers.edit("xy"); await desk.pass(2500); desk.answers.close("after_submit_by");
        const { lateOf } = await import("/pages/candidate/hand_over.js");
        const late = await lateOf(desk.answers);
        await desk.answers.keptLate("xy", "at 11:31");
        const kept = [desk.answers.state.lateAt, desk.answers.state.dirty, await lateOf(desk.answers)];
        await desk.open();
        const after = [desk.answers.state.text, desk.answers.state.lateAt, await lateOf(desk.answers)];
        await desk.answers.meet({ revision: 1, text: "x" }); desk.answers.edit("xyz");
        const again = [desk.answers.state.lateAt, desk.answers.state.dirty];
        await desk.pass(2500);
        return [late, kept, after, (await desk.kept()).late.text, again, desk.server.text];""",
    )
    assert late == {"base_revision": 1, "text": "xy", "written_at": "1970-01-01T00:00:02.100Z"}
    assert kept == ["at 11:31", True, None]
    assert after == ["xy", "at 11:31", None]
    assert (reloaded, again, server) == ("xy", [False, True], "xyz")


async def test_a_save_under_way_at_the_deadline_is_not_handed_over_as_late(desk: Page):
    late = await run(
        desk,
        """const { lateOf } = await import("/pages/candidate/hand_over.js");
        await desk.answers.meet({ revision: 0, text: "" });
        desk.answers.edit("x"); void desk.answers.flush(); desk.answers.close("after_submit_by");
        return [await lateOf(desk.answers), desk.server.text];""",
    )
    assert late == [None, "x"]


@pytest.mark.parametrize("text", ["", " \\n"])
async def test_nothing_is_late_of_a_text_that_says_nothing(desk: Page, text: str):
    late = await run(
        desk,
        f"""await desk.answers.meet({{ revision: 1, text: "x" }}); desk.answers.away();
        desk.answers.edit("{text}"); desk.answers.close("after_submit_by"); await desk.settle();
        return (await import("/pages/candidate/hand_over.js")).lateOf(desk.answers);""",
    )
    assert late is None


async def test_a_server_that_forgot_is_given_the_text_again(desk: Page):
    told = await run(
        desk,
        """await desk.answers.meet({ revision: 0, text: "" });
        desk.answers.edit("x"); await desk.pass(2100);
        desk.server = { revision: 0, text: "" }; await desk.answers.meet(desk.server); await desk.pass(100);
        return [desk.answers.state.text, desk.server.text];""",
    )
    assert told == ["x", "x"]


async def test_keystrokes_just_before_the_page_goes_away_are_not_lost(module_page: Page) -> None:
    await module_page.evaluate(DESK)
    kept: Any = await module_page.evaluate(
        """async () => {
          desk.answers.edit("một");
          await desk.pass(1000);
          desk.time = 2000;
          desk.answers.edit("một hai");
          desk.answers.lastWords();      // 0 ms after the keystroke, no timer has run
          await desk.open();             // the page that comes next
          await desk.settle();
          return { text: desk.answers.state.text, dirty: desk.answers.state.dirty, kept: (await desk.kept()).text,
                   left: Object.keys(localStorage) };
        }"""
    )
    assert kept == {"text": "một hai", "dirty": True, "kept": "một hai", "left": []}


async def test_a_page_that_goes_away_while_the_text_is_being_written_down_loses_nothing(module_page: Page) -> None:
    await module_page.evaluate(DESK)
    kept: Any = await module_page.evaluate(
        """async () => {
          desk.answers.edit("một");
          await desk.pass(1000);
          const put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = () => { throw new DOMException("the page goes away", "AbortError"); };
          desk.time = 2000;
          desk.answers.edit("một hai");
          await desk.pass(300); // the write began, and came to nothing
          desk.answers.lastWords();
          IDBObjectStore.prototype.put = put;
          await desk.open();
          return desk.answers.state.text;
        }"""
    )
    assert kept == "một hai"


TWO_TABS = """
  const [first, second] = [desk.answers, (await desk.open(), desk.answers)];
  const heard = () => new Promise((resolve) => {
    const channel = new BroadcastChannel("answer/r/c");
    channel.onmessage = async () => { channel.close(); await desk.settle(); resolve(); };
  });
"""


async def test_the_last_keystrokes_of_a_superseded_tab_reach_the_tab_that_goes_on(desk: Page):
    text, kept, aside = await run(
        desk,
        TWO_TABS
        + """first.close("superseded");
        second.edit("typed a moment ago");
        await first.reopen(); // reads what is kept: not yet these keystrokes
        const handed = heard();
        second.close("superseded");
        await handed;
        return [first.state.text, (await desk.kept()).text, first.state.setAside];""",
    )
    assert (text, kept, aside) == ("typed a moment ago", "typed a moment ago", [])


async def test_text_that_only_this_computer_has_is_handed_over_however_long_ago_it_was_typed(desk: Page):
    text, kept = await run(
        desk,
        TWO_TABS
        + """second.edit("typed while the network was out");
        await desk.pass(60_000);
        const handed = heard();
        second.close("superseded");
        await handed;
        return [first.state.text, (await desk.kept()).text];""",
    )
    assert (text, kept) == ("typed while the network was out", "typed while the network was out")


async def test_what_is_handed_over_while_a_difference_is_shown_is_set_aside(desk: Page):
    text, aside = await run(
        desk,
        TWO_TABS
        + """first.edit("mine");
        await first.meet({ revision: 7, text: "theirs" });
        desk.time += 50;
        second.edit("of the other tab");
        const handed = heard();
        second.close("superseded");
        await handed;
        await first.choose("mine");
        return [first.state.text, first.state.setAside.map(({ text }) => text)];""",
    )
    assert text == "mine"
    assert set(aside) == {"theirs", "of the other tab"}


async def test_what_two_tabs_typed_at_the_same_time_is_written_on_in_one_and_set_aside_from_the_other(desk: Page):
    text, kept, aside = await run(
        desk,
        TWO_TABS
        + """second.edit("in the tab that stops");
        desk.time += 50;
        first.edit("in the tab that goes on");
        const handed = heard();
        second.close("superseded");
        await handed;
        return [first.state.text, (await desk.kept()).text, first.state.setAside.map(({ text }) => text)];""",
    )
    assert (text, kept, aside) == ("in the tab that goes on", "in the tab that goes on", ["in the tab that stops"])


# The first tab goes on with what the computer kept, and saves it before the second tab's last words come.
HANDED_OVER_LATE = (
    TWO_TABS
    + """
  const { postMessage } = BroadcastChannel.prototype;
  const late = new Promise((held) => {
    BroadcastChannel.prototype.postMessage = function (record) { held(() => postMessage.call(this, record)); };
  });
  await first.meet(null);
  first.close("superseded");
  second.edit("một hai");
  await desk.pass(300);
  second.edit(last);
  await first.reopen();
  second.close("superseded");
  const hand = await late;
  BroadcastChannel.prototype.postMessage = postMessage;
  await meanwhile(first);
  const handed = heard();
  hand();
  await handed;
  await desk.pass(5000);
  const { text, dirty, conflict, setAside } = first.state;
  return [text, dirty, conflict?.theirs, setAside.map((one) => one.text), desk.server.text];
"""
)
SAVES = "await desk.pass(3000); if (desk.server.text !== 'một hai') throw new Error(desk.server.text);"


@pytest.mark.parametrize(
    ("last", "aside"), [("một hai ba", []), ("một rưỡi hai", ["một hai"])], ids=["written on", "written in between"]
)
async def test_words_handed_over_after_this_tab_has_saved_are_written_on_without_a_question(
    desk: Page, last: str, aside: list[str]
):
    told = await run(desk, f"const last = '{last}', meanwhile = async () => {{ {SAVES} }}; {HANDED_OVER_LATE}")
    assert told == [last, False, None, aside, last]


async def test_words_handed_over_after_another_device_has_saved_are_a_difference(desk: Page):
    adopts = f"{SAVES} desk.server = {{ revision: 7, text: 'khác' }}; await first.meet(desk.server);"
    told = await run(
        desk, f"const last = 'một hai ba', meanwhile = async (first) => {{ {adopts} }}; {HANDED_OVER_LATE}"
    )
    assert told == ["một hai ba", True, "khác", [], "khác"]


@pytest.mark.parametrize(
    ("which", "text", "aside"), [("mine", "một, hai", "một, ba"), ("theirs", "một, ba", "một, hai")]
)
async def test_what_another_device_had_not_saved_is_shown_once_and_chosen(
    desk: Page, which: str, text: str, aside: str
):
    told = await run(desk, f"""
      {BEGUN}
      {OFFERED}
      {OFFERED}
      const {{ mine, theirs }} = desk.answers.state.conflict;
      await desk.answers.choose("{which}");
      await desk.pass(3000);
      const chosen = desk.server.text;
      desk.answers.edit("viết lại");
      await desk.pass(3000);
      await desk.open();
      await desk.answers.meet({{ ...desk.server }});
      {OFFERED}
      const {{ conflict, setAside }} = desk.answers.state;
      return [mine, theirs, chosen, conflict, setAside.map((one) => one.text)];
    """)
    assert told == ["một, hai", "một, ba", text, None, [aside]]


@pytest.mark.parametrize("own", ["một, ba", "một, ba, bốn"])
async def test_words_that_the_work_has_already_are_not_asked_about(desk: Page, own: str):
    met = "await desk.answers.meet({ ...desk.server });"
    told = await run(desk, f"{met} desk.answers.edit('{own}'); {OFFERED} return desk.answers.state.conflict;")
    assert told is None


async def test_words_of_two_devices_are_shown_one_after_the_other(desk: Page):
    told = await run(desk, f"""
      {BEGUN}
      {OFFERED}
      desk.answers.offer({{ sha256: "d2", text: "bốn" }});
      await desk.answers.choose("mine");
      const second = desk.answers.state.conflict.theirs;
      await desk.answers.choose("mine");
      return [second, desk.answers.state.conflict, desk.answers.unsent];
    """)
    assert told == ["bốn", None, None]


async def test_words_that_come_before_the_draft_was_met_are_compared_with_what_the_server_has(desk: Page):
    told = await run(desk, f"""
      {OFFERED}
      desk.answers.offer({{ sha256: "d2", text: "bốn" }});
      const early = desk.answers.state.conflict;
      await desk.answers.meet({{ revision: 3, text: "một, ba, bốn" }});
      const {{ mine, theirs }} = desk.answers.state.conflict;
      return [early, mine, theirs];
    """)
    assert told == [None, "một, ba, bốn", "bốn"]


async def test_a_draft_that_comes_while_one_chooses_is_what_stands_as_ones_own(desk: Page):
    told = await run(desk, f"""
      await desk.answers.meet({{ revision: 1, text: "một" }});
      {OFFERED}
      desk.answers.away();
      await desk.answers.meet({{ revision: 2, text: "một, hai" }});
      return desk.answers.state.conflict.mine;
    """)
    assert told == "một, hai"


async def test_words_that_come_while_nothing_may_be_written_wait_until_one_may(desk: Page):
    told = await run(desk, f"""
      {BEGUN}
      desk.answers.close("suspended");
      {OFFERED}
      const closed = desk.answers.state.conflict;
      await desk.answers.reopen();
      return [closed, desk.answers.state.conflict.theirs];
    """)
    assert told == [None, "một, ba"]


async def test_where_a_text_that_was_set_aside_comes_from_has_words_in_both_languages():
    client = Path(__file__).parents[2] / "webclient"
    said = re.findall(r"origin: ([^}]+) }", (client / "lib/answers.js").read_text(encoding="utf-8"))
    origins = {origin for each in said for origin in re.findall(r'"(\w+)"', each.partition("?")[2] or each)}
    assert origins == {"here", "server", "device"}
    for language in ("vi", "en"):
        words = (client / f"lang/{language}.js").read_text(encoding="utf-8")
        assert [origin for origin in origins if f'"answer.origin_{origin}": ' not in words] == []
