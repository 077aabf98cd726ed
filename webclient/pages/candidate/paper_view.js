// The paper: sealed with a countdown before the release, then its pages. Only pages near the screen are drawn.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { drawPage, openPdf, pageText, preload } from "../../lib/pdf.js";
import { formatClock, serverClock } from "../../lib/time.js";
import { useNow } from "../shared/hooks.js";
import { Icon } from "../shared/icon.js";
import { Notice } from "../shared/notice.js";
import { releaseDue } from "./stage.js";

const AGAIN_MS = 2000; // until what draws a paper is here: the network may be away
const ZOOMS = [0.75, 1, 1.25, 1.5, 2, 3];

export function PaperView({ candidate }) {
  const state = candidate.paperState.value;
  if (state === "open") return html`<${OpenPaper} bytes=${candidate.pdf.value} onShown=${() => candidate.paperShown()} onNotShown=${() => candidate.paperNotShown()} />`;
  return html`<${SealedPaper} room=${candidate.room.value} state=${state} away=${candidate.isAway} connected=${candidate.connection.value.state === "connected"} />`;
}

// Why there is no paper yet; without the room nothing is known of its invigilators. Of a room that is held the notice above says
// more (exam.js).
function SealedPaper({ room, state, away, connected }) {
  const now = useNow(1000);
  const late = serverClock.known && releaseDue(room) <= now;
  const due = (late || room.release_held) && !room.released_at;
  const held = connected && room.release_held;
  const key = room.called_off ? "exam.called_off" : room.hold && !room.released_at ? "paper.office_decides" : state === "damaged" ? "paper.damaged" : !room.paper ? "paper.none"
    : room.released_at ? "paper.opening" : held ? "paper.held" : due ? "paper.due" : state === "sealed" ? "paper.sealed" : "paper.fetching";
  const help = away ? "paper.elsewhere_help" : held ? "paper.held_help" : due && !connected ? "paper.offline_help" : "paper.sealed_help";
  return html`<div class="sealed" role="status" data-testid="paper-state" data-state=${state}>
    <${Icon} name="lock" size=${44} /><h2>${t(key)}</h2>
    ${!due && !room.hold && !room.called_off && !room.released_at && html`<p class="release_time figures">${t("paper.opens_at", { time: formatClock(releaseDue(room)) })}</p>`}
    ${!room.called_off && !room.hold && html`<p class="soft">${t(help)}</p>`}</div>`;
}

function OpenPaper({ bytes, onShown, onNotShown }) {
  const [pages, setPages] = useState([]);
  const [failed, setFailed] = useState(false);
  const [zoom, setZoom] = useState(1);
  const [width, setWidth] = useState(0);
  const scroller = useRef();
  useEffect(() => {
    let pdf = null;
    let gone = false;
    const show = async () => {
      pdf = await openPdf(bytes.slice(0));
      const loaded = await Promise.all(Array.from({ length: pdf.numPages }, (_, index) => pdf.getPage(index + 1)));
      if (gone) return;
      setPages(loaded);
      setFailed(false);
    };
    const fail = (error) => {
      if (gone) return;
      console.error("the paper cannot be drawn", error);
      setFailed(true);
    };
    (async () => {
      while (!gone && !(await preload().catch(fail))) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      if (gone) return;
      await show().catch((error) => {
        fail(error);
        if (!gone) onNotShown();
      });
    })();
    return () => {
      gone = true;
      void pdf?.loadingTask.destroy();
    };
  }, [bytes]);
  useEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) => setWidth(Math.floor(contentRect.width)));
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);
  const zoomed = useRef(zoom); // the line at the top stays there, and the middle of its width
  useLayoutEffect(() => {
    const { current: box } = scroller;
    const by = zoom / zoomed.current;
    zoomed.current = zoom;
    if (by === 1) return;
    box.scrollTo((box.scrollLeft + box.clientWidth / 2) * by - box.clientWidth / 2, box.scrollTop * by);
  }, [zoom]);
  const onKey = (event) => {
    const act = { "+": () => step(1), "=": () => step(1), "-": () => step(-1), 0: () => setZoom(1) }[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return; // with these it is the browser's own
    event.preventDefault();
    act();
  };
  const step = (by) => setZoom((now) => ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, ZOOMS.indexOf(now) + by))]);
  const link = () => {
    const url = URL.createObjectURL(new Blob([bytes], { type: "application/pdf" }));
    Object.assign(document.createElement("a"), { href: url, download: "de-thi.pdf" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };
  return html`<div class="paper_tools"><span class="small_text soft" data-testid="paper-state" data-state="open">${t("paper.pages", { count: pages.length })}</span>
      <div class="row"><button class="small" aria-label=${t("paper.zoom_out")} onClick=${() => step(-1)} data-testid="zoom-out">−</button>
        <span class="figures small_text zoom_value">${Math.round(zoom * 100)}%</span>
        <button class="small" aria-label=${t("paper.zoom_in")} onClick=${() => step(1)} data-testid="zoom-in">+</button>
        <button class="small" onClick=${link}>${t("paper.download")}</button></div></div>
    <span id="paper_keys" class="visually_hidden">${t("paper.keys")}</span>
    ${failed && html`<${Notice} kind="high">${t("paper.cannot_draw")}<//>`}
    <div class="pages" ref=${scroller} role="group" tabindex="0" aria-label=${t("exam.tab_paper")} aria-describedby="paper_keys" onKeyDown=${onKey}>${width > 0 && pages.map((page, index) => html`
      <${Page} key=${index} page=${page} number=${index + 1} width=${width * zoom} root=${scroller}
        onShown=${index === 0 ? onShown : undefined} />`)}</div>`;
}

function Page({ page, number, width, root, onShown }) {
  const canvas = useRef();
  const [near, setNear] = useState(number === 1);
  const [text, setText] = useState("");
  const { width: naturalWidth, height: naturalHeight } = page.getViewport({ scale: 1 });
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setNear(entry.isIntersecting), { root: root.current, rootMargin: "150%" });
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const height = Math.floor((width * naturalHeight) / naturalWidth);
    Object.assign(canvas.current.style, { width: `${Math.floor(width)}px`, height: `${height}px` });
  }, [width]);
  useEffect(() => {
    if (!near) {
      canvas.current.width = 0; // gives the memory of pages far away back
      return undefined;
    }
    return drawPage(page, canvas.current, width, () => {
      canvas.current?.setAttribute("data-drawn", "true");
      onShown?.();
    });
  }, [near, width]);
  useEffect(() => void pageText(page).then(setText), [page]);
  return html`<figure class="pdf_page"><canvas ref=${canvas} aria-hidden="true" data-testid=${`paper-page-${number}`}></canvas>
    <figcaption class="visually_hidden">${t("paper.page", { number })}: ${text}</figcaption></figure>`;
}
