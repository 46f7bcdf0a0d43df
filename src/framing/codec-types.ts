// Types of the codecs that descriptions give.

import type { Bytes } from '../codec/byte-types.ts';
import type { Codec, FrameCodec, MeasuringCodec, PackingCodec } from '../codec/codec.ts';
import type { formats } from '../codec/formats/formats.ts';
import type { Framing, FramingCodecName, FramingFor } from '../codec/formats/framing-types.ts';
import type { LengthPrefixedOptions } from '../codec/frame-layout.ts';
import type { CodecFor, FrameParts } from '../codec/frame-parts.ts';
import type { MaskedField } from '../codec/length-field.ts';
import type { LengthPrefix } from '../codec/prefixes.ts';
import type { JsonObject } from '../message/json-header.ts';
import type { Message, OutgoingMessage } from '../message/messages.ts';

/** Name of a row of `formats`. */
export type FormatName = keyof typeof formats;

/** The codec of `messages`. */
export type MessagesCodec = MeasuringCodec<OutgoingMessage, Message<JsonObject, Bytes>>;

/** The codec of `continued`. */
export type ContinuedCodec = Codec<FrameParts, FrameParts<Bytes>>;

/** What `framing()` gives for a description that only the run time knows. */
export type AnyFramingCodec =
  ContinuedCodec | FrameCodec | PackingCodec<FrameParts, FrameParts<Bytes>> | MessagesCodec;

/** A piece of a section as far as it decides the type of values: a number is bytes of the caller. */
type PieceOf<P> = P extends number ? P : P extends undefined ? undefined : string;

type SectionOf<S> = S extends readonly unknown[]
  ? { readonly [K in keyof S]: PieceOf<S[K]> }
  : PieceOf<S>;

/** The options of lengthPrefixed() that decide the type of its values. */
type ValueOptions<F> = {
  readonly [
    K in keyof F & ('prefix' | 'before' | 'after' | 'trailer' | 'deliver')
  ]: K extends 'deliver' ? F[K] : K extends 'prefix' ? PrefixOf<F[K]> : SectionOf<F[K]>;
};

/** A prefix as far as it decides the type of values: a mask makes a part `flags`. */
type PrefixOf<P> = P extends { readonly mask: string } ? MaskedField : LengthPrefix;

type CodecOf<F> = F extends { readonly codec: 'lengthPrefixed' }
  ? ValueOptions<F> extends infer O extends LengthPrefixedOptions
    ? CodecFor<O>
    : never
  : F extends { readonly codec: 'messages' }
    ? MessagesCodec
    : F extends { readonly codec: 'continued' }
      ? ContinuedCodec
      : FrameCodec;

/** The description that a name stands for. */
export type Described<F> = F extends FormatName ? (typeof formats)[F] : F;

/** Options that may be given beside a description. */
export type FramingOverrides<F> =
  Described<F> extends { readonly codec: infer Name extends FramingCodecName }
    ? Partial<Omit<FramingFor<Name>, 'codec'>> & LimitOf<FramingFor<Name>>
    : Partial<Omit<Framing, 'codec'>>;

/** The limit of a payload has one name for all codecs that have one, also where theirs is `maxLength`. */
type LimitOf<F> = 'maxLength' extends keyof F
  ? { readonly maxPayloadLength?: number | undefined }
  : unknown;

/** Type of the codec for a description or the name of a format, with overrides. */
export type FramingCodec<F, O = unknown> = CodecOf<Omit<Described<F>, keyof O> & O>;
