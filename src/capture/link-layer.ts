// Finds where the IP packet begins in a captured packet, for each link layer.
//
// To add a link layer, add a row to LINK_LAYERS: a function that finds the IP packet.

/**
 * Results in place of an offset. NO_IP: the packet holds another protocol. UNKNOWN_LINK: the table has no row
 * for the link layer.
 */
const NO_IP = -1;
export const UNKNOWN_LINK = -2;

type FindNetwork = (bytes: Uint8Array) => number;

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const PPPOE_SESSION = 0x8864;
/** Type numbers of the tags of virtual networks (VLANs). A packet may have several tags. */
const VLANS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;
/** Largest value at which the type field holds a length. The type is then in the next header. */
const LONGEST_8023 = 1500;
/** Header of logical link control (LLC) behind which a type follows. */
const SNAP: readonly number[] = [0xaa, 0xaa, 0x03, 0, 0, 0];

const ETHERNET_TYPE_AT = 12;
const SLL_TYPE_AT = 14;
const SLL2_HEADER_LENGTH = 20;

/**
 * For each link layer, by its number, a function that finds the IP packet. The names in the comments are
 * those of tcpdump.org.
 */
const LINK_LAYERS: ReadonlyMap<number, FindNetwork> = new Map<number, FindNetwork>([
  // NULL and LOOP: 4 bytes with the address family, which depends on the host. The IP packet has its version.
  [0, () => 4],
  [108, () => 4],
  // EN10MB is Ethernet.
  [1, (bytes) => behindType(bytes, ETHERNET_TYPE_AT)],
  // RAW (12 and 14 are numbers that some systems wrote for it), IPV4 and IPV6 begin with the IP packet.
  [12, () => 0],
  [14, () => 0],
  [101, () => 0],
  [228, () => 0],
  [229, () => 0],
  // LINUX_SLL has the type at the end of its header.
  [113, (bytes) => behindType(bytes, SLL_TYPE_AT)],
  // LINUX_SLL2 has the type in its first field, and what the type announces behind its header.
  [276, (bytes) => behindTags(bytes, read16(bytes, 0), SLL2_HEADER_LENGTH)],
]);

/** Returns the offset of the IP packet in a captured packet, or NO_IP or UNKNOWN_LINK if there is none. */
export function networkStart(linkType: number, bytes: Uint8Array): number {
  const find = LINK_LAYERS.get(linkType);
  return find === undefined ? UNKNOWN_LINK : find(bytes);
}

/** Returns the offset behind a type field and all tags that it announces, or NO_IP if the type is not IP. */
function behindType(bytes: Uint8Array, typeAt: number): number {
  let at = typeAt;
  let type = read16(bytes, at);
  if (type <= LONGEST_8023 && SNAP.every((byte, i) => bytes[at + 2 + i] === byte)) {
    at += 2 + SNAP.length;
    type = read16(bytes, at);
  }
  return behindTags(bytes, type, at + 2);
}

/** Returns the offset behind all tags that `type` announces at `at`, or NO_IP if no IP packet follows. */
function behindTags(bytes: Uint8Array, type: number, at: number): number {
  let next = type;
  let nextAt = at;
  while (VLANS.has(next) && nextAt + 4 <= bytes.length) {
    next = read16(bytes, nextAt + 2);
    nextAt += 4;
  }
  if (next !== PPPOE_SESSION) {
    return isIp(next) ? nextAt : NO_IP;
  }
  const protocol = read16(bytes, nextAt + 6);
  return protocol === PPP_IPV4 || protocol === PPP_IPV6 ? nextAt + 8 : NO_IP;
}

function isIp(type: number): boolean {
  return type === IPV4 || type === IPV6;
}

/** Reads the number in two bytes at an offset. Bytes behind the end count as zeros, and zero is no type. */
function read16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
