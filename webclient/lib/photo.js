// A photograph out of a running camera, as a JPEG.

const QUALITY = 0.9;

/** The picture that `video` shows now, as a Blob; unmirrored, whatever the page shows. Throws when there is none yet. */
export async function photograph(video) {
  const { videoWidth: width, videoHeight: height } = video;
  if (!width) throw Object.assign(new Error("no_picture"), { code: "no_picture" });
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}
