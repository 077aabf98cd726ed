// SHA-256 of texts and files, as the server writes it: lower-case hexadecimal.

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const digest = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));

/** Of a text in UTF-8. */
export const sha256OfText = (text) => digest(new TextEncoder().encode(text));

/** Of a File or Blob. */
export const sha256OfFile = async (file) => digest(await file.arrayBuffer());
