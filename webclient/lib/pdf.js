// Drawing a PDF with pdf.js, loaded only when there is one to draw. Parsing runs in pdf.js's own worker.

const VENDOR = "/vendor/pdfjs";
const MOST_PIXELS = 8_000_000; // of one page's canvas; phones fail silently on larger ones

// One empty page, drawn ahead: the worker's start and the first run of its code take most of a second.
const EMPTY = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
  + "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF";

let loading = null;
let failures = 0;

/** Load pdf.js, its worker and its drawing code ahead, so that the release does not wait for them. Rejects when they
 * cannot be loaded; asked again, it tries anew. */
export function preload() {
  loading ??= start().catch((error) => {
    loading = null;
    failures += 1;
    throw error;
  });
  return loading;
}

async function start() {
  // A module that could not be loaded is not asked for again by the same address; nor is a worker by pdf.js itself.
  const pdfjs = await (failures ? import(`${VENDOR}/pdf.min.mjs?${failures}`) : import("/vendor/pdfjs/pdf.min.mjs"));
  const port = new Worker(`${VENDOR}/pdf.worker.min.mjs`, { type: "module" });
  const broken = new Promise((_, reject) => { port.onerror = () => reject(new Error("the worker of pdf.js could not be loaded")); });
  try {
    const loaded = { pdfjs, worker: new pdfjs.PDFWorker({ port }) };
    await Promise.race([drawEmpty(loaded), broken]);
    return loaded;
  } catch (error) {
    port.terminate();
    throw error;
  }
}

async function drawEmpty(loaded) {
  const pdf = await open(loaded, new TextEncoder().encode(EMPTY));
  const page = await pdf.getPage(1);
  await page.render({ canvas: document.createElement("canvas"), viewport: page.getViewport({ scale: 1 }) }).promise;
  await pdf.loadingTask.destroy();
}

/** Open a document. `bytes` is handed over to the worker: pass a copy if it is needed again. */
export async function openPdf(bytes) {
  return open(await preload(), bytes);
}

function open({ pdfjs, worker }, bytes) {
  return pdfjs.getDocument({
    data: bytes, worker, isEvalSupported: false, enableXfa: false, verbosity: pdfjs.VerbosityLevel.ERRORS,
    standardFontDataUrl: `${VENDOR}/standard_fonts/`, wasmUrl: `${VENDOR}/wasm/`,
  }).promise;
}

/** Draw one page at `width` CSS pixels into `canvas`. Returns a function that abandons the drawing. */
export function drawPage(page, canvas, width, onDone) {
  const natural = page.getViewport({ scale: 1 });
  const scale = width / natural.width;
  const height = natural.height * scale;
  const density = Math.min(devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / (width * height)));
  canvas.width = Math.floor(width * density);
  canvas.height = Math.floor(height * density);
  canvas.style.width = `${Math.floor(width)}px`;
  canvas.style.height = `${Math.floor(height)}px`;
  const task = page.render({ canvas, viewport: page.getViewport({ scale: scale * density }) });
  task.promise.then(onDone, () => {}); // an abandoned drawing rejects, which is what was asked for
  return () => task.cancel();
}

/** The words of a page, for people who read with a screen reader. */
export async function pageText(page) {
  const { items } = await page.getTextContent();
  return items.map((item) => item.str + (item.hasEOL ? "\n" : " ")).join("");
}
