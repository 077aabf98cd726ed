// Keeps the candidate's page on this computer, so that a reload works without the network.
//
// Network first: a page always gets the newest modules while there is a network, and the last ones without. Only the
// page itself is kept here; the paper and the answer are in IndexedDB (lib/store.js), and nothing under /api is
// ever kept. The list is complete: a test follows every import of the page.
//
// A page that was itself taken from here takes the rest from here too: it waits for a silent server once and not again
// at every level of its imports, and it is of one version when the server answers meanwhile. A page that came from the
// network waits once while the server is silent, and asks it again as soon as it answers for any of these files. Both hold as
// long as the worker runs: the browser ends one that nothing is asked of, and what comes to be needed later waits once more.

const CACHE = "candidate-1";
const NETWORK_WAIT_MS = 4000;
const SILENCE_MS = 10_000; // so long one silence stands for the next ones: modules follow one another within seconds
const PAGE = "/candidate";
const FILES = [
  PAGE, "/icon.svg", "/styles/base.css", "/styles/candidate.css",
  "/vendor/preact.mjs", "/vendor/preact-hooks.mjs", "/vendor/signals.mjs", "/vendor/signals-core.mjs",
  "/vendor/htm.mjs", "/vendor/idb.mjs", "/vendor/socket.io.mjs", "/vendor/tus.js",
  "/vendor/pdfjs/pdf.min.mjs", "/vendor/pdfjs/pdf.worker.min.mjs",
  "/lang/vi.js", "/lang/en.js", "/lang/ending_vi.js", "/lang/ending_en.js",
  "/lib/answers.js", "/lib/api.js", "/lib/capture.js", "/lib/device.js", "/lib/digest.js", "/lib/emitter.js", "/lib/file_name.js", "/lib/files.js", "/lib/html.js", "/lib/opening.js",
  "/lib/i18n.js", "/lib/in_app.js", "/lib/legibility.js", "/lib/media.js", "/lib/memory.js", "/lib/page_camera.js", "/lib/pages.js", "/lib/paper.js",
  "/lib/pdf.js", "/lib/photo.js", "/lib/photo_worker.js", "/lib/photos.js", "/lib/room.js", "/lib/round_trip.js",
  "/lib/sign_out.js", "/lib/still.js", "/lib/store.js", "/lib/time.js", "/lib/to_sign_out.js", "/lib/wake_lock.js",
  "/pages/candidate/after_the_end.js", "/pages/candidate/agreements.js", "/pages/candidate/answer_editor.js", "/pages/candidate/asked_again.js", "/pages/candidate/asked_elsewhere.js", "/pages/candidate/awaited_here.js", "/pages/candidate/briefings.js",
  "/pages/candidate/closing_lists.js", "/pages/candidate/conflict.js", "/pages/candidate/consent.js",
  "/pages/candidate/controller.js", "/pages/candidate/device_check.js", "/pages/candidate/diagnosis.js",
  "/pages/candidate/ending_texts.js", "/pages/candidate/entrance.js", "/pages/candidate/exam.js", "/pages/candidate/exam_work.js",
  "/pages/candidate/entrance_memory.js", "/pages/candidate/file_list.js", "/pages/candidate/handwriting.js", "/pages/candidate/held.js", "/pages/candidate/in_app.js", "/pages/candidate/kept_here.js", "/pages/candidate/last_minutes.js", "/pages/candidate/hand_over.js", "/pages/candidate/late_text.js", "/pages/candidate/leave.js", "/pages/candidate/lobby.js",
  "/pages/candidate/main.js", "/pages/candidate/materials.js", "/pages/candidate/messages.js", "/pages/candidate/misnamed.js", "/pages/candidate/own_camera.js", "/pages/candidate/page_memory.js",
  "/pages/candidate/paper_desk.js", "/pages/candidate/paper_view.js", "/pages/candidate/phone_dialog.js", "/pages/candidate/photo_booth.js",
  "/pages/candidate/photo_step.js", "/pages/candidate/photos_kept.js", "/pages/candidate/practice_link.js", "/pages/candidate/receipt.js", "/pages/candidate/remove_file.js", "/pages/candidate/same_name.js", "/pages/candidate/self_view.js",
  "/pages/candidate/sign_in.js", "/pages/candidate/signed_out.js", "/pages/candidate/signing_out.js", "/pages/candidate/staff.js", "/pages/candidate/stage.js", "/pages/candidate/stay.js", "/pages/candidate/submission.js", "/pages/candidate/submit.js", "/pages/candidate/superseded.js", "/pages/candidate/talk.js", "/pages/candidate/unsent_files.js", "/pages/candidate/unusual_files.js", "/pages/candidate/work.js",
  "/pages/shared/camera_dialog.js", "/pages/shared/dialog.js", "/pages/shared/hooks.js", "/pages/shared/icon.js", "/pages/shared/lazy.js",
  "/pages/shared/notice.js", "/pages/shared/overtaken.js", "/pages/shared/own_words.js", "/pages/shared/page_strip.js",
  "/pages/shared/signing_out.js", "/pages/shared/top_bar.js",
];
// Fonts and decoders that only some papers need: kept when they were once used.
const KEPT_WHEN_USED = "/vendor/pdfjs/";

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    // What the page has loaded beside is asked for once more, as the HTTP cache of the browser demands; the server says that it is
    // the newest (304), and no file comes twice.
    await cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (FILES.includes(pathname) || pathname.startsWith(KEPT_WHEN_USED)) event.respondWith(networkFirst(event, pathname));
});

// Known while the worker runs; one that begins anew waits once more.
const keptPages = new Set(); // the clients whose page was taken from here
let answeredAt = -Infinity; // when the server last answered for any of the files, as performance.now()
let silentAt = -Infinity; // when it was last waited for in vain

const isSilent = () => silentAt > answeredAt && performance.now() - silentAt < SILENCE_MS;

// The kept copy answers when the network fails or is silent for too long; the network's answer is kept when it comes.
async function networkFirst(event, pathname) {
  const cache = await caches.open(CACHE);
  const askedAt = performance.now();
  const fromNetwork = fetch(event.request).then(async (response) => {
    answeredAt = performance.now();
    if (response.ok) await cache.put(pathname, response.clone());
    return response;
  });
  event.waitUntil(fromNetwork.catch(() => {}));
  const kept = await cache.match(pathname);
  if (!kept) return fromNetwork;
  const isPage = event.request.mode === "navigate"; // always asked for: what is begun anew is to be the newest
  if (!isPage && (keptPages.has(event.clientId) || isSilent())) return kept;
  let timer;
  const silence = new Promise((resolve) => {
    timer = setTimeout(() => {
      if (answeredAt < askedAt) silentAt = performance.now(); // else only this file is slow
      resolve(kept);
    }, NETWORK_WAIT_MS);
  });
  const answer = await Promise.race([fromNetwork.catch(() => kept), silence]);
  clearTimeout(timer);
  if (isPage && answer === kept) keptPages.add(event.resultingClientId);
  return answer;
}
