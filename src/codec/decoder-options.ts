// Checks the options that every decoder takes. A misspelt `onSkip` would make a skippable frame fatal.

import { checkFunction, checkNames } from '../options.ts';
import type { OptionNames } from '../options.ts';
import type { DecoderOptions } from './codec.ts';

const NAMES = { onSkip: true, onNoise: true } satisfies OptionNames<DecoderOptions>;

/** Throws UsageError ERR_OPTION when these are not the options of a decoder. */
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
