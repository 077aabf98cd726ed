// A camera for pages: the one at the back of a telephone, on a laptop the one there is, as sharp as it can be.
//
// It is opened beside the camera that is being recorded. Where the system lends only one camera at a time, a still of
// the recorded picture has to do; that it is small, the legibility check says.

const WANTED = { width: { ideal: 2560 }, height: { ideal: 1920 }, facingMode: { ideal: "environment" } };

/** `{stream, close}`. `recorded` is the stream that is being recorded, if one is. Throws as getUserMedia does. */
export async function openPageCamera(recorded = null) {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: WANTED });
    return { stream, close: () => stream.getTracks().forEach((track) => track.stop()) };
  } catch (error) {
    const usable = recorded?.getVideoTracks().some((track) => track.readyState === "live" && !track.muted);
    if (!usable) throw error;
    return { stream: recorded, close: () => {} };
  }
}

/** What a <video> shows now, as a JPEG. */
export async function still(video) {
  const canvas = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}
