// The name of a chosen file as the server keeps it (proctor/text.py, `safe_name`), so that the page shows no other one before.

const MOST = 200;
const UNSEEN = /[\p{Cf}\u115f\u1160\u3164\uffa0\u2800]/gu; // marks and overrides of direction, zero-width spaces, what is drawn as nothing
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u2028\u2029/\\:*?"<>|]/g;

/** A file name without path, control characters or characters that are not seen, of 1 to 200 characters. */
export function safeName(name) {
  const cleaned = name.replace(UNSEEN, "").replace(UNSAFE, "_").replace(/^[ .]+|[ .]+$/g, "");
  return [...cleaned].slice(-MOST).join("") || "file";
}

/** The same file under that name. */
export function safelyNamed(file) {
  const name = safeName(file.name);
  return name === file.name ? file : new File([file], name, { type: file.type, lastModified: file.lastModified });
}
