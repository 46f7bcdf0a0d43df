// The error for a capture file that cannot be read further. It says what is wrong, and where in the file.

import { UsageError } from '../errors.ts';

interface CaptureErrorInit {
  /** Offset in the file, after decompression, of the block that is wrong. */
  readonly byteOffset: number;
  readonly hint?: string | undefined;
  readonly length?: number;
  readonly limit?: number;
}

export class CaptureError extends UsageError {
  readonly byteOffset: number;

  constructor(facts: string, { byteOffset, ...init }: CaptureErrorInit) {
    super('ERR_CAPTURE', `${facts} (byte ${byteOffset} of the capture).`, init);
    this.byteOffset = byteOffset;
  }
}
