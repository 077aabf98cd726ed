// Beside the page: makes of a photograph what is handed in. Decoded upright, turned as asked, at most 2400 pixels, a
// JPEG without what the camera wrote into it (place, time, device); and measured for legibility.

import { LOOKED_AT, faultsOf, measure } from "./legibility.js";

const LONG_SIDE = 2400;
const QUALITY = 0.85;
const UNDECODABLE = "undecodable"; // this browser sees no picture in it; any other failure is the browser's own

self.onmessage = async ({ data: { id, blob, turns } }) => {
  try {
    self.postMessage({ id, ...(await prepare(blob, turns)) });
  } catch (error) {
    self.postMessage({ id, error: error.message });
  }
};

async function prepare(blob, turns) {
  const picture = await createImageBitmap(blob, { imageOrientation: "from-image" }).catch(() => { throw new Error(UNDECODABLE); });
  const longSide = Math.max(picture.width, picture.height);
  const canvas = drawn(picture, Math.min(1, LONG_SIDE / longSide), turns);
  const small = drawn(picture, Math.min(1, LOOKED_AT / longSide), 0);
  picture.close();
  const { width, height } = small;
  const faults = faultsOf({ ...measure(small.getContext("2d").getImageData(0, 0, width, height)), longSide });
  return { photo: await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY }), faults };
}

// `turns` quarter turns clockwise.
function drawn(picture, scale, turns) {
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const lying = turns % 2 === 1;
  const canvas = new OffscreenCanvas(lying ? height : width, lying ? width : height);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // under what is transparent
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((turns * Math.PI) / 2);
  context.drawImage(picture, -width / 2, -height / 2, width, height);
  return canvas;
}
