// Files that the submission named and that lie on this computer, while another device has the place: nothing sends them from there.
// Whoever waits for the end here loses them, so it is said, with the way to go on.

/** `{files, until}` of what the server awaited as this page was opened and is not sent yet, null if nothing of it lies here. */
export function awaitedHere({ awaited: { awaited = [], awaited_until: until }, work, receipt, sitting }) {
  if (receipt.value && sitting.value) return null; // which says it
  const here = work.pending.value;
  const files = awaited.filter(({ file, name, bytes }) => here.some((one) => [one.awaited, one.file].includes(file) || (!one.awaited && one.name === name && one.bytes === bytes)));
  return files.length > 0 ? { files, until } : null;
}
