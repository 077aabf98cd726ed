// Reading a log: the server sends it in pieces of at most a megabyte, and each is told as it comes, so that the first
// sentences stand there while the rest is under way.
import { readable } from "../inspector/sentences.js";

/**
 * A function that reads on where it ended the last time, to the end of the log, and tells each piece to `onPiece`.
 * `wanted()`: whether somebody still looks. Called again while it reads, it goes on with the same reading.
 */
export function logReader(api, path, onPiece, wanted = () => true) {
  let after = 0;
  let reading = null;
  const read = async () => {
    let more = true;
    while (more && wanted()) {
      const piece = await api.get(`${path}?after=${after}`);
      more = piece.more;
      if (piece.events.length === 0 || !wanted()) return;
      after = piece.events.at(-1).seq;
      onPiece(readable(piece.events));
    }
  };
  return () => (reading ??= read().finally(() => {
    reading = null;
  }));
}
