// The types of the codecs that framing() makes from descriptions.

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

/** Name of one of the `formats`. */
export type FormatName = keyof typeof formats;

/** The codec of `messages`. */
export type MessagesCodec = MeasuringCodec<OutgoingMessage, Message<JsonObject, Bytes>>;

/** The codec of `continued`. */
export type ContinuedCodec = Codec<FrameParts, FrameParts<Bytes>>;

/** Type of the codec that `framing()` returns when the compiler does not know the description. */
export type AnyFramingCodec =
  ContinuedCodec | FrameCodec | PackingCodec<FrameParts, FrameParts<Bytes>> | MessagesCodec;

/**
 * A piece of a section, reduced to the part that decides the type of values. A number stays as it is, since a
 * number means bytes that the caller writes. Every other piece becomes `string`, since its bytes are no part
 * of a value.
 */
type PieceOf<P> = P extends number ? P : P extends undefined ? undefined : string;

type SectionOf<S> = S extends readonly unknown[]
  ? { readonly [K in keyof S]: PieceOf<S[K]> }
  : PieceOf<S>;

/** The options of a lengthPrefixed description that decide the type of its values. */
type ValueOptions<F> = {
  readonly [
    K in keyof F & ('prefix' | 'before' | 'after' | 'trailer' | 'deliver')
  ]: K extends 'deliver' ? F[K] : K extends 'prefix' ? PrefixOf<F[K]> : SectionOf<F[K]>;
};

/**
 * A prefix, reduced to the part that decides the type of values: if the prefix has a mask, values have a part
 * `flags`.
 */
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

/** The description that the name of a format stands for. A description stands for itself. */
export type Described<F> = F extends FormatName ? (typeof formats)[F] : F;

/** Type of the overrides of `framing()`: any options of the codec. The codec itself cannot be replaced. */
export type FramingOverrides<F> =
  Described<F> extends { readonly codec: infer Name extends FramingCodecName }
    ? Partial<Omit<FramingFor<Name>, 'codec'>> & LimitOf<FramingFor<Name>>
    : Partial<Omit<Framing, 'codec'>>;

/**
 * Adds the option `maxPayloadLength` to a codec that has `maxLength`, so that the same name limits the values
 * of every codec.
 */
type LimitOf<F> = 'maxLength' extends keyof F
  ? { readonly maxPayloadLength?: number | undefined }
  : unknown;

/** Type of the codec that `framing()` makes from a description or the name of a format, with overrides. */
export type FramingCodec<F, O = unknown> = CodecOf<Omit<Described<F>, keyof O> & O>;
