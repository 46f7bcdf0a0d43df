// proveDecoder delivers the same bytes to a decoder in ever new chunks. It looks for values or errors that
// depend on the chunks, for errors that are missing, and for costs that are too high. It works on a codec of
// this package and on other decoders in the shapes of DecoderTarget.
//
// Rule: this file loads fast-check only when a proof is asked for. fast-check is an optional peer dependency,
// and much of `unstick/testing` works without it.

import { UsageError } from '../../errors.ts';
import { resolveProveDecoderOptions } from './options.ts';
import type { DecoderTarget, ProveDecoderOptions } from './options.ts';
import type * as Proof from './proof.ts';
import type { DecoderReport } from './report.ts';

/**
 * Proves three things of a decoder. Its values and errors do not depend on where the input was cut. It
 * reports input that ends inside a frame. Its time and memory follow the bytes, and not the chunks. Resolves
 * to a report with the verdict SAFE, BROKEN (with the smallest chunks that were found to show a fault) or
 * INCONCLUSIVE. To throw unless the verdict is SAFE, pass the report to `assertProven`.
 *
 * Rejects with UsageError ERR_OPTION for wrong options, for a target that it cannot drive, and where
 * fast-check is not installed. For a target that decodes wrongly it does not reject, but resolves to a report
 * of BROKEN.
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
    // Node, Bun and Deno have different codes for a missing package, but all their messages name the package,
    // so look at the message.
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
