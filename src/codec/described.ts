// The hint for an option that is a name or JSON where a codec takes a value: a row of `formats`, or another
// description. Codecs resolve no names, so that a bundle holds only what its program imports.

export const DESCRIBED_HINT = 'framing() of unstick/formats takes descriptions with names in them.';
