// Checks the options of continued() and fills in defaults.

import { checkFunction, checkNames, refuse, whole } from '../options.ts';
import type { OptionNames } from '../options.ts';

/** The property that a value of the other codec must have to count as a fragment. */
export interface Fragment {
  readonly payload: Uint8Array;
}

/** Options of `continued`. */
export interface ContinuedOptions<P extends Fragment> {
  /** Function that returns whether more fragments of the same message follow this one. */
  readonly isMore: (fragment: P) => boolean;
  /**
   * Function that cuts the payload of a value into fragments and marks them. `isMore` must be true for every
   * fragment but the last. The payloads of the fragments must together be as long as the payload of the
   * value.
   */
  readonly split: (value: P) => Iterable<P>;
  /**
   * Function that returns whether a frame is a value of its own, even between two fragments, such as a
   * control frame. Default: no frame is.
   */
  readonly pass?: ((frame: P) => boolean) | undefined;
  /**
   * Function that returns whether a frame may come at this place. `first` is the first fragment of the
   * unfinished message, or `undefined` between two messages. Decode refuses a frame that does not fit with
   * ERR_FRAME_MALFORMED. Default: every frame fits.
   */
  readonly fits?: ((frame: P, first: P | undefined) => boolean) | undefined;
  /**
   * Maximum length of the payload of a value in bytes, all fragments together. Decode refuses a longer
   * payload with ERR_FRAME_TOO_LARGE, and encode refuses it with ERR_FRAME_UNENCODABLE. A frame for which
   * `pass` returns true has no limit in decode. Default 16 MiB.
   */
  readonly maxLength?: number | undefined;
  /**
   * Maximum number of fragments of one value. Decode refuses more fragments with ERR_FRAME_MALFORMED, and
   * encode refuses them with ERR_FRAME_UNENCODABLE. Default 4096.
   */
  readonly maxFragments?: number | undefined;
}

const NAMES = {
  isMore: true,
  split: true,
  pass: true,
  fits: true,
  maxLength: true,
  maxFragments: true,
} satisfies OptionNames<ContinuedOptions<Fragment>>;

const DEFAULT_MAX_LENGTH = 16 * 1024 * 1024;
const DEFAULT_MAX_FRAGMENTS = 4096;

/** The options with their defaults. */
export interface ResolvedContinued<P> {
  readonly isMore: (fragment: P) => boolean;
  readonly split: (value: P) => Iterable<P>;
  readonly pass: (frame: P) => boolean;
  readonly fits: (frame: P, first: P | undefined) => boolean;
  readonly maxLength: number;
  readonly maxFragments: number;
}

/** Checks the options and fills in defaults. Throws UsageError ERR_OPTION for a wrong codec or option. */
export function resolveContinued<P extends Fragment>(
  codec: unknown,
  options: ContinuedOptions<P>,
): ResolvedContinued<P> {
  if (typeof codec !== 'object' || codec === null || !('encode' in codec && 'decoder' in codec)) {
    refuse('continued needs the codec of its frames.', 'Such as lengthPrefixed({ … }).');
  }
  checkNames('continued', options, NAMES);
  const { isMore, split, pass = () => false, fits = () => true } = options;
  for (const [name, value] of Object.entries({ isMore, split, pass, fits })) {
    checkFunction(name, value);
  }
  const { maxLength = DEFAULT_MAX_LENGTH, maxFragments = DEFAULT_MAX_FRAGMENTS } = options;
  return {
    isMore,
    split,
    pass,
    fits,
    maxLength: whole('maxLength', maxLength),
    maxFragments: whole('maxFragments', maxFragments, { min: 1 }),
  };
}
