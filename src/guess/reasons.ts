// Puts the evidence for a guess into words.

import { lengthsOf } from './chain.ts';
import type { FoundChecksum } from './checksum-search.ts';
import type { Finding } from './search.ts';
import { quantity } from '../text.ts';

export function reasonsFor(
  finding: Finding,
  checksum: FoundChecksum | undefined,
  formats: readonly string[],
): string[] {
  const lengths = finding.fits.flatMap(({ chain }) => lengthsOf(chain));
  const steady = Math.min(...finding.fits.map(({ evidence }) => evidence.steady));
  const isConstant = lengths.length > 1 && lengths.every((length) => length === lengths[0]);
  return [
    `${lengths.length} frames of ${range(lengths)}`,
    ...cutReason(finding),
    ...(steady > 0
      ? [`${steady} of the first 16 bytes of a frame mostly have the same value`]
      : []),
    ...(checksum === undefined ? [] : [`each frame ends with ${checksum.checksum}`]),
    ...(formats.length > 1 ? [`the framing of ${formats.join(', ')}`] : []),
    ...(isConstant
      ? ['all frames have one length, so the number that says it cannot be told']
      : []),
  ];
}

function cutReason({ fits }: Finding): string[] {
  const hits = fits.reduce((sum, { evidence }) => sum + evidence.cutHits[0], 0);
  const of = fits.reduce((sum, { evidence }) => sum + evidence.cutHits[1], 0);
  return of === 0 ? [] : [`${hits} of ${of} chunks end where a frame ends`];
}

function range(lengths: readonly number[]): string {
  const shortest = Math.min(...lengths);
  const longest = Math.max(...lengths);
  return shortest === longest ? quantity(shortest, 'byte') : `${shortest} to ${longest} bytes`;
}
