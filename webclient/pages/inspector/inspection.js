// One room under inspection: the list of recordings, and the player with the events of the chosen candidate. The training
// office looks at a room that was handed over to it in the same way.
//
// The log and how the room stands are read when the room's server tells that something changed; the recordings, which no
// change tells of, every few seconds.
import { useEffect, useMemo, useState } from "preact/hooks";

import { Api } from "../../lib/api.js";
import { whenChanged } from "../../lib/changes.js";
import { html } from "../../lib/html.js";
import { language, t } from "../../lib/i18n.js";
import { formatClock } from "../../lib/time.js";
import { Icon } from "../shared/icon.js";
import { keepFresh } from "../shared/keep_fresh.js";
import { logReader } from "../shared/log_reader.js";
import { ErrorNotice, Notice } from "../shared/notice.js";
import { BriefingReached, ListsReached } from "../shared/reached.js";
import { BRIEFINGS } from "../shared/room_alarms.js";
import { useAddress } from "../shared/use_address.js";
import { Player } from "./player.js";
import { known as knownOf } from "./sentences.js";

const REFRESH_MS = 4000; // a server that was away shows again within five seconds, whether this page noticed or not

/** `role`: who looks. `onWatch` looks on live, where the room is open. */
export function Inspection({ role = "inspector", me, known, onBack, onWatch }) {
  const [api, setApi] = useState(null); // bound to the server that holds the room
  const [sittings, setSittings] = useState([]);
  const [state, setState] = useState(null); // of the room: what its candidates confirmed and saw
  const [events, setEvents] = useState([]);
  const [isWhole, setWhole] = useState(false); // all of the log that there was has come
  const [chosen, setChosen] = useAddress("candidate", undefined, ["at"]);
  const [errors, setErrors] = useState({}); // of each thing that is read, where it failed
  const path = `/api/rooms/${known.room}`;
  const it = useMemo(() => knownOf(events, me), [events, language.value]);

  useEffect(() => {
    let joined = null;
    let readLog = null;
    let here = true;
    const bind = () => (joined ??= new Api(role).post(`${path}/join`).then(({ room_url: base }) => {
      const server = new Api(role, base);
      readLog = logReader(server, `${path}/events`, (newer) => setEvents((before) => [...before, ...newer]), () => here);
      setApi(server);
      return server;
    }).catch((failure) => {
      joined = null;
      throw failure;
    }));
    const reading = (what, read) => async () => {
      try {
        await read(await bind());
        setErrors((before) => ({ ...before, [what]: null }));
      } catch (failure) {
        setErrors((before) => ({ ...before, [what]: failure }));
        throw failure;
      }
    };
    const readRoom = reading("room", async (bound) => {
      const stands = async () => setState(await bound.get(`${path}/state`)); // the log may be long: it does not wait for it
      await Promise.all([readLog().then(() => setWhole(true)), stands()]);
    });
    const listRecordings = reading("recordings", async (bound) => setSittings((await bound.get(`${path}/recordings`)).sittings));
    const joining = { get: async (...asked) => (await bind()).get(...asked) }; // looks are never brief: the log may be long
    const stopHearing = whenChanged(joining, "/api/changes", readRoom);
    const stopListing = keepFresh(listRecordings, REFRESH_MS);
    return () => {
      here = false;
      stopHearing();
      stopListing();
    };
  }, []);

  return html`<div class="inspection">
    <aside class="sitting_list" aria-label=${t("inspector.candidates")}>
      <button class="quiet small" onClick=${onBack}>← ${t(role === "inspector" ? "rooms.back" : "office.back_to_exam")}</button>
      ${onWatch && html`<button class="small" onClick=${onWatch} data-testid="watch-live"><${Icon} name="eye" size=${15} />${t("rooms.watch")}</button>`}
      <h1>${known.title}</h1><p class="soft small_text">${known.exam_title}</p><${ErrorNotice} error=${errors.room ?? errors.recordings} />
      ${api && html`<a class="button small" href=${api.link(`${path}/support-log?form=csv&lang=${language.value}`)} download data-testid="support-log">${t("office.support_log")}</a>`}
      ${state && html`<${Confirmed} room=${state.room} sittings=${state.sittings} />`}
      <ul>${sittings.map(({ candidate, number, full_name: name, segments, from, to }) => html`<li key=${candidate}>
        <button aria-pressed=${chosen === candidate} onClick=${() => setChosen(candidate)} data-testid="sitting" data-candidate=${candidate} data-segments=${segments}>
          <b class="figures">${number}</b><span>${name}</span>
          <span class="soft small_text figures">${from ? `${formatClock(from)}–${formatClock(to)}` : segments ? t("inspector.segments", { count: segments }) : t("inspector.no_recording")}</span></button></li>`)}</ul></aside>
    ${chosen && sittings.some(({ candidate }) => candidate === chosen) ? html`<${Player} key=${chosen} api=${api} path=${path} candidate=${chosen} events=${events} isWhole=${isWhole} it=${it} />`
      : html`<main class="empty_player soft">${chosen && api && html`<${Notice} kind="low" testid="candidate-not-listed">${t("inspection.candidate_not_listed")}<//>`}<p>${t("inspector.choose")}</p></main>`}</div>`;
}

// What the whole room was told, and who of it confirmed or saw it.
function Confirmed({ room, sittings }) {
  const told = BRIEFINGS.filter((topic) => room.briefings[topic]);
  return html`<dl class="confirmed">${told.map((topic) => html`<dt key=${topic}>${t(`briefing.${topic}`)}</dt><dd><${BriefingReached} sittings=${sittings} topic=${topic} /></dd>`)}
    ${room.lists_version > 0 && html`<dt>${t("lists.title")}</dt><dd><${ListsReached} sittings=${sittings} version=${room.lists_version} /></dd>`}</dl>`;
}
