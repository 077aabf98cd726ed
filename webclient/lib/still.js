// One still out of a stream that is running, without a <video> on the page; and whether it is dark or blurred.
//
// The limits are those of proctor/analysis/picture.py, where the still that is kept is measured again: this one only lets
// the page say at once that somebody sits in the dark.
import { measure } from "./legibility.js";

export const DARK_BELOW = 45; // mean luma, 0 to 255
export const BLURRED_BELOW = 25; // variance of the Laplacian at 640 pixels
const LONG_SIDE = 640;

const videos = new WeakMap(); // stream -> its <video>, which goes when the stream does

/** `{blob, dark, blurred}`; null while there is no picture. */
export async function still(stream) {
  let video = videos.get(stream);
  if (!video) {
    videos.set(stream, video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, srcObject: stream }));
    await video.play().catch(() => {}); // refused while nothing was touched: the picture is there a little later, or never
  }
  const { videoWidth: width, videoHeight: height } = video;
  if (!width) return null;
  const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  const { brightness, sharpness } = measure(context.getImageData(0, 0, canvas.width, canvas.height));
  return {
    blob: await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 }), dark: brightness < DARK_BELOW,
    blurred: brightness >= DARK_BELOW && sharpness < BLURRED_BELOW,
  };
}
