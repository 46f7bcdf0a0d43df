// Checks the options that every decoder takes. Without the check a misspelt `onSkip` would go unnoticed, and
// a frame that could be skipped would be fatal.

import { checkFunction, checkNames } from '../options.ts';
import type { OptionNames } from '../options.ts';
import type { DecoderOptions } from './codec.ts';

const NAMES = { onSkip: true, onNoise: true } satisfies OptionNames<DecoderOptions>;

/** Checks the options of a decoder and returns them. Throws UsageError ERR_OPTION for anything else. */
export function resolveDecoderOptions(options: DecoderOptions = {}): DecoderOptions {
  checkNames('decoder', options, NAMES);
  if (options.onSkip !== undefined) {
    checkFunction('onSkip', options.onSkip);
  }
  if (options.onNoise !== undefined) {
    checkFunction('onNoise', options.onNoise);
  }
  return options;
}
