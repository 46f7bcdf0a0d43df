// Checks the id of a device. An id becomes a token of a subject and a key of a store, so its alphabet is
// narrow: a remote that chose it freely could publish on the subject of another device, or subscribe with
// wildcards.

const DEVICE_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether the text is an id: 1 to 64 of the characters A–Z, a–z, 0–9, `_` and `-`. */
export function isDeviceId(text: unknown): text is string {
  return typeof text === 'string' && DEVICE_ID.test(text);
}
