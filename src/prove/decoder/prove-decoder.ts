// proveDecoder: gives a decoder the same bytes in ever new chunks. It looks for values or errors that depend
// on the chunks, for errors that are missing, and for costs that are too high. It works on a codec of this
// package and on other decoders in the shapes of DecoderTarget.
//
// Rule: nothing here loads fast-check before a proof is asked for. It is an optional peer dependency,
// and `unstick/testing` has much that does without it.

import { UsageError } from '../../errors.ts';
import { resolveProveDecoderOptions } from './options.ts';
import type { DecoderTarget, ProveDecoderOptions } from './options.ts';
import type * as Proof from './proof.ts';
import type { DecoderReport } from './report.ts';

/**
 * Proves a decoder: what it gives does not depend on where its input was cut, it reports what is missing, and
 * it pays for bytes and not for chunks. Resolves to a report: SAFE, BROKEN with the smallest chunks that were
 * found to show it, or INCONCLUSIVE. To throw unless it is SAFE, pass the report to `assertProven`.
 *
 * Rejects with UsageError ERR_OPTION for wrong options, for a target that it cannot
 * drive, and where fast-check is not installed. A target that decodes wrongly is BROKEN, and no error.
 */
export async function proveDecoder<In, Out>(
  target: DecoderTarget<In, Out>,
  options: ProveDecoderOptions<In, Out>,
): Promise<DecoderReport> {
  const resolved = resolveProveDecoderOptions(target, options);
  const { prove } = await loadProof();
  return prove(target, resolved);
}

async function loadProof(): Promise<typeof Proof> {
  try {
    return await import('./proof.ts');
  } catch (cause) {
    // Node, Bun and Deno have different codes for it, and all of them name the package.
    if (!(cause instanceof Error) || !cause.message.includes('fast-check')) {
      throw cause;
    }
    throw new UsageError(
      'ERR_OPTION',
      'proveDecoder needs the package fast-check, version 4, which is not installed.',
      { hint: 'Install it: npm install --save-dev fast-check@4', cause },
    );
  }
}
